// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "textbook.hpp"

namespace test_avg_pool2d {

using lnn::avg_pool2d;
using namespace textbook;

namespace {

/// Decision 4 of engine_defects.md for a sum that has been clamped as the chip does; the division itself is proven
/// against recorded figures elsewhere.
wide::number average(std::int64_t sum, int area, int q_x, int q_o) {
  if (std::has_single_bit(static_cast<unsigned>(area)))
    return wide::half_up(sum, std::countr_zero(static_cast<unsigned>(area)) + q_x - q_o);
  const auto s = static_cast<std::int32_t>(sum);
  if (q_o >= q_x) return lnn::luna::divide(s, area, q_o - q_x);
  return wide::half_up(lnn::luna::divide(s, area, 0), q_x - q_o);
}

void check_case(const avg_pool2d& op, const integer_tensor& x, int q_o, dtype type, const lnn::chip& on,
                int sum_bits) {
  const shape in = x.dims(), dims = result(op, {in});
  const integer_tensor y = run(op, {x}, dims, type, q_o, on);
  const lnn::extent2 kernel = op.whole() ? lnn::extent2{in[2], in[3]} : op.kernel;
  std::size_t at = 0;
  for (int plane = 0; plane < dims[0] * dims[1]; ++plane)
    for (int i = 0; i < dims[2]; ++i)
      for (int j = 0; j < dims[3]; ++j) {
        std::int64_t sum = 0;
        for (int p = 0; p < kernel.h; ++p)
          for (int q = 0; q < kernel.w; ++q) {
            const int row = i * op.stride.h - op.pad.top + p, column = j * op.stride.w - op.pad.left + q;
            if (row < 0 || row >= in[2] || column < 0 || column >= in[3]) continue;
            sum += get(x, static_cast<std::size_t>((plane * in[2] + row) * in[3] + column));
          }
        sum = static_cast<std::int64_t>(wide::clamp(sum, sum_bits));
        REQUIRE(get(y, at++) ==
                wide::clamp(average(sum, kernel.h * kernel.w, x.exponent(), q_o), bits(type)));
      }
}

integer_tensor full(const shape& dims, std::int64_t v) {
  integer_tensor t(dtype::int8, dims, 4);
  for (std::size_t i = 0; i < t.size(); ++i) set(t, i, v);
  return t;
}

}  // namespace

TEST_CASE("avg_pool2d: integers equal the definition on random geometry") {
  lnn::random draw(701);
  for (int done = 0; done < 300;) {
    avg_pool2d op{.kernel = {pick(draw, 1, 5), pick(draw, 1, 5)},
                  .stride = {pick(draw, 1, 4), pick(draw, 1, 4)},
                  .pad = {pick(draw, 0, 3), pick(draw, 0, 3), pick(draw, 0, 3), pick(draw, 0, 3)},
                  .ceil_mode = pick(draw, 0, 1) == 1};
    if (pick(draw, 0, 4) == 0) op = avg_pool2d::global();
    const shape x{pick(draw, 1, 2), pick(draw, 1, 4), pick(draw, 1, 9), pick(draw, 1, 17)};
    if (!refusal(op, {x}).empty()) continue;
    ++done;
    const dtype out = done % 5 == 0 ? dtype::int16 : dtype::int8;
    check_case(op, noise(draw, dtype::int8, x, 4), pick(draw, 2, 7), out, lnn::venus, 16);
    check_case(op, noise(draw, done % 3 == 0 ? dtype::int16 : dtype::int8, x, 4), pick(draw, 2, 7), out,
               lnn::arcs, 32);
    check_case(op, noise(draw, done % 3 == 0 ? dtype::int32 : dtype::int8, x, 4), 4, dtype::int32,
               lnn::venusA, 32);
  }
}

// decision 8 of engine_defects.md; luna_ops.md 3.18 and 8
TEST_CASE("avg_pool2d: VENUS keeps large sums in 16 bits, except where its engine multiplies by ones in 32") {
  const avg_pool2d wide_window{.kernel = {17, 17}, .stride = {1, 1}};
  const avg_pool2d wide_power{.kernel = {32, 16}, .stride = {1, 1}};
  for (const std::int64_t v : {127, -128}) {
    check_case(wide_window, full({1, 1, 18, 18}, v), 4, dtype::int8, lnn::venus, 16);
    check_case(wide_power, full({1, 1, 33, 17}, v), 4, dtype::int8, lnn::venus, 16);
    check_case(avg_pool2d::global(), full({1, 1, 32, 32}, v), 4, dtype::int8, lnn::venus, 16);
    check_case(avg_pool2d::global(), full({1, 1, 17, 17}, v), 4, dtype::int8, lnn::venus, 32);  // divided
    check_case(avg_pool2d::global(), full({1, 64, 64, 32}, v), 4, dtype::int8, lnn::venus,
               32);  // above 64 KiB
    check_case(wide_power, full({1, 1, 33, 17}, v), 4, dtype::int8, lnn::arcs, 32);
  }
}

// quantization.md 5.8
TEST_CASE("avg_pool2d: divisors of training") {
  lnn::random draw(702);
  const avg_pool2d all{.kernel = {3, 3}, .stride = {1, 1}, .pad = 1};
  avg_pool2d valid = all, own = all;
  valid.count_include_pad = false;
  own.divisor_override = 5;
  const integer_tensor x = noise(draw, dtype::int8, {1, 1, 3, 4}, 4);
  const shape dims = result(all, {x.dims()});
  const integer_tensor sums = run(avg_pool2d{.kernel = {3, 3}, .stride = {1, 1}, .pad = 1, .divisor_override = 1}, {x}, dims,
                                  dtype::int32, 4, lnn::arcs);
  const integer_tensor y = run(valid, {x}, dims, dtype::int8, 4, lnn::arcs), z = run(own, {x}, dims, dtype::int8, 4, lnn::arcs);
  const int taps[] = {4, 6, 6, 4, 6, 9, 9, 6, 4, 6, 6, 4};
  for (std::size_t i = 0; i < 12; ++i) {
    CHECK(get(y, i) == average(get(sums, i), taps[i], 4, 4));
    CHECK(get(z, i) == average(get(sums, i), 5, 4, 4));
  }
  for (const lnn::chip* on : lnn::chips) {
    CHECK_FALSE(breaks(all, {x.dims()}, *on, avg_pool2d::engine_divisor));
    CHECK(breaks(valid, {x.dims()}, *on, avg_pool2d::engine_divisor));
    CHECK(breaks(own, {x.dims()}, *on, avg_pool2d::engine_divisor));
    avg_pool2d harmless = valid;
    harmless.pad = 0;
    CHECK_FALSE(breaks(harmless, {x.dims()}, *on, avg_pool2d::engine_divisor));
    own.divisor_override = 9;
    CHECK_FALSE(breaks(own, {x.dims()}, *on, avg_pool2d::engine_divisor));
    own.divisor_override = 5;
  }
}

TEST_CASE("avg_pool2d: shapes that do not fit are refused in a sentence") {
  const shape x{1, 2, 6, 6};
  CHECK(refusal(avg_pool2d{}, {shape{2, 6, 6}}) == "it: rank of the input 3 must be 4; give it [n, c, h, w]");
  CHECK(refusal(avg_pool2d{.kernel = {2, 0}}, {x}) ==
        "it: least of kernel and stride 0 is below the least of 1; use values of 1 and above");
  CHECK(refusal(avg_pool2d{.pad = {0, -1, 0, 0}}, {x}) ==
        "it: least padding -1 is below the least of 0; slice the input instead");
  CHECK(refusal(avg_pool2d{.kernel = {2, 7}}, {x}) ==
        "it: least output extent 0 is below the least of 1; use a smaller kernel");
  CHECK(result(avg_pool2d::global(), {shape{2, 3, 5, 7}}) == shape{2, 3, 1, 1});
}

TEST_CASE("avg_pool2d: limits of each chip") {
  const shape x{1, 8, 40, 40};
  for (const lnn::chip* on : lnn::chips) {
    CHECK_FALSE(
        breaks(avg_pool2d{.kernel = {2, 3}, .stride = {2, 3}}, {x}, *on, lnn::limit::avg_pool2d::kernel_below_stride));
    CHECK(breaks(avg_pool2d{.kernel = {2, 3}, .stride = {3, 3}}, {x}, *on, lnn::limit::avg_pool2d::kernel_below_stride));
    CHECK(breaks(avg_pool2d{.kernel = {2, 3}, .stride = {2, 4}}, {x}, *on, lnn::limit::avg_pool2d::kernel_below_stride));
    CHECK_FALSE(breaks(avg_pool2d{.pad = 2}, {x}, *on, lnn::limit::avg_pool2d::pad_above_kernel));
    CHECK(breaks(avg_pool2d{.pad = {3, 0, 0, 0}}, {x}, *on, lnn::limit::avg_pool2d::pad_above_kernel));
    CHECK(breaks(avg_pool2d{.pad = {0, 0, 0, 3}}, {x}, *on, lnn::limit::avg_pool2d::pad_above_kernel));
    CHECK(breaks(avg_pool2d{.kernel = {3, 3}, .ceil_mode = true}, {x}, *on, lnn::limit::avg_pool2d::ceil) ==
          (on == &lnn::venus));
    CHECK_FALSE(breaks(avg_pool2d{.ceil_mode = true}, {x}, *on, lnn::limit::avg_pool2d::ceil));
    // 8 * 64 * 128 = 65536 bytes are taken at once; above, eight channels at a time
    CHECK_FALSE(
        breaks(avg_pool2d{.stride = {1, 1}}, {shape{1, 7, 64, 128}}, *on, lnn::limit::avg_pool2d::split_channels));
    CHECK(breaks(avg_pool2d{.stride = {1, 1}}, {shape{1, 7, 65, 128}}, *on, lnn::limit::avg_pool2d::split_channels));
    CHECK_FALSE(
        breaks(avg_pool2d{.stride = {1, 1}}, {shape{1, 8, 65, 128}}, *on, lnn::limit::avg_pool2d::split_channels));
    CHECK(advises(avg_pool2d{.stride = {1, 1}}, {shape{1, 8, 65, 128}}, *on, lnn::limit::avg_pool2d::split));
    CHECK_FALSE(advises(avg_pool2d{.stride = {1, 1}}, {shape{1, 8, 64, 128}}, *on, lnn::limit::avg_pool2d::split));
  }
}

}  // namespace test_avg_pool2d
