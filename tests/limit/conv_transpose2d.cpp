// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_conv_transpose2d {

using namespace asked;
namespace rules = lnn::limit::conv_transpose2d;

namespace {

layer conv(shape x, int out, int kernel, int stride = 1, int pad = 0) {
  layer l("ConvTranspose2dInt", {data(x)});
  l.f.weight = data({x[1], out, kernel, kernel});
  l.f.bias = data({out}, 32);
  l.f.out.bits = 8;
  l.f.out.scale = 4;
  l.f.kernel = {kernel, kernel};
  l.f.stride = {stride, stride};
  l.f.pad = {pad, pad, pad, pad};
  l.f.dilation = {1, 1};
  l.f.options.parameters = kind::share;
  return l;
}

}  // namespace

TEST_CASE("transposed convolution limits: attributes") {
  const shape x{1, 8, 14, 14};
  CHECK(conv(x, 8, 5).clean());
  CHECK(conv(x, 8, 6).breaks(venus, rules::kernel_height));
  CHECK(conv(x, 8, 12).clean(arcs));
  CHECK(conv(x, 8, 13).breaks(rules::kernel_width));
  CHECK(conv(x, 8, 4, 3).breaks(rules::stride_width));
  CHECK(conv(x, 8, 2, 4).breaks(rules::kernel_below_stride));
  CHECK(conv(x, 8, 3, 1, 4).breaks(rules::pad_above_kernel));
  CHECK(conv(x, 8, 5, 1, 5).breaks(venus, rules::padding));
  CHECK(conv(x, 8, 3, 1, 3).breaks(rules::engine_padding));
  for (const lnn::chip* on : lnn::chips) CHECK(conv(x, 8, 3, 2, 2).clean(*on));
  layer l = conv(x, 8, 3);
  l.f.dilation = {2, 1};
  CHECK(l.breaks(rules::dilation));
  l = conv(x, 8, 3);
  l.f.auto_pad = "SAME_UPPER";
  CHECK(l.breaks(rules::auto_pad));
  l.f.auto_pad = "NOTSET";
  l.f.output_shape = {0, 0};
  CHECK(l.clean());
  l.f.output_shape = {20, 20};
  CHECK(l.breaks(rules::output_shape));
  l = conv(x, 8, 3);
  l.f.group = 2;
  CHECK(l.breaks(rules::group));
  CHECK(conv({1, 8, 2, 2}, 8, 3).breaks(rules::input_below_kernel));
}

TEST_CASE("transposed convolution limits: widths and memory") {
  const shape x{1, 8, 14, 14};
  layer l = conv(x, 8, 3);
  l.f.out.bits = 32;
  CHECK(l.breaks(rules::output_bits));
  l = conv(x, 8, 3);
  l.f.bias.present = false;
  CHECK(l.breaks(rules::bias));
  l = conv(x, 8, 3);
  l.f.bias.bits = 16;
  CHECK(l.breaks(rules::bias_bits));
  l = conv(x, 8, 3);
  l.in[0].bits = 16;
  CHECK(l.breaks(venus, rules::input_bits));
  CHECK_FALSE(l.breaks(venusA, rules::input_bits));
  CHECK(l.breaks(venusA, rules::engine_bits));
  l = conv(x, 8, 3);
  l.f.weight.bits = 32;
  CHECK(l.breaks(rules::weight_bits));
  l = conv(x, 8, 3);
  l.f.options.parameters = kind::psram;
  CHECK(l.breaks(venus, rules::parameter_memory));
  CHECK(l.clean(arcs));
  l = conv(x, 8, 3);
  l.f.out.asked = kind::psram;
  CHECK(l.breaks(arcs, rules::activation_memory));
  CHECK(l.clean(venusA));
  l = conv(x, 8, 3);
  l.f.out.scale = 9;
  CHECK(l.breaks(rules::negative_shift));
}

TEST_CASE("transposed convolution limits: sizes") {
  CHECK_FALSE(conv({1, 8, 8, 1024}, 8, 3).breaks(venus, rules::data_bytes));
  CHECK(conv({1, 8, 9, 1024}, 8, 3).breaks(venus, rules::data_bytes));
  CHECK_FALSE(conv({1, 64, 8, 8}, 20, 5).breaks(venus, rules::weight_bytes));
  CHECK(conv({1, 64, 8, 8}, 22, 5).breaks(venus, rules::weight_bytes));
  CHECK(conv({1, 64, 8, 8}, 22, 5).clean(venusA));
  CHECK(conv({1, 64, 65, 65}, 8, 4).breaks(arcs, rules::row_bytes));
  CHECK(conv({1, 2, 513, 513}, 8, 4).breaks(arcs, rules::strip_bytes));
  CHECK(conv({1, 64, 8, 65}, 8, 4).advises(arcs, rules::turned));
  CHECK(conv({1, 16, 33, 32}, 8, 3, 2).clean(venus));
  CHECK(conv({1, 16, 33, 33}, 8, 3, 2).breaks(venus, rules::spread_bytes));  // 16 * 65 * 65
  CHECK(conv({1, 16, 33, 33}, 8, 3).clean(venus));
  CHECK(conv({1, 8, 64, 64}, 1, 4, 4).clean(arcs));
  CHECK(conv({1, 8, 64, 65}, 1, 4, 4).breaks(arcs, rules::spread_bytes));
  CHECK(conv({1, 8, 64, 65}, 1, 4, 4).clean(venusA));
  CHECK(conv({1, 16, 46, 28}, 8, 3, 2).clean(arcs));
  CHECK(conv({1, 16, 46, 28}, 8, 3).breaks(arcs, rules::height_split));  // without a stride nothing is cut
  CHECK(conv({1, 16, 47, 28}, 8, 3, 2).breaks(arcs, rules::height_split));
  CHECK(conv({1, 16, 47, 28}, 8, 3, 2).clean(venusA));
  CHECK(conv({1, 16, 61, 84}, 8, 3, 2).breaks(venusA, rules::height_split));
}

}  // namespace test_conv_transpose2d
