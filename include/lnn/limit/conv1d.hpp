// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "window.hpp"

/// Conv1dInt: hardware_constraints.md sections 3 and 9.
namespace lnn::limit::conv1d {

inline constexpr rule input_rank{
    "conv1d.input_rank", "rank of the input", "", "give it [n, c, length]", "输入的维数", "使用 [n, c, length]"};
inline constexpr rule weight_rank{
    "conv1d.weight_rank", "rank of the weight", "", "give it [out, c / group, length]", "权重的维数",
    "使用 [out, c / group, length]"};
inline constexpr rule channels{
    "conv1d.channels", "input channels", "",
    "give the input as many channels as the weight's second axis times the group", "输入通道数",
    "输入通道数应为权重第二维乘以 group"};
inline constexpr rule group{"conv1d.group", "group", "", "use at least one group", "分组数", "至少分一组"};
inline constexpr rule group_output{
    "conv1d.group_output", "output channels left over by the groups", "",
    "choose a group that divides the output channels", "分组后剩余的输出通道数", "选择能整除输出通道数的分组数", true};
inline constexpr rule depthwise{
    "conv1d.depthwise", "a one-dimensional depthwise convolution loses its weights when it is packed", "",
    "use a depthwise conv2d over an image of height 1", "一维逐通道卷积在打包时会丢失权重",
    "改用高度为 1 的二维逐通道卷积", true};
inline constexpr rule kernel{
    "conv1d.kernel", "kernel", "", "use two layers with smaller kernels", "卷积核", "使用两个卷积核较小的层"};
inline constexpr rule stride{
    "conv1d.stride", "stride", "", "use stride 2, or 2 followed by pooling", "步长", "使用步长 2，或步长 2 后接池化"};
inline constexpr rule dilation{
    "conv1d.dilation", "dilation", "", "use dilation 1, or a conv2d over an image of height 1", "膨胀系数",
    "膨胀系数取 1，或改用高度为 1 的二维卷积", true};
inline constexpr rule padding{
    "conv1d.padding", "padding", "", "pad less, or pad in a layer of its own", "填充", "减小填充，或用单独的填充层"};
inline constexpr rule kernel_below_stride{
    "conv1d.kernel_below_stride", "kernel", "", "use a stride up to the kernel", "卷积核", "步长不要超过卷积核"};
inline constexpr rule pad_above_kernel{
    "conv1d.pad_above_kernel", "padding", "", "pad up to the kernel's size", "填充", "填充不要超过卷积核大小"};
inline constexpr rule engine_padding{
    "conv1d.engine_padding", "the engine pads a one-dimensional input along the wrong axis", "",
    "pad in a layer of its own", "引擎沿错误的轴填充一维输入", "用单独的填充层", true};
inline constexpr rule empty_output{
    "conv1d.empty_output", "output length", "", "pad the input or use a smaller kernel", "输出长度",
    "填充输入或使用更小的卷积核", true};
inline constexpr rule input_bits{
    "conv1d.input_bits", "input of", " bits", "quantize the input to 8 bits", "输入位宽", "把输入量化为 8 位"};
inline constexpr rule weight_bits{
    "conv1d.weight_bits", "weights of", " bits", "use weights of 8 bits", "权重位宽", "使用 8 位权重"};
inline constexpr rule bias_bits{
    "conv1d.bias_bits", "bias of", " bits", "store the bias with 32 bits", "偏置位宽", "偏置使用 32 位"};
inline constexpr rule output_bits{
    "conv1d.output_bits", "output of", " bits", "use outputs of 8 bits", "输出位宽", "使用 8 位输出"};
inline constexpr rule negative_shift{
    "conv1d.negative_shift", "right shift of the sum", "",
    "lower the output's exponent to at most the sum of input's and weight's", "累加和的右移位数",
    "把输出的指数降到不超过输入与权重指数之和", true};
inline constexpr rule row_bytes{
    "conv1d.row_bytes", "eight aligned columns as high as the kernel", " bytes",
    "use fewer channels or a smaller kernel", "与核等高的 8 列（对齐后）", "减少通道数或卷积核"};
inline constexpr rule input_bytes{
    "conv1d.input_bytes", "the aligned input", " bytes", "use fewer channels or a shorter input", "输入（对齐后）",
    "减少通道数或输入长度"};
inline constexpr rule input_memory{
    "conv1d.input_memory", "the input does not lie in share memory", "",
    "keep the input in share memory, or make it smaller", "输入不在共享内存中", "把输入放在共享内存中，或减小输入"};
inline constexpr rule weight_split{
    "conv1d.weight_split", "the packer will split the weights along output channels; passes:", "", "",
    "打包器会沿输出通道切分权重，遍数："};

inline constexpr rule packed_weights{
    "conv1d.packed_weights", "the reference packer writes the weights in groups of 2, the engine reads 4 (defect D25)", "",
    "use a conv2d over an image of height 1", "参考打包器按 2 个一组写权重，而引擎按 4 个一组读取（缺陷 D25）",
    "改用高度为 1 的图像上的 conv2d"};

inline constexpr const rule* rules[] = {
    &input_rank, &weight_rank, &channels, &group, &group_output, &depthwise, &kernel, &stride, &dilation,
    &padding, &kernel_below_stride, &pad_above_kernel, &engine_padding, &empty_output, &input_bits, &weight_bits, &bias_bits,
    &output_bits, &negative_shift, &row_bytes, &input_bytes, &input_memory, &weight_split, &packed_weights};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  const bool sound = check_inputs(f, found);
  found.advise(packed_weights, on.conv.output_align == 4);
  found.never(attribute_missing, f.missing);
  check_rounding(f, on, found);
  const operand& in = f.in[0];
  check_own_scale(in, found);
  check_scale(f.weight, found);
  check_scale(f.out, found);
  const shape &x = in.dims, &w = f.weight.dims;
  found.equal(input_rank, x.rank(), 3);
  found.equal(weight_rank, w.rank(), 3);
  if (f.kernel.size() != 1 || f.stride.size() != 1 || f.pad.size() != 2)
    return found.never(attribute_missing, !f.missing);
  const int k = f.kernel[0], step = f.stride[0], before = f.pad[0], behind = f.pad[1];
  const int most = before > behind ? before : behind, least = before < behind ? before : behind;
  found.within(kernel, k, 1, on.conv.kernel_dilated);
  found.one_of(stride, step, {1, 2, 4});
  if (!f.dilation.empty()) found.equal(dilation, f.dilation[0], 1);  // no recorded case tells what the engine does
  found.at_most(padding, most, on.conv.pad);
  found.at_least(padding, least, 0);
  found.at_least(kernel_below_stride, k, step);
  found.at_most(pad_above_kernel, most, k);
  found.never(engine_padding, on.conv.conv1d_ignores_pad && most > 0);
  if (x.rank() != 3 || w.rank() != 3) return;

