// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_conv2d {

using namespace asked;
namespace rules = lnn::limit::conv2d;

namespace {

layer conv(shape x, int out, int kernel, int stride = 1, int pad = 0, int group = 1, int dilation = 1) {
  layer l("Conv2dInt", {data(x)});
  l.f.weight = data({out, x[1] / group, kernel, kernel});
  l.f.bias = data({out}, 32);
  l.f.out.bits = 8;
  l.f.out.scale = 4;
  l.f.kernel = {kernel, kernel};
  l.f.stride = {stride, stride};
  l.f.pad = {pad, pad, pad, pad};
  l.f.dilation = {dilation, dilation};
  l.f.group = group;
  return l;
}

}  // namespace

TEST_CASE("conv2d limits: kernel, stride, padding, dilation at the bound and one beyond") {
  const shape x{1, 8, 40, 40};
  for (const lnn::chip* on : lnn::chips) {
    CHECK(conv(x, 8, 5).clean(*on));
    CHECK(conv(x, 8, 6).breaks(*on, rules::kernel_height));
    CHECK(conv(x, 8, 6).breaks(*on, rules::kernel_width));
    CHECK(conv(x, 8, 4, 4).clean(*on));
    CHECK(conv(x, 8, 4, 3).breaks(*on, rules::stride_height));
    CHECK(conv(x, 8, 2, 4).breaks(*on, rules::kernel_below_stride));
    CHECK(conv(x, 8, 3, 1, 3).clean(*on));
    CHECK(conv(x, 8, 3, 1, 4).breaks(*on, rules::pad_above_kernel));
    CHECK(conv(x, 8, 3, 1, -1).breaks(*on, rules::padding));
    CHECK(conv(x, 8, 5, 1, on->conv.pad + 1).breaks(*on, rules::padding));
    CHECK(conv(x, 8, 0).breaks(*on, rules::kernel_width));
  }
  CHECK(conv(x, 8, 3, 1, 0, 1, 2).breaks(venus, rules::dilation_height));
  CHECK(conv({1, 8, 16, 30}, 8, 5, 1, 0, 1, 2).clean(arcs));
  CHECK_FALSE(conv(x, 8, 12, 1, 0, 1, 2).breaks(arcs, rules::kernel_height));
  CHECK(conv(x, 8, 13, 1, 0, 1, 2).breaks(arcs, rules::kernel_height));
  CHECK(conv(x, 8, 3, 1, 0, 1, 3).breaks(venusA, rules::dilation_width));
}

TEST_CASE("conv2d limits: form") {
  const shape x{1, 8, 16, 16};
  layer l = conv(x, 8, 3);
  l.f.weight.dims[1] = 4;
  CHECK(l.breaks(rules::channels));
  l = conv(x, 8, 3);
  l.f.kernel = {3, 2};
  CHECK(l.breaks(rules::kernel_shape));
  l = conv(x, 8, 3);
  l.in[0].dims = {8, 16, 16};
  CHECK(l.breaks(rules::input_rank));
  l = conv(x, 8, 3);
  l.f.weight.dims = {8, 8, 3};
  CHECK(l.breaks(rules::weight_rank));
  l = conv(x, 8, 3);
  l.f.missing = true;
  CHECK(l.breaks(lnn::limit::attribute_missing));
  CHECK(conv(x, 10, 3, 1, 0, 4).breaks(rules::group_output));
  CHECK(conv(x, 2, 3, 1, 0, 4).breaks(rules::group));
  CHECK(conv(x, 4, 3, 1, 0, 4).breaks(rules::depthwise_channels));
  CHECK(conv(x, 12, 3, 1, 0, 4).clean());
  CHECK(conv(x, 12, 3, 1, 0, 4).advises(arcs, rules::group_split));
  CHECK(conv({1, 8, 2, 2}, 8, 3).breaks(rules::input_below_kernel));
  CHECK(conv({1, 8, 2, 3}, 8, 3).breaks(rules::empty_output));
  CHECK(conv({2, 8, 8, 8}, 8, 3).clean(venus));
  CHECK(conv({2, 8, 8, 8}, 8, 3).breaks(arcs, rules::batch));
}

TEST_CASE("conv2d limits: widths") {
  const shape x{1, 8, 16, 16};
  const auto with = [&](auto&& change) {
    layer l = conv(x, 8, 3);
    change(l);
    return l;
  };
  CHECK(with([](layer& l) { l.in[0].bits = 16; }).breaks(rules::input_bits));
  CHECK(with([](layer& l) { l.f.weight.bits = 16; }).breaks(rules::weight_bits));
  CHECK(with([](layer& l) { l.f.bias.bits = 16; }).clean());
  CHECK(with([](layer& l) { l.f.bias.bits = 8; }).breaks(rules::bias_bits));
  CHECK(with([](layer& l) { l.f.out.bits = 16; }).clean(venus));
  CHECK(with([](layer& l) { l.f.out.bits = 16; }).breaks(arcs, rules::output_bits));
  CHECK(with([](layer& l) { l.f.out.bits = 32; }).breaks(venusA, rules::engine_output_bits));
  const layer narrow = with([](layer& l) { l.f.weight.bits = 4; });
  CHECK(narrow.breaks(venus, rules::weight_bits));
  CHECK(narrow.breaks(arcs, lnn::limit::int4_bias));
  CHECK(with([](layer& l) { l.f.weight.bits = 4, l.f.bias.present = false; }).clean(arcs));
  CHECK(with([](layer& l) { l.f.weight.bits = 4, l.f.options.dma_prefetch = false; }).clean(venusA));
  CHECK(with([](layer& l) { l.f.weight.named_bits = 4; }).breaks(arcs, rules::weight_bits));
  CHECK(with([](layer& l) { l.f.out.scale = 8; }).clean());
  CHECK(with([](layer& l) { l.f.out.scale = 9; }).breaks(rules::negative_shift));
  layer grouped = conv(x, 8, 3, 1, 0, 2);
  grouped.f.out.bits = 16;
  CHECK(grouped.breaks(venus, rules::split_output_bits));
}

