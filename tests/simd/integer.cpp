// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/parallel.hpp>
#include <lnn/core/random.hpp>
#include <lnn/luna/kernels.hpp>
#include <lnn/simd/kernels.hpp>
#include <lnn/tensor/quantized.hpp>

namespace test_integer {

using lnn::dtype;
using lnn::integer_tensor;

namespace {

int pick(lnn::random& draw, int least, int most) {
  return least + static_cast<int>(draw.below(static_cast<std::uint32_t>(most - least + 1)));
}

integer_tensor bytes(lnn::random& draw, const lnn::shape& dims) {
  integer_tensor t(dtype::int8, dims, 4);
  for (std::size_t i = 0; i < t.size(); ++i)
    t.as<std::int8_t>()[i] = static_cast<std::int8_t>(draw.below(9) == 0 ? -128 : static_cast<int>(draw.below(256)) - 128);
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

}  // namespace

TEST_CASE("multiply: equal to the reference for few rows and many, whatever the number of threads") {
  lnn::random draw(51);
  constexpr dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  constexpr lnn::accumulator rules[] = {lnn::accumulator::clamp_with_bias, lnn::accumulator::clamp_before_bias,
                                        lnn::accumulator::exact};
  for (int round = 0; round < 240; ++round) {
    const int rows = round % 20 + 1, in = round % 40 == 0 ? 300 : pick(draw, 1, 70), out = round % 40 == 0 ? 260 : pick(draw, 1, 70);
    const integer_tensor x = bytes(draw, {rows, in}), weight = bytes(draw, {out, in});
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

}  // namespace test_integer