  if (in.attribute_bits()) found.equal(input_bits, in.attribute_bits(), 8);
  if (f.bias.present && f.bias.bits) found.equal(bias_bits, f.bias.bits, 32);
  if (on.int16_activations && f.out.bits)
    found.one_of(output_bits, f.out.bits, {8, 16, 32});
  else if (f.out.bits)
    found.one_of(output_bits, f.out.bits, {8, 32});
  if (shift_known(in, f.weight, f.out)) found.at_least(negative_shift, shift_of(in, f.weight, f.out), 0);
  found.equal(channels, x[1], 1LL * w[1] * f.group);
  found.at_least(group, f.group, 1);
  const bool by_channel = f.group != 1 && f.group == w[0];
  found.never(depthwise, by_channel);
  if (!by_channel && f.weight.attribute_bits()) found.equal(weight_bits, f.weight.attribute_bits(), 8);
  if (!sound || k < 1 || step < 1 || least < 0 || f.group < 1 || x[1] != w[1] * f.group || w[1] < 1) return;

  found.equal(group_output, w[0] % f.group, 0);
  const int parts = by_channel ? 1 : f.group, deep = x[1] / parts, wide = w[0] / parts;
  const bool each_plane = (by_channel ? f.group : 1) == wide && w[1] == 1;
  // The layout pass sees an image one column wide, and cannot turn it.
  found.at_most(row_bytes, align_up(deep, on.conv.row_align) * 8 * k,
                each_plane ? on.conv.depthwise_row : on.memory.data_buffer);
  const long long line = align_up(x[2], 1LL * on.conv.strip_group * step);
  if (by_channel) {
    found.at_most(input_bytes, align_up(deep, on.conv.depthwise_strip) * align_up(x[2], 8LL * step),
                  on.memory.depthwise_buffer);
  } else {
    found.at_most(input_bytes, align_up(deep, 8) * line, on.memory.data_buffer);
    const long long each = align_up(deep, 8) * k, room = on.memory.weight_buffer, align = on.conv.output_align;
    if (align * each <= room)
      found.advise(weight_split, align_up(wide, align) * each > room,
                   (wide + room / each / align * align - 1) / (room / each / align * align));
  }
  found.at_least(empty_output, positions(x[2], k, step, before + behind), 1);
  found.never(input_memory, !f.in_share(in, 1LL * deep * x[2]));
}

}  // namespace lnn::limit::conv1d
