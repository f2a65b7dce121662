// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "height.hpp"

/// ConvTranspose2dInt: hardware_constraints.md sections 4 and 9.
namespace lnn::limit::conv_transpose2d {

inline constexpr rule input_rank{
    "conv_transpose2d.input_rank", "rank of the input", "", "give it [n, c, h, w]", "输入的维数", "使用 [n, c, h, w]"};
inline constexpr rule weight_rank{
    "conv_transpose2d.weight_rank", "rank of the weight", "", "give it [c, out, h, w]", "权重的维数",
    "使用 [c, out, h, w]"};
inline constexpr rule kernel_shape{
    "conv_transpose2d.kernel_shape", "kernel and weight", "", "let kernel_shape repeat the weight's last axes",
    "kernel_shape 与权重", "让 kernel_shape 等于权重的最后两维"};
inline constexpr rule channels{
    "conv_transpose2d.channels", "input channels", "", "give the input the weight's first axis as channels",
    "输入通道数", "输入通道数应等于权重第一维"};
inline constexpr rule group{
    "conv_transpose2d.group", "group", "", "use group 1, or a conv2d behind an upsampling", "分组数",
    "分组数取 1，或上采样后接二维卷积"};
inline constexpr rule auto_pad{
    "conv_transpose2d.auto_pad", "automatic padding is not packed", "", "write the pads as numbers", "不支持自动填充",
    "把填充写成数字"};
inline constexpr rule output_shape{
    "conv_transpose2d.output_shape", "a requested output shape is not packed", "",
    "choose pads and output_padding that give it", "不支持指定输出形状", "用 pads 和 output_padding 得到该形状"};
inline constexpr rule dilation{
    "conv_transpose2d.dilation", "dilation", "", "use dilation 1", "膨胀系数", "膨胀系数取 1"};
inline constexpr rule kernel_height{
    "conv_transpose2d.kernel_height", "kernel height", "", "use a smaller kernel", "卷积核高度", "使用更小的卷积核"};
inline constexpr rule kernel_width{
    "conv_transpose2d.kernel_width", "kernel width", "", "use a smaller kernel", "卷积核宽度", "使用更小的卷积核"};
inline constexpr rule stride_height{
    "conv_transpose2d.stride_height", "stride height", "", "use stride 2, twice if need be", "垂直步长",
    "使用步长 2，必要时用两层"};
inline constexpr rule stride_width{
    "conv_transpose2d.stride_width", "stride width", "", "use stride 2, twice if need be", "水平步长",
    "使用步长 2，必要时用两层"};
inline constexpr rule padding{"conv_transpose2d.padding", "padding", "", "pad less", "填充", "减小填充"};
inline constexpr rule kernel_below_stride{
    "conv_transpose2d.kernel_below_stride", "kernel", "", "use a stride up to the kernel", "卷积核",
    "步长不要超过卷积核"};
inline constexpr rule pad_above_kernel{
    "conv_transpose2d.pad_above_kernel", "padding", "", "pad less than the kernel's size", "填充",
    "填充小于卷积核大小"};
inline constexpr rule engine_padding{
    "conv_transpose2d.engine_padding", "least padding above and on the left that is left for the engine", "",
    "pad less than the kernel's size", "留给引擎的上方和左侧最小填充", "填充小于卷积核大小", true};
inline constexpr rule input_below_kernel{
    "conv_transpose2d.input_below_kernel", "side of the padded input", "", "use a larger input or a smaller kernel",
    "填充后输入的边长", "增大输入或减小卷积核"};
inline constexpr rule input_bits{
    "conv_transpose2d.input_bits", "input of", " bits", "quantize the input to 8 bits", "输入位宽",
    "把输入量化为 8 位"};
inline constexpr rule weight_bits{
    "conv_transpose2d.weight_bits", "weights of", " bits", "use weights of 8 bits", "权重位宽", "使用 8 位权重"};
inline constexpr rule engine_bits{
    "conv_transpose2d.engine_bits", "input or weights of 16 bits are not computed by the engine", "", "use 8 bits",
    "引擎不计算 16 位的输入或权重", "使用 8 位", true};
inline constexpr rule bias{
    "conv_transpose2d.bias", "a transposed convolution without a bias is not packed", "", "add a bias of zeros",
    "没有偏置的转置卷积无法打包", "添加全零偏置"};
inline constexpr rule bias_bits{
    "conv_transpose2d.bias_bits", "bias of", " bits", "store the bias with 32 bits", "偏置位宽", "偏置使用 32 位"};
inline constexpr rule output_bits{
    "conv_transpose2d.output_bits", "output of", " bits", "use outputs of 8 bits", "输出位宽", "使用 8 位输出"};
inline constexpr rule negative_shift{
    "conv_transpose2d.negative_shift", "right shift of the sum", "",
    "lower the output's exponent to at most the sum of input's and weight's", "累加和的右移位数",
    "把输出的指数降到不超过输入与权重指数之和", true};
inline constexpr rule row_bytes{
    "conv_transpose2d.row_bytes", "one aligned kernel-high row of input", " bytes",
    "use fewer channels or a narrower input", "输入中与核等高的一行（对齐后）", "减少通道数或输入宽度"};
inline constexpr rule strip_bytes{
    "conv_transpose2d.strip_bytes", "one aligned kernel-high strip of input", " bytes",
    "use fewer channels or a narrower input", "输入中与核等高的一条（对齐后）", "减少通道数或输入宽度"};
inline constexpr rule data_bytes{
    "conv_transpose2d.data_bytes", "the aligned input", " bytes", "use fewer channels or a smaller input",
    "输入（对齐后）", "减少通道数或输入大小"};
inline constexpr rule weight_bytes{
    "conv_transpose2d.weight_bytes", "the aligned weights", " bytes", "use fewer channels or a smaller kernel",
    "权重（对齐后）", "减少通道数或卷积核"};
inline constexpr rule parameter_memory{
    "conv_transpose2d.parameter_memory", "the weights do not lie in share memory", "",
    "pack with --memory params:share-mem", "权重不在共享内存中", "用 --memory params:share-mem 打包"};
inline constexpr rule activation_memory{
    "conv_transpose2d.activation_memory", "input or output does not lie in share memory", "",
    "keep both in share memory, or make them smaller", "输入或输出不在共享内存中", "把两者放在共享内存中，或减小它们"};
inline constexpr rule height_split{
    "conv_transpose2d.height_split", "the input cannot be cut into equally high parts that fit the data buffer", "",
    "use an input height with small divisors and stride 2, or a smaller input", "无法把输入切成等高且放得进数据缓存的若干部分",
    "使用步长 2 并让输入高度有较小的因数，或减小输入", true};
inline constexpr rule spread_bytes{
    "conv_transpose2d.spread_bytes", "the input with zeros between its elements (in a fixed array of the simulation library)", " bytes",
    "use fewer channels, a smaller input or a smaller stride", "元素之间插入零后的输入（仿真库把它放入固定大小的数组）",
    "减少通道数、减小输入或步长", true};
inline constexpr rule turned{
    "conv_transpose2d.turned", "the packer will add transposes before and behind: rows do not fit, columns do", "",
    "use a narrower input", "打包器会在前后各加一个转置：行放不下而列放得下", "减小输入宽度"};

inline constexpr const rule* rules[] = {
    &input_rank, &weight_rank, &kernel_shape, &channels, &group, &auto_pad, &output_shape, &dilation, &kernel_height,
    &kernel_width, &stride_height, &stride_width, &padding, &kernel_below_stride, &pad_above_kernel, &engine_padding,
    &input_below_kernel, &input_bits, &weight_bits, &engine_bits, &bias, &bias_bits, &output_bits, &negative_shift,
    &row_bytes, &strip_bytes, &data_bytes, &weight_bytes, &parameter_memory, &activation_memory,
    &height_split, &spread_bytes, &turned};

namespace detail {

constexpr void check_widths(const facts& f, const chip& on, verdict& found) {
  const operand& x = f.in[0];
  if (x.bits && on.conv.int16_transposed)
    found.one_of(input_bits, x.bits, {8, 16});
  else if (x.bits)
    found.equal(input_bits, x.bits, 8);
  if (f.weight.bits && on.conv.int16_transposed)
    found.one_of(weight_bits, f.weight.bits, {4, 8, 16});
  else if (f.weight.bits)
    found.one_of(weight_bits, f.weight.bits, {4, 8});
  found.never(engine_bits, x.bits == 16 || f.weight.bits == 16);
  found.never(int4_weights, f.weight.attribute_bits() == 4);
  if (f.out.bits) found.equal(output_bits, f.out.bits, 8);
  found.never(bias, !f.bias.present);
  if (f.bias.present && f.bias.bits) found.equal(bias_bits, f.bias.bits, 32);  // 16 passes a test and crashes later
  if (shift_known(x, f.weight, f.out)) found.at_least(negative_shift, shift_of(x, f.weight, f.out), 0);
}

/// The engine convolves the spread input; its padding is what the kernel leaves over.  Less than none is right below and on the
/// right, where the output ends before.
constexpr void check_padding(const extent2& kernel, const padding2& pad, const chip& on, verdict& found) {
  const int above = kernel.h - pad.top - 1, before = kernel.w - pad.left - 1;
  found.at_least(engine_padding, on.conv.transposed_crops_left || above < before ? above : before, 0);
}

}  // namespace detail

constexpr void check(const facts& f, const chip& on, verdict& found) {
  const bool sound = check_inputs(f, found);
  found.never(attribute_missing, f.missing);
  check_rounding(f, on, found);
  const operand& in = f.in[0];
  check_own_scale(in, found);
  check_scale(f.weight, found);
  check_scale(f.out, found);
  found.never(auto_pad, !f.auto_pad.empty() && f.auto_pad != "NOTSET");
  bool asked = false;
  for (int v : f.output_shape) asked = asked || v != 0;
  found.never(output_shape, asked || (!f.output_shape.empty() && f.output_shape.size() != 2));
  detail::check_widths(f, on, found);
  const shape &x = in.dims, &w = f.weight.dims;
  found.equal(input_rank, x.rank(), 4);
  found.equal(weight_rank, w.rank(), 4);
  extent2 kernel, stride;
  padding2 pad;
  if (!read_window(f, kernel, stride, pad) || f.dilation.size() != 2) return found.never(attribute_missing, !f.missing);
  found.equal(dilation, f.dilation[0], 1);
  found.equal(dilation, f.dilation[1], 1);
  found.within(kernel_height, kernel.h, 1, on.conv.kernel_dilated);
  found.within(kernel_width, kernel.w, 1, on.conv.kernel_dilated);
  found.one_of(stride_height, stride.h, {1, 2, 4});
  found.one_of(stride_width, stride.w, {1, 2, 4});
  found.at_most(padding, greatest(pad), on.conv.pad);
  found.at_least(padding, least(pad), 0);
  check_window(kernel, stride, pad, kernel_below_stride, pad_above_kernel, found);
  detail::check_padding(kernel, pad, on, found);
  found.equal(group, f.group, 1);
  if (x.rank() != 4 || w.rank() != 4) return;
  found.equal(channels, x[1], w[0]);
  found.same(kernel_shape, {kernel.h, kernel.w}, {w[2], w[3]});
  if (!sound || kernel.h < 1 || kernel.w < 1 || stride.h < 1 || stride.w < 1 || x[1] != w[0] || w[1] < 1) return;

  const bool more = f.output_padding.size() == 2;
  const layout upright{x[2], x[3], kernel, stride, pad,
                       (x[2] - 1LL) * stride.h + kernel.h - pad.top - pad.bottom + (more ? f.output_padding[0] : 0),
                       (x[3] - 1LL) * stride.w + kernel.w - pad.left - pad.right + (more ? f.output_padding[1] : 0)};
  found.at_least(input_below_kernel, 1LL * x[2] + pad.top + pad.bottom, kernel.h);
  found.at_least(input_below_kernel, 1LL * x[3] + pad.left + pad.right, kernel.w);
  const long long limit = on.memory.data_buffer, aligned = align_up(x[1], on.conv.row_align);
  const layout at = lay_out(upright, aligned, limit);
  found.at_most(row_bytes, at.row(aligned), limit);
  found.advise(turned, at.turned);
  const long long deep = align_up(x[1], 8);
  found.at_most(strip_bytes, at.strip(deep, on.conv.strip_group), limit);
  if (on.conv.transposed_whole) {
    found.at_most(data_bytes, at.line(deep, 8) * at.h, limit);
    found.at_most(weight_bytes, deep * align_up(w[1], 2) * kernel.h * kernel.w, on.memory.weight_buffer);
    found.never(parameter_memory, f.options.parameters != memory::share);
  } else if (at.strip(deep, on.conv.strip_group) <= limit) {
    found.never(height_split, !transposed_fits(at, at.line(deep, on.conv.strip_group), on, limit));
  }
  if (on.conv.transposed_spread > 0) {
    const long long high = (x[2] - 1LL) * stride.h, wide = (x[3] - 1LL) * stride.w;  // venus: no zeros behind the last element
    const extent2 end = on.conv.transposed_whole ? extent2{1, 1} : stride;
    found.at_most(spread_bytes, x[1] * (high + end.h) * (wide + end.w), on.conv.transposed_spread);
  }
  const long long outputs = ((x[2] - 1LL) * stride.h + kernel.h) * ((x[3] - 1LL) * stride.w + kernel.w) * w[1];
  found.never(activation_memory,
              on.conv.transposed_in_share && (!f.in_share(in, elements(x) / x[0]) || !f.in_share(f.out, outputs)));
}

}  // namespace lnn::limit::conv_transpose2d
