// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_max_pool2d {

using lnn::max_pool2d;
using namespace textbook;

namespace {

void check_case(const max_pool2d& op, const integer_tensor& x) {
  const shape in = x.dims(), dims = result(op, {in});
  const integer_tensor y = run(op, {x}, dims, x.type(), x.exponent());
  std::size_t at = 0;
  for (int plane = 0; plane < dims[0] * dims[1]; ++plane)
    for (int i = 0; i < dims[2]; ++i)
      for (int j = 0; j < dims[3]; ++j) {
        std::int64_t most = lnn::integer_range::of(bits(x.type())).low;
        for (int p = 0; p < op.kernel.h; ++p)
          for (int q = 0; q < op.kernel.w; ++q) {
            const int row = i * op.stride.h - op.pad.top + p, column = j * op.stride.w - op.pad.left + q;
            if (row < 0 || row >= in[2] || column < 0 || column >= in[3]) continue;
            most = std::max(most, get(x, static_cast<std::size_t>((plane * in[2] + row) * in[3] + column)));
          }
        REQUIRE(get(y, at++) == most);
      }
}

}  // namespace

TEST_CASE("max_pool2d: integers equal the definition on random geometry") {
  lnn::random draw(601);
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int done = 0; done < 200;) {
    const max_pool2d op{.kernel = {pick(draw, 1, 5), pick(draw, 1, 5)},
                        .stride = {pick(draw, 1, 4), pick(draw, 1, 4)},
                        .pad = {pick(draw, 0, 3), pick(draw, 0, 3), pick(draw, 0, 3), pick(draw, 0, 3)},
                        .ceil_mode = pick(draw, 0, 1) == 1};
    const shape x{pick(draw, 1, 2), pick(draw, 1, 4), pick(draw, 1, 9), pick(draw, 1, 17)};
    if (!refusal(op, {x}).empty()) continue;
    ++done;
    check_case(op, noise(draw, types[pick(draw, 0, 2)], x, 4));
  }
}

TEST_CASE("max_pool2d: the whole image") {
  lnn::random draw(602);
  const shape dims{2, 3, 5, 7};
  const integer_tensor x = noise(draw, dtype::int8, dims, 4);
  const integer_tensor y = run(max_pool2d::global(), {x}, result(max_pool2d::global(), {dims}), dtype::int8, 4);
  CHECK(y == run(max_pool2d{.kernel = {5, 7}, .stride = {1, 1}}, {x}, {2, 3, 1, 1}, dtype::int8, 4));
  max_pool2d named;
  named.spelled("GlobalMaxPool");
  CHECK(named.whole());
  CHECK_FALSE(breaks(max_pool2d::global(), {shape{1, 8, 20, 20}}, lnn::venus, lnn::limit::max_pool2d::kernel_size));
}

TEST_CASE("max_pool2d: ceil_mode makes room for the last window") {
  CHECK(result(max_pool2d{.kernel = {3, 3}}, {shape{1, 2, 8, 9}}) == shape{1, 2, 3, 4});
  CHECK(result(max_pool2d{.kernel = {3, 3}, .ceil_mode = true}, {shape{1, 2, 8, 9}}) == shape{1, 2, 4, 4});
}

TEST_CASE("max_pool2d: shapes that do not fit are refused in a sentence") {
  const shape x{1, 2, 6, 6};
  CHECK(refusal(max_pool2d{}, {shape{2, 6, 6}}) == "it: rank of the input 3 must be 4; give it [n, c, h, w]");
  CHECK(refusal(max_pool2d{.stride = {0, 1}}, {x}) ==
        "it: least of kernel and stride 0 is below the least of 1; use values of 1 and above");
  CHECK(refusal(max_pool2d{.pad = {0, 0, -2, 0}}, {x}) ==
        "it: least padding -2 is below the least of 0; slice the input instead");
  CHECK(refusal(max_pool2d{.kernel = {7, 2}}, {x}) ==
        "it: least output extent 0 is below the least of 1; use a smaller kernel");
}

// hardware_constraints.md section 5
TEST_CASE("max_pool2d: limits of each chip") {
  const shape x{1, 8, 40, 40};
  struct limit {
    const lnn::chip* on;
    int kernel, pad;
  };
  for (const limit& l : {limit{&lnn::venus, 5, 4}, limit{&lnn::arcs, 12, 11}}) {
    CHECK_FALSE(breaks(max_pool2d{.kernel = {l.kernel, l.kernel}}, {x}, *l.on, lnn::limit::max_pool2d::kernel_size));
    CHECK(breaks(max_pool2d{.kernel = {l.kernel + 1, 2}}, {x}, *l.on, lnn::limit::max_pool2d::kernel_size));
    CHECK(breaks(max_pool2d{.kernel = {2, l.kernel + 1}}, {x}, *l.on, lnn::limit::max_pool2d::kernel_size));
    CHECK_FALSE(
        breaks(max_pool2d{.kernel = {40, 2}}, {x}, *l.on, lnn::limit::max_pool2d::kernel_size));  // covers an axis
    CHECK_FALSE(breaks(max_pool2d{.kernel = {l.pad, l.pad}, .pad = l.pad}, {x}, *l.on, lnn::limit::max_pool2d::padding));
    CHECK(
        breaks(max_pool2d{.kernel = {12, 12}, .pad = {0, 0, l.pad + 1, 0}}, {x}, *l.on, lnn::limit::max_pool2d::padding));
  }
  CHECK_FALSE(breaks(max_pool2d{.kernel = {30, 30}, .pad = 20}, {x}, lnn::venusA, lnn::limit::max_pool2d::kernel_size));
  for (const lnn::chip* on : lnn::chips) {
    CHECK_FALSE(
        breaks(max_pool2d{.kernel = {2, 3}, .stride = {2, 3}}, {x}, *on, lnn::limit::max_pool2d::kernel_below_stride));
    CHECK(breaks(max_pool2d{.kernel = {2, 3}, .stride = {3, 3}}, {x}, *on, lnn::limit::max_pool2d::kernel_below_stride));
    CHECK(breaks(max_pool2d{.kernel = {2, 3}, .stride = {2, 4}}, {x}, *on, lnn::limit::max_pool2d::kernel_below_stride));
    CHECK_FALSE(breaks(max_pool2d{.kernel = {2, 2}, .pad = 2}, {x}, *on, lnn::limit::max_pool2d::pad_above_kernel));
    CHECK(breaks(max_pool2d{.kernel = {2, 2}, .pad = {0, 0, 0, 3}}, {x}, *on, lnn::limit::max_pool2d::pad_above_kernel));
    CHECK(breaks(max_pool2d{.kernel = {2, 2}, .pad = {3, 0, 0, 0}}, {x}, *on, lnn::limit::max_pool2d::pad_above_kernel));
    // ceil_mode itself is no harm as long as no window hangs over
    CHECK(breaks(max_pool2d{.kernel = {3, 3}, .ceil_mode = true}, {x}, *on, lnn::limit::max_pool2d::ceil) ==
          (on == &lnn::venus));
    CHECK_FALSE(breaks(max_pool2d{.ceil_mode = true}, {x}, *on, lnn::limit::max_pool2d::ceil));
  }
}

}  // namespace test_max_pool2d