TEST_CASE("conv2d limits: sizes") {
  CHECK_FALSE(conv({1, 64, 256, 256}, 8, 4).breaks(venus, rules::row_bytes));
  CHECK(conv({1, 64, 257, 257}, 8, 4).breaks(venus, rules::row_bytes));
  const layer turned = conv({1, 64, 8, 257}, 8, 4);
  CHECK_FALSE(turned.breaks(venus, rules::row_bytes));
  CHECK(turned.advises(venus, rules::turned));
  CHECK(conv({1, 2, 513, 513}, 8, 4).breaks(arcs, rules::strip_bytes));
  CHECK_FALSE(conv({1, 2, 512, 512}, 8, 4).breaks(arcs, rules::strip_bytes));
  CHECK_FALSE(conv({1, 256, 8, 8}, 2, 4).breaks(arcs, rules::channel_step_bytes));
  CHECK(conv({1, 257, 8, 8}, 2, 4).breaks(arcs, rules::channel_step_bytes));
  CHECK(conv({1, 513, 8, 8}, 2, 4).breaks(venusA, rules::channel_step_bytes));
  CHECK(conv({1, 64, 8, 8}, 64, 4).advises(venus, rules::weight_split));
  layer narrow = conv({1, 64, 8, 8}, 64, 4);
  narrow.f.options.weight_threshold = 1024;
  CHECK(narrow.breaks(venus, rules::channel_step_bytes));
  CHECK_FALSE(narrow.breaks(arcs, rules::channel_step_bytes));
  layer narrow_and_high = conv({1, 8, 2000, 8}, 64, 2);  // much padding: an output of 20 columns for 8
  narrow_and_high.f.weight.dims = {64, 8, 2, 11};
  narrow_and_high.f.kernel = {2, 11};
  narrow_and_high.f.pad = {2, 11, 2, 11};
  narrow_and_high.f.dilation = {2, 1};
  CHECK_FALSE(narrow_and_high.breaks(venusA, rules::output_step));
  narrow_and_high.f.options.output_threshold = 65536;
  CHECK(narrow_and_high.breaks(venusA, rules::output_step));
  // depthwise
  CHECK_FALSE(conv({1, 2048, 8, 8}, 2048, 4, 1, 0, 2048).breaks(venus, rules::depthwise_weight_bytes));
  CHECK(conv({1, 2049, 8, 8}, 2049, 4, 1, 0, 2049).breaks(venus, rules::depthwise_weight_bytes));
  CHECK(conv({1, 513, 8, 8}, 513, 4, 1, 0, 513).breaks(arcs, rules::depthwise_weight_bytes));
  CHECK(conv({1, 2, 2049, 2049}, 2, 4, 1, 0, 2).breaks(venusA, rules::strip_bytes));
}

TEST_CASE("conv2d limits: an image above the data buffer is cut into strips, each chip in its way") {
  CHECK(conv({1, 64, 97, 128}, 4, 1).advises(venus, rules::row_split));
  // 4 rows in, 8 out: cut in 4 each needs 4 lines of 20480 bytes, and cut in 8 is more than there are rows
  const layer tall = conv({1, 64, 4, 320}, 4, 3, 1, 3);
  CHECK(tall.breaks(venus, rules::height_split));
  CHECK(tall.breaks(venusA, rules::height_split));  // a last part of one row would leave padding to the one before it
  CHECK_FALSE(conv({1, 64, 7, 320}, 4, 3, 1, 1).breaks(venusA, rules::height_split));
  CHECK(conv({1, 16, 67, 16}, 4, 5, 1, 2).breaks(arcs, rules::height_split));  // parts of one row, and two of padding
  CHECK(conv({1, 16, 68, 16}, 4, 5, 1, 2).clean(arcs));
  CHECK(conv({1, 16, 80, 16}, 4, 2, 2).clean(arcs));
  CHECK(conv({1, 16, 81, 16}, 4, 2, 2).breaks(arcs, rules::rows_left));
  CHECK(conv({1, 16, 81, 16}, 4, 3, 2, 1).clean(arcs));  // ends with the padding
  CHECK(conv({1, 16, 80, 16}, 4, 3, 2, 1).clean(arcs));  // ends before it
  CHECK(conv({1, 64, 41, 40}, 4, 2, 2).breaks(venusA, rules::rows_left));
  CHECK(conv({1, 64, 41, 40}, 4, 2, 2).clean(venus));
  layer far = conv({1, 16, 64, 64}, 100, 3, 2, 1);  // 64 rows fit, but the engine counts 65 with the padding
  CHECK(far.clean(venusA));
  far.f.out.asked = kind::psram;
  CHECK(far.breaks(venusA, rules::far_parts));
  far.in[0].dims = {1, 16, 62, 64};
  CHECK(far.clean(venusA));
  CHECK_FALSE(conv({1, 64, 4, 256}, 4, 3, 1, 3).breaks(venus, rules::height_split));
}

TEST_CASE("conv2d limits: the sentence") {
  const lnn::verdict v = conv({1, 8, 40, 40}, 8, 7).on(venus);
  REQUIRE(v.refused().size() == 2);
  CHECK(v.refused()[0].sentence("venus").view() ==
        "it: kernel height 7 is above the limit of 5 on venus; use kernel height 5 or two 3x3 layers");
}

}  // namespace test_conv2d
