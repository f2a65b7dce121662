// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_avg_pool2d {

using namespace asked;
namespace rules = lnn::limit::avg_pool2d;

namespace {

layer pool(shape x, lnn::extent2 kernel, lnn::extent2 stride, int pad = 0) {
  layer l("AvgPool2dInt", {data(x)});
  l.f.out.scale = 4;
  l.f.kernel = {kernel.h, kernel.w};
  l.f.stride = {stride.h, stride.w};
  l.f.pad = {pad, pad, pad, pad};
  return l;
}

}  // namespace

TEST_CASE("avg_pool2d limits: attributes and form") {
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

TEST_CASE("avg_pool2d limits: rows") {
  CHECK_FALSE(pool({1, 64, 256, 256}, {4, 4}, {1, 1}).breaks(venus, rules::row_bytes));
  CHECK(pool({1, 64, 257, 257}, {4, 4}, {1, 1}).breaks(venus, rules::row_bytes));
  CHECK(pool({1, 64, 65, 65}, {4, 4}, {1, 1}).breaks(arcs, rules::row_bytes));
  CHECK_FALSE(pool({1, 64, 257, 257}, {8, 8}, {1, 1}).breaks(venusA, rules::row_bytes));  // large kernels stay upright
  CHECK(pool({1, 64, 8, 257}, {4, 4}, {1, 1}).advises(venus, rules::turned));
}

TEST_CASE("avg_pool2d limits: what the engines get wrong") {
  CHECK(pool({1, 64, 8, 257}, {4, 3}, {1, 1}).breaks(venus, rules::turned_window));
  CHECK_FALSE(pool({1, 64, 8, 257}, {4, 4}, {1, 1}).breaks(venus, rules::turned_window));
  CHECK(pool({1, 9, 96, 96}, {2, 2}, {2, 2}).breaks(rules::split_channels));
  CHECK(pool({1, 16, 96, 96}, {2, 2}, {2, 2}).spares(rules::split_channels));
  CHECK(pool({1, 16, 96, 96}, {2, 2}, {2, 2}).advises(arcs, rules::split));
  CHECK(pool({1, 8, 96, 80}, {2, 2}, {2, 2}).clean(arcs));
  CHECK(pool({1, 16, 96, 80}, {2, 2}, {2, 2}).breaks(arcs, rules::engine_parts));
  CHECK(pool({1, 16, 49, 80}, {2, 2}, {2, 2}).breaks(arcs, rules::rows_left));
  CHECK(pool({1, 16, 48, 80}, {2, 2}, {2, 2}).clean(arcs));
  layer padded = pool({1, 20, 18, 44}, {2, 2}, {1, 1});
  padded.f.pad = {1, 1, 1, 1};
  CHECK(padded.breaks(arcs, rules::height_split));  // 19 rows out: one part of each would be more than there are rows in
  CHECK(pool({1, 16, 96, 80}, {2, 2}, {2, 2}).breaks(venusA, rules::engine_parts));
  CHECK(pool({1, 16, 48, 80}, {2, 2}, {2, 2}).clean(venusA));
  CHECK(pool({1, 16, 96, 80}, {2, 2}, {2, 2}).clean(venus));
  CHECK(pool({1, 16, 104, 80}, {2, 2}, {2, 2}).breaks(venus, rules::height_split));  // eight channels are too many
  CHECK(pool({1, 24, 16, 24}, {16, 24}, {1, 1}).breaks(venus, rules::engine_area));
  CHECK(pool({1, 24, 16, 16}, {16, 16}, {1, 1}).clean(venus));  // a shift
  CHECK(pool({1, 8, 11, 11}, {11, 11}, {1, 1}).clean(venus));
  CHECK(pool({1, 24, 8, 20}, {8, 20}, {1, 1}).breaks(arcs, rules::engine_ones));
  CHECK(pool({1, 16, 12, 16}, {12, 16}, {1, 1}).breaks(venusA, rules::engine_ones));
  CHECK(pool({1, 48, 12, 16}, {12, 16}, {1, 1}).clean(venusA));
  CHECK(pool({2, 8, 8, 8}, {2, 2}, {2, 2}).breaks(arcs, rules::batch));
  CHECK(pool({2, 8, 8, 8}, {2, 2}, {2, 2}).clean(venus));
  layer l = pool({1, 8, 9, 9}, {3, 3}, {3, 3});
  l.f.out.scale = 5;
  CHECK(l.clean(venus));
  CHECK(l.breaks(arcs, rules::exponent));
  l.f.out.scale = 3;
  CHECK(l.breaks(rules::exponent));
}

TEST_CASE("avg_pool2d limits: one of input and output lies in share memory") {
  layer l = pool({1, 8, 8, 8}, {2, 2}, {2, 2});
  l.in[0].asked = kind::psram;
  CHECK(l.clean());
  l.f.out.asked = kind::psram;
  CHECK(l.breaks(rules::memory));
}

}  // namespace test_avg_pool2d
