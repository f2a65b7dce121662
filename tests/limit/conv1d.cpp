// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_conv1d {

using namespace asked;
namespace rules = lnn::limit::conv1d;

namespace {

layer conv(shape x, int out, int kernel, int stride = 1, int pad = 0, int group = 1) {
  layer l("Conv1dInt", {data(x)});
  l.f.weight = data({out, x[1] / group, kernel});
  l.f.bias = data({out}, 32);
  l.f.out.bits = 8;
  l.f.out.scale = 4;
  l.f.kernel = {kernel};
  l.f.stride = {stride};
  l.f.pad = {pad, pad};
  l.f.dilation = {1};
  l.f.group = group;
  return l;
}

}  // namespace

TEST_CASE("conv1d limits: attributes") {
  const shape x{1, 8, 60};
  CHECK(conv(x, 8, 5).clean());
  CHECK(conv(x, 8, 6).breaks(venus, rules::kernel));
  CHECK(conv(x, 8, 12).clean(arcs));
  CHECK(conv(x, 8, 13).breaks(rules::kernel));
  CHECK(conv(x, 8, 3, 3).breaks(rules::stride));
  CHECK(conv(x, 8, 2, 4).breaks(rules::kernel_below_stride));
  CHECK(conv(x, 8, 5, 1, 4).clean(venus));
  CHECK(conv(x, 8, 5, 1, 5).breaks(venus, rules::padding));
  CHECK(conv(x, 8, 12, 1, 12).breaks(arcs, rules::padding));
  CHECK(conv(x, 8, 3, 1, 4).breaks(rules::pad_above_kernel));
  CHECK(conv(x, 8, 3, 1, 1).breaks(venusA, rules::engine_padding));
  CHECK_FALSE(conv(x, 8, 3, 1, 1).breaks(arcs, rules::engine_padding));
  layer dilated = conv(x, 8, 3);
  dilated.f.dilation = {2};
  CHECK(dilated.breaks(rules::dilation));
}

TEST_CASE("conv1d limits: form and widths") {
  const shape x{1, 8, 60};
  CHECK(conv(x, 8, 3, 1, 0, 8).breaks(rules::depthwise));
  CHECK(conv(x, 8, 3, 1, 0, 2).clean());
  CHECK(conv(x, 9, 3, 1, 0, 2).breaks(rules::group_output));
  CHECK(conv({1, 8, 2}, 8, 3).breaks(rules::empty_output));
  layer l = conv(x, 8, 3);
  l.f.bias.bits = 16;
  CHECK(l.breaks(rules::bias_bits));
  l = conv(x, 8, 3);
  l.f.weight.bits = 4;
  CHECK(l.breaks(rules::weight_bits));
  l = conv(x, 8, 3);
  l.in[0].bits = 16;
  CHECK(l.breaks(rules::input_bits));
  l = conv(x, 8, 3);
  l.f.out.bits = 16;
  CHECK(l.breaks(arcs, rules::output_bits));
  l = conv(x, 8, 3);
  l.f.weight.dims[1] = 3;
  CHECK(l.breaks(rules::channels));
  l = conv(x, 8, 3);
  l.in[0].asked = kind::psram;
  CHECK(l.breaks(rules::input_memory));
  l = conv(x, 8, 3);
  l.f.out.scale = 9;
  CHECK(l.breaks(rules::negative_shift));
}

TEST_CASE("conv1d limits: sizes") {
  CHECK_FALSE(conv({1, 1638, 8}, 4, 5).breaks(venus, rules::row_bytes));
  CHECK(conv({1, 1639, 8}, 4, 5).breaks(venus, rules::row_bytes));
  CHECK(conv({1, 410, 8}, 4, 5).breaks(arcs, rules::row_bytes));
  CHECK_FALSE(conv({1, 8, 8192}, 4, 5).breaks(venusA, rules::input_bytes));
  CHECK(conv({1, 8, 8193}, 4, 5).breaks(venusA, rules::input_bytes));
  CHECK(conv({1, 8, 2049}, 4, 5).breaks(arcs, rules::input_bytes));
  CHECK(conv({1, 64, 8}, 128, 5).advises(venus, rules::weight_split));
}

TEST_CASE("conv1d limits: weights that the reference packer writes wrongly are told on venusA alone") {
  layer l("Conv1dInt", {data({1, 8, 16}, 8)});
  l.f.weight = {.dims = {8, 8, 3}};
  l.f.kernel = {3}, l.f.stride = {1}, l.f.pad = {1, 1}, l.f.dilation = {1};
  for (const lnn::chip* on : lnn::chips) {
    const auto v = l.on(*on);
    const bool told = std::any_of(v.advice().begin(), v.advice().end(),
                                  [](const auto& f) { return f.what == &lnn::limit::conv1d::packed_weights; });
    CHECK(told == (on == &venusA));
  }
}

}  // namespace test_conv1d
