// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_max_pool2d {

using namespace asked;
namespace rules = lnn::limit::max_pool2d;

namespace {

layer pool(shape x, lnn::extent2 kernel, lnn::extent2 stride, int pad = 0) {
  layer l("MaxPool", {data(x)});
  l.f.out.scale = 4;
  l.f.kernel = {kernel.h, kernel.w};
  l.f.stride = {stride.h, stride.w};
  l.f.pad = {pad, pad, pad, pad};
  return l;
}

}  // namespace

TEST_CASE("max_pool2d limits: attributes and form") {
  const shape x{1, 8, 40, 40};
  CHECK(pool(x, {5, 5}, {2, 2}).clean());
  CHECK(pool(x, {2, 3}, {3, 3}).breaks(rules::kernel_below_stride));
  CHECK(pool(x, {3, 3}, {1, 1}, 3).spares(rules::pad_above_kernel));
  CHECK(pool(x, {3, 3}, {1, 1}, 4).breaks(rules::pad_above_kernel));
  CHECK(pool({1, 8, 2, 9}, {3, 3}, {1, 1}).breaks(rules::empty_output));
  CHECK(pool({8, 40, 40}, {3, 3}, {1, 1}).breaks(rules::input_rank));
  layer l = pool(x, {3, 3}, {1, 1});
  l.in[0].bits = 16;
  CHECK(l.breaks(rules::input_bits));
  l = pool(x, {3, 3}, {2, 2});
  l.f.ceil_mode = true;
  CHECK(l.breaks(venus, rules::ceil));
  CHECK(l.clean(arcs));
  l = pool({1, 8, 41, 41}, {3, 3}, {2, 2});
  l.f.ceil_mode = true;  // every window fits
  CHECK(l.clean());
  l.f.pad = {};
  CHECK(l.breaks(lnn::limit::attribute_missing));
}

TEST_CASE("max_pool2d limits: rows") {
  CHECK_FALSE(pool({1, 64, 256, 256}, {4, 4}, {1, 1}).breaks(venus, rules::row_bytes));
  CHECK(pool({1, 64, 257, 257}, {4, 4}, {1, 1}).breaks(venus, rules::row_bytes));
  CHECK(pool({1, 64, 65, 65}, {4, 4}, {1, 1}).breaks(arcs, rules::row_bytes));
  CHECK_FALSE(pool({1, 64, 257, 257}, {8, 8}, {1, 1}).breaks(venusA, rules::row_bytes));  // large kernels stay upright
  CHECK(pool({1, 64, 8, 257}, {4, 4}, {1, 1}).advises(venus, rules::turned));
}

TEST_CASE("max_pool2d limits: the kernel, unless it covers an axis") {
  const shape x{1, 8, 20, 20};
  CHECK(pool(x, {6, 6}, {1, 1}).breaks(venus, rules::kernel_size));
  CHECK(pool(x, {12, 12}, {1, 1}).clean(arcs));
  CHECK(pool(x, {13, 12}, {1, 1}).breaks(arcs, rules::kernel_size));
  CHECK(pool(x, {13, 13}, {1, 1}).clean(venusA));
  CHECK_FALSE(pool(x, {20, 6}, {1, 1}).breaks(venus, rules::kernel_size));
  CHECK(pool({1, 8, 3, 3}, {5, 5}, {1, 1}, 5).breaks(venus, rules::padding));
}

TEST_CASE("max_pool2d limits: strips of venus, memory of arcs") {
  CHECK_FALSE(pool({1, 2, 2048, 2048}, {4, 4}, {1, 1}).breaks(venus, rules::strip_bytes));
  CHECK(pool({1, 2, 2049, 2049}, {4, 4}, {1, 1}).breaks(venus, rules::strip_bytes));
  CHECK(pool({1, 64, 97, 128}, {1, 1}, {1, 1}).advises(venus, rules::row_split));
  CHECK(pool({1, 64, 4, 320}, {3, 3}, {1, 1}, 3).breaks(venus, rules::height_split));
  CHECK(pool({1, 16, 80, 16}, {2, 2}, {2, 2}).clean(arcs));
  CHECK(pool({1, 16, 81, 16}, {2, 2}, {2, 2}).breaks(arcs, rules::rows_left));
  CHECK(pool({1, 20, 18, 44}, {2, 2}, {1, 1}, 1).breaks(arcs, rules::height_split));
  CHECK(pool({1, 64, 41, 40}, {2, 2}, {2, 2}).breaks(venusA, rules::rows_left));
  CHECK(pool({1, 64, 41, 40}, {2, 2}, {2, 2}).clean(venus));
  layer l = pool({1, 64, 41, 40}, {2, 2}, {2, 2});
  l.f.out.asked = kind::psram;  // some channels at a time
  CHECK(l.clean(venusA));
  l = pool({1, 8, 20, 20}, {2, 2}, {2, 2});
  l.f.out.asked = kind::psram;
  CHECK(l.breaks(arcs, rules::output_memory));
  CHECK(l.clean(venus));
  l = pool({2, 8, 20, 20}, {2, 2}, {2, 2});
  CHECK(l.clean(arcs));
  l.in[0].asked = kind::psram;
  CHECK(l.breaks(arcs, rules::far_batch));
  CHECK_FALSE(l.breaks(venusA, rules::far_batch));
  l = pool({1, 8, 20, 20}, {2, 2}, {2, 2});
  l.in[0].asked = kind::psram;
  CHECK_FALSE(l.breaks(arcs, rules::far_batch));
}

}  // namespace test_max_pool2d
