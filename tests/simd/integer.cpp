// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/parallel.hpp>
#include <lnn/core/random.hpp>
#include <lnn/core/window.hpp>
#include <lnn/luna/kernels.hpp>
#include <lnn/simd/kernels.hpp>
#include <lnn/tensor/quantized.hpp>
#include <limits>
#include <vector>

namespace test_integer {

using lnn::dtype;
using lnn::integer_tensor;

namespace {

int pick(lnn::random& draw, int least, int most) {
  return least + static_cast<int>(draw.below(static_cast<std::uint32_t>(most - least + 1)));
}

/// Any numbers of a type, often its least and its greatest, and those whose lower bytes are.
integer_tensor any(lnn::random& draw, dtype type, const lnn::shape& dims) {
  integer_tensor t(type, dims, 4);
  lnn::with_element(type, [&](auto element) {
    using T = decltype(element);
    for (std::size_t i = 0; i < t.size(); ++i) {
      const auto v = static_cast<T>(draw.next());
      const std::uint32_t kind = draw.below(12);
      t.as<T>()[i] = kind == 0 ? std::numeric_limits<T>::min() : kind == 1 ? std::numeric_limits<T>::max() : kind == 2 ? static_cast<T>(v & ~255) : kind == 3 ? static_cast<T>(v | 255) : v;
    }
  });
  return t;
}

struct watched {
  integer_tensor y;
  std::vector<std::uint8_t> pass;
  float lowest = 0, highest = 0;
  bool operator==(const watched&) const = default;
};

template <class Kernels>
watched product(const integer_tensor& x, const integer_tensor& weight, const std::vector<std::int32_t>& bias, dtype type,
                       int shift, lnn::accumulator rule, int threads) {
  const int rows = x.dims()[0], out = weight.dims()[0];
  watched result{integer_tensor(type, {rows, out}, 3), std::vector<std::uint8_t>(static_cast<std::size_t>(rows * out))};
  const bool relu = shift % 3 == 0;
  lnn::tap watch{.pass = result.pass.data(), .open = {relu ? 1 : -100, 101}};
  lnn::pool workers(threads);
  Kernels::multiply({.rows = rows, .in = x.dims()[1], .out = out, .x = x.access(), .weight = weight.access(),
                     .bias = bias.empty() ? nullptr : bias.data()},
                    lnn::luna::requantizer{.out = result.y.access(), .shift = shift, .relu = relu, .rule = rule, .watch = shift % 2 == 0 ? &watch : nullptr},
                    workers);
  result.lowest = watch.lowest, result.highest = watch.highest;
  return result;
}

constexpr dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
constexpr lnn::accumulator rules[] = {lnn::accumulator::clamp_with_bias, lnn::accumulator::clamp_before_bias, lnn::accumulator::exact};

template <class Kernels>
watched convolved(const lnn::luna::convolution& c, dtype type, int shift, bool in_float, lnn::accumulator rule, int threads) {
  const lnn::shape dims{c.images, c.channels_out, c.window.out.h, c.window.out.w};
  watched result{integer_tensor(type, dims, c.x.exponent + c.weight.exponent - shift), std::vector<std::uint8_t>(dims.size())};
  lnn::tap watch{.pass = result.pass.data(), .open = {shift % 3 == 0 ? 1 : -100, 101}};  // 1: behind a relu
  lnn::pool workers(threads);
  Kernels::convolve(c, lnn::luna::requantizer{.out = result.y.access(), .shift = shift, .relu = shift % 3 == 0, .rule = rule,
                                              .watch = shift % 2 == 0 && !in_float ? &watch : nullptr, .in_float = in_float}, workers);
  result.lowest = watch.lowest, result.highest = watch.highest;
  return result;
}

}  // namespace

TEST_CASE("multiply: equal to the reference for few rows and many, whatever the number of threads") {
  lnn::random draw(51);
  for (int round = 0; round < 240; ++round) {
    const int rows = round % 20 + 1, in = round % 40 == 0 ? 300 : pick(draw, 1, 70), out = round % 40 == 0 ? 260 : pick(draw, 1, 70);
    const integer_tensor x = any(draw, dtype::int8, {rows, in}), weight = any(draw, dtype::int8, {out, in});
    std::vector<std::int32_t> bias(round % 4 == 0 ? 0 : static_cast<std::size_t>(out));
    const bool wild = round % 3 == 0;
    for (std::int32_t& b : bias) b = wild && draw.below(20) == 0 ? INT32_MAX : static_cast<std::int32_t>(draw.next()) >> pick(draw, 0, 20);
    const dtype type = types[pick(draw, 0, 2)];
    const int shift = pick(draw, 0, 12);
    const lnn::accumulator rule = rules[pick(draw, 0, 2)];
    const watched wanted = product<lnn::luna::kernels>(x, weight, bias, type, shift, rule, 1);
    CAPTURE(rows);
    CAPTURE(in);
    CAPTURE(out);
    CHECK(product<lnn::simd::kernels>(x, weight, bias, type, shift, rule, 1) == wanted);
    CHECK(product<lnn::simd::kernels>(x, weight, bias, type, shift, rule, 3) == wanted);
  }
}

TEST_CASE("multiply: integers of 16 and 32 bits as the reference has them") {
  lnn::random draw(52);
  for (int round = 0; round < 300; ++round) {
    const dtype of_x = types[round % 3], of_weight = types[round / 3 % 3];
    const int rows = pick(draw, 1, 20), in = round % 50 == 0 ? 1000 : pick(draw, 1, 70), out = round % 40 == 0 ? 200 : pick(draw, 1, 40);
    const integer_tensor x = any(draw, of_x, {rows, in}), weight = any(draw, of_weight, {out, in});
    std::vector<std::int32_t> bias(round % 4 == 0 ? 0 : static_cast<std::size_t>(out));
    for (std::int32_t& b : bias) b = static_cast<std::int32_t>(draw.next()) >> pick(draw, 0, 20);
    const dtype type = types[pick(draw, 0, 2)];
    const int shift = pick(draw, 0, 40);
    const lnn::accumulator rule = rules[pick(draw, 0, 2)];
    CAPTURE(round);
    const watched wanted = product<lnn::luna::kernels>(x, weight, bias, type, shift, rule, 1);
    CHECK(product<lnn::simd::kernels>(x, weight, bias, type, shift, rule, 1) == wanted);
    CHECK(product<lnn::simd::kernels>(x, weight, bias, type, shift, rule, 3) == wanted);
  }
}

TEST_CASE("convolve: integers of every width as the reference has them") {
  lnn::random draw(53);
  for (int round = 0; round < 300; ++round) {
    const dtype of_x = types[round % 3], of_weight = types[round / 3 % (of_x == dtype::int32 ? 2 : 3)];  // sums are of 64 bits
    const int groups = pick(draw, 1, 3), deep = round % 5 == 0 ? 1 : pick(draw, 1, 9), wide = round % 5 == 0 ? 1 : pick(draw, 1, 9);
    const lnn::extent2 kernel{pick(draw, 1, 3), pick(draw, 1, 3)}, in{pick(draw, 3, 12), pick(draw, 3, 12)};
    lnn::luna::convolution c{.window = lnn::window2::over(in, kernel, {pick(draw, 1, 2), pick(draw, 1, 2)}, pick(draw, 0, 1)),
                             .images = pick(draw, 1, 3), .channels_in = groups * deep, .channels_out = groups * wide, .groups = groups};
    const integer_tensor x = any(draw, of_x, {c.images, c.channels_in, in.h, in.w});
    const integer_tensor weight = any(draw, of_weight, {c.channels_out, deep, kernel.h, kernel.w});
    std::vector<std::int32_t> bias(static_cast<std::size_t>(c.channels_out));
    for (std::int32_t& b : bias) b = static_cast<std::int32_t>(draw.next()) >> pick(draw, 0, 20);
    c.x = x.access(), c.weight = weight.access(), c.bias = round % 4 == 0 ? nullptr : bias.data();
    const dtype type = types[pick(draw, 0, 2)];
    const int shift = pick(draw, 0, 24);
    const bool in_float = round % 7 == 0 && type == dtype::int8;
    const lnn::accumulator rule = rules[pick(draw, 0, 2)];
    CAPTURE(round);
    const watched wanted = convolved<lnn::luna::kernels>(c, type, shift, in_float, rule, 1);
    CHECK(convolved<lnn::simd::kernels>(c, type, shift, in_float, rule, 1) == wanted);
    CHECK(convolved<lnn::simd::kernels>(c, type, shift, in_float, rule, 3) == wanted);
  }
}

}  // namespace test_integer
