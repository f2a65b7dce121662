// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "height.hpp"

/// Conv2dInt: hardware_constraints.md sections 2 and 9.
namespace lnn::limit::conv2d {

// --- form
inline constexpr rule input_rank{
    "conv2d.input_rank", "rank of the input", "", "give it [n, c, h, w]", "输入的维数", "使用 [n, c, h, w]"};
inline constexpr rule weight_rank{
    "conv2d.weight_rank", "rank of the weight", "", "give it [out, c / group, h, w]", "权重的维数",
    "使用 [out, c / group, h, w]"};
inline constexpr rule kernel_shape{
    "conv2d.kernel_shape", "kernel and weight", "", "let kernel_shape repeat the weight's last axes",
    "kernel_shape 与权重", "让 kernel_shape 等于权重的最后两维"};
inline constexpr rule channels{
    "conv2d.channels", "input channels", "",
    "give the input as many channels as the weight's second axis times the group", "输入通道数",
    "输入通道数应为权重第二维乘以 group"};
inline constexpr rule group{
    "conv2d.group", "group", "", "use a group from 1 to the output channels", "分组数", "分组数取 1 到输出通道数"};
inline constexpr rule group_output{
    "conv2d.group_output", "output channels left over by the groups", "",
    "choose a group that divides the output channels", "分组后剩余的输出通道数", "选择能整除输出通道数的分组数", true};
inline constexpr rule depthwise_channels{
    "conv2d.depthwise_channels", "input channels of each group, with as many groups as output channels,", "",
    "use as many groups as input channels, or fewer groups", "分组数等于输出通道数时每组的输入通道数",
    "让分组数等于输入通道数，或减少分组"};
inline constexpr rule kernel_height{
    "conv2d.kernel_height", "kernel height", "", "use kernel height # or two 3x3 layers", "卷积核高度",
    "使用高度 #，或两个 3x3 层"};
inline constexpr rule kernel_width{
    "conv2d.kernel_width", "kernel width", "", "use kernel width # or two 3x3 layers", "卷积核宽度",
    "使用宽度 #，或两个 3x3 层"};
inline constexpr rule stride_height{
    "conv2d.stride_height", "stride height", "", "use stride 2, or 2 followed by pooling", "垂直步长",
    "使用步长 2，或步长 2 后接池化"};
inline constexpr rule stride_width{
    "conv2d.stride_width", "stride width", "", "use stride 2, or 2 followed by pooling", "水平步长",
    "使用步长 2，或步长 2 后接池化"};
inline constexpr rule dilation_height{
    "conv2d.dilation_height", "dilation height", "", "use the nearest legal dilation, or a larger kernel without one",
    "垂直膨胀系数", "使用最近的合法膨胀系数，或不膨胀的较大卷积核"};
inline constexpr rule dilation_width{
    "conv2d.dilation_width", "dilation width", "", "use the nearest legal dilation, or a larger kernel without one",
    "水平膨胀系数", "使用最近的合法膨胀系数，或不膨胀的较大卷积核"};
inline constexpr rule padding{
    "conv2d.padding", "padding", "", "pad less, or pad in a layer of its own", "填充", "减小填充，或用单独的填充层"};
inline constexpr rule kernel_below_stride{
    "conv2d.kernel_below_stride", "kernel", "", "use a stride up to the kernel", "卷积核", "步长不要超过卷积核"};
inline constexpr rule pad_above_kernel{
    "conv2d.pad_above_kernel", "padding", "", "pad up to the kernel's size", "填充", "填充不要超过卷积核大小"};
inline constexpr rule input_below_kernel{
    "conv2d.input_below_kernel", "one side of the input with the padding of the other (the packer exchanges them)", "",
    "use a larger input or a smaller kernel", "输入一边的长度加另一边的填充（打包器把两者弄反了）",
    "增大输入或减小卷积核"};
inline constexpr rule empty_output{
    "conv2d.empty_output", "least output extent", "", "pad the input or use a smaller kernel", "输出的最小边长",
    "填充输入或使用更小的卷积核", true};

// --- widths
inline constexpr rule input_bits{
    "conv2d.input_bits", "input of", " bits", "quantize the input to 8 bits", "输入位宽", "把输入量化为 8 位"};
inline constexpr rule weight_bits{
    "conv2d.weight_bits", "weights of", " bits", "use weights of 8 bits", "权重位宽", "使用 8 位权重"};
inline constexpr rule bias_bits{
    "conv2d.bias_bits", "bias of", " bits", "store the bias with 32 bits", "偏置位宽", "偏置使用 32 位"};
inline constexpr rule output_bits{
    "conv2d.output_bits", "output of", " bits", "use outputs of 8 bits", "输出位宽", "使用 8 位输出"};
inline constexpr rule engine_output_bits{
    "conv2d.engine_output_bits", "output of", " bits", "use outputs of 8 bits", "输出位宽", "使用 8 位输出", true};
inline constexpr rule split_output_bits{
    "conv2d.split_output_bits", "output joined from groups has", " bits", "use outputs of 8 bits, or no groups",
    "由各组拼接的输出位宽", "使用 8 位输出，或不分组", true};
inline constexpr rule negative_shift{
    "conv2d.negative_shift", "right shift of the sum", "",
    "lower the output's exponent to at most the sum of input's and weight's", "累加和的右移位数",
    "把输出的指数降到不超过输入与权重指数之和", true};
inline constexpr rule batch{
    "conv2d.batch", "images in one batch", "", "run one image at a time", "一批中的图像数", "每次只运行一幅图像", true};

// --- sizes
inline constexpr rule row_bytes{
    "conv2d.row_bytes", "one aligned kernel-high row of input", " bytes", "use fewer channels or a narrower input",
    "输入中与核等高的一行（对齐后）", "减少通道数或输入宽度"};
inline constexpr rule strip_bytes{
    "conv2d.strip_bytes", "one aligned kernel-high strip of input", " bytes", "use fewer channels or a narrower input",
    "输入中与核等高的一条（对齐后）", "减少通道数或输入宽度"};
inline constexpr rule depthwise_weight_bytes{
    "conv2d.depthwise_weight_bytes", "aligned depthwise weights", " bytes", "use fewer channels or a smaller kernel",
    "逐通道卷积的权重（对齐后）", "减少通道数或卷积核"};
inline constexpr rule channel_step_bytes{
    "conv2d.channel_step_bytes", "weights of the least number of output channels", " bytes",
    "use fewer input channels or a smaller kernel", "最少输出通道数的权重", "减少输入通道数或卷积核"};
inline constexpr rule output_step{
    "conv2d.output_step", "outputs of the least number of channels", "", "use a smaller image or a larger --threshold2",
    "最少通道数的输出元素数", "减小图像，或增大 --threshold2"};
inline constexpr rule height_split{
    "conv2d.height_split", "the image cannot be cut into equally high parts that fit the data buffer", "",
    "use an output height with small divisors, or a smaller input", "无法把图像切成等高且放得进数据缓存的若干部分",
    "让输出高度有较小的因数，或减小输入", true};
inline constexpr rule far_parts{
    "conv2d.far_parts", "parts in which the engine writes an output to PSRAM, of which its driver makes another number:", "",
    "keep the output in share memory, or use a smaller input", "引擎向 PSRAM 写输出的份数，与驱动切分的份数不同：", "把输出放在共享内存中，或减小输入", true};
inline constexpr rule far_planes{
    "conv2d.far_planes", "the engine cannot write the output of a depthwise layer to PSRAM", "", "keep the output in share memory",
    "引擎无法把逐通道卷积的输出写入 PSRAM", "把输出放在共享内存中", true};
inline constexpr rule rows_left{
    "conv2d.rows_left", "in an image too large for the data buffer, rows beneath the last window", "",
    "pad or crop the input so that the windows fit, or use a smaller input", "需要切分的图像在最后一个窗口之下余下的行数",
    "填充或裁剪输入使窗口恰好放下，或减小输入", true};

// --- advice
inline constexpr rule weight_split{
    "conv2d.weight_split", "the packer will split the weights along output channels; passes:", "", "",
    "打包器会沿输出通道切分权重，遍数："};
inline constexpr rule row_split{
    "conv2d.row_split", "the input is taken in strips of rows; passes:", "", "", "输入按行分条处理，遍数："};
inline constexpr rule group_split{
    "conv2d.group_split", "the packer will make one convolution of every group, and a concat; groups:", "", "",
    "打包器会把每组变成一个卷积再拼接，组数："};
inline constexpr rule turned{
    "conv2d.turned", "the packer will add transposes before and behind: rows do not fit, columns do", "",
    "use a narrower input", "打包器会在前后各加一个转置：行放不下而列放得下", "减小输入宽度"};
inline constexpr rule int4_count{
    "conv2d.int4_count", "weights of 4 bits whose number is no multiple of 32 leave a tail of", " elements", "",
    "4 位权重的个数不是 32 的倍数，余下"};

inline constexpr const rule* rules[] = {
    &input_rank, &weight_rank, &kernel_shape, &channels, &group, &group_output, &depthwise_channels, &kernel_height,
    &kernel_width, &stride_height, &stride_width, &dilation_height, &dilation_width, &padding, &kernel_below_stride,
    &pad_above_kernel, &input_below_kernel, &empty_output, &input_bits, &weight_bits, &bias_bits, &output_bits,
    &engine_output_bits, &split_output_bits, &negative_shift, &batch, &row_bytes, &strip_bytes, &depthwise_weight_bytes,
    &channel_step_bytes, &output_step, &height_split, &rows_left, &far_parts, &far_planes, &weight_split, &row_split, &group_split, &turned, &int4_count};

namespace detail {

constexpr void check_widths(const facts& f, const chip& on, verdict& found) {
  const operand& x = f.in[0];
  if (x.bits) found.equal(input_bits, x.bits, 8);
  if (x.named_bits) found.equal(input_bits, x.named_bits, 8);
  if (const int bits = f.weight.attribute_bits()) {
    const bool narrow = bits == 4 && on.conv.int4_weights;
    if (on.conv.int4_weights)
      found.one_of(weight_bits, bits, {4, 8});
    else
      found.equal(weight_bits, bits, 8);
    if (f.weight.bits) found.at_most(weight_bits, f.weight.bits, narrow ? 4 : 8);  // the values must be of that width
    found.never(int4_bias, narrow && f.bias.present && f.options.dma_prefetch);
    if (narrow && f.weight.present)
      found.advise(int4_count, elements(f.weight.dims) % 32 != 0, elements(f.weight.dims) % 32);
  }
  if (f.bias.present && f.bias.bits) found.one_of(bias_bits, f.bias.bits, {16, 32});
  if (const int bits = f.out.bits) {
    if (on.int16_activations)
      found.one_of(output_bits, bits, {8, 16, 32});
    else
      found.one_of(output_bits, bits, {8, 32});
    if (!on.conv.wide_output) found.equal(engine_output_bits, bits, 8);
    if (f.group > 1 && f.group != f.weight.dims[0]) found.equal(split_output_bits, bits, 8);
  }
  if (shift_known(x, f.weight, f.out)) found.at_least(negative_shift, shift_of(x, f.weight, f.out), 0);
}

/// False: sizes are not worth asking about.
constexpr bool check_attributes(const extent2& kernel, const extent2& stride, const extent2& dilation,
                                const padding2& pad, const chip& on, verdict& found) {
  const bool dilated = dilation.h > 1 || dilation.w > 1;
  const int tallest = dilated ? on.conv.kernel_dilated : on.conv.kernel;
  found.within(kernel_height, kernel.h, 1, tallest);
  found.within(kernel_width, kernel.w, 1, tallest);
  found.one_of(stride_height, stride.h, {1, 2, 4});
  found.one_of(stride_width, stride.w, {1, 2, 4});
  if (on.conv.dilation == 1) {
    found.equal(dilation_height, dilation.h, 1);
    found.equal(dilation_width, dilation.w, 1);
  } else {
    found.one_of(dilation_height, dilation.h, {1, 2, 4, 8});
    found.one_of(dilation_width, dilation.w, {1, 2, 4, 8});
  }
  found.at_most(padding, greatest(pad), on.conv.pad);
  found.at_least(padding, least(pad), 0);
  check_window(kernel, stride, pad, kernel_below_stride, pad_above_kernel, found);
  return kernel.h > 0 && kernel.w > 0 && stride.h > 0 && stride.w > 0 && dilation.h > 0 && dilation.w > 0 &&
         least(pad) >= 0;
}

/// The packer compares each side with the padding of the other one.
constexpr void check_input(const layout& at, verdict& found) {
  found.at_least(input_below_kernel, at.w + at.pad.top + at.pad.bottom, at.kernel.w);
  found.at_least(input_below_kernel, at.h + at.pad.left + at.pad.right, at.kernel.h);
}

constexpr void check_height(const layout& at, long long deep, bool each_plane, int dilation_h, bool far, const chip& on, verdict& found) {
  const long long line = each_plane ? plane_line(at, deep, on) : at.line(align_up(deep, 8), on.conv.strip_group);
  const long long reach = 1LL * (at.kernel.h - 1) * dilation_h + 1, limit = each_plane ? on.memory.depthwise_buffer : on.memory.data_buffer;
  const height_cut cut = cut_height(at, reach, each_plane, line, on, limit);
  found.never(far_planes, far && each_plane && on.stage == staging::capped);
  if (far && on.stage == staging::capped && cut.parts > 0 && line > 0) {
    // the engine counts the parts itself, padding included, and asks the driver for each
    const long long rows = limit / line - (each_plane ? at.kernel.h + at.pad.top : reach), each = rows < 0 ? 1 : rows / at.stride.h + 1;
    found.equal(far_parts, (at.out_h + each - 1) / each, cut.parts);
  }
  check_cut(cut, on, height_split, rows_left, found);
  found.advise(row_split, cut.parts > 1, cut.parts);
}

/// Every channel for itself.
constexpr void check_depthwise(const facts& f, const layout& at, int deep, const chip& on, verdict& found) {
  const auto& c = on.conv;
  found.at_most(strip_bytes, at.strip(align_up(deep, c.depthwise_strip), c.strip_group), on.memory.depthwise_buffer);
  const long long room = c.depthwise_whole || f.options.weight_threshold < on.memory.weight_buffer
                             ? on.memory.weight_buffer
                             : f.options.weight_threshold;
  found.at_most(depthwise_weight_bytes,
                align_up(f.weight.dims[0], c.depthwise_align) * align_up(at.kernel.h, c.depthwise_rows) * at.kernel.w,
                room);
  found.equal(depthwise_channels, f.weight.dims[1], 1);
}

/// The packer cuts the output channels so that weights and outputs of a piece keep below its thresholds; the engine
/// cuts again to fit its buffer.  Neither can cut below one step of channels.  With pieces that small, two rules of the
/// packer never speak: weights above 32 KiB with data above 64 KiB on venus, and strides of its engine's own split.
constexpr void check_dense(const facts& f, const layout& at, int deep, int wide, const chip& on, verdict& found) {
  const long long step = on.conv.output_align, each = align_up(deep, 8) * at.kernel.h * at.kernel.w;
  const long long threshold = f.options.weight_threshold, buffer = on.memory.weight_buffer;
  const long long room = on.conv.weights_capped && threshold < buffer ? threshold : buffer;
  found.at_most(strip_bytes, at.strip(align_up(deep, 8), on.conv.strip_group), on.memory.data_buffer);
  found.at_most(channel_step_bytes, step * each, room);
  if (step * each <= room) {
    const long long most = room / each / step * step;
    found.advise(weight_split, align_up(wide, step) * each > room, (wide + most - 1) / most);
  }
  const long long packed = on.conv.weights_capped || threshold < buffer ? room : threshold;
  const long long outputs =
      f.options.output_threshold > on.conv.output_least ? f.options.output_threshold : on.conv.output_least;
  const long long all = wide * at.out_h * at.out_w;
  if (align_up(wide, step) * each <= packed && all <= outputs) return;
  long long rows = at.out_h;  // of a piece: when the data are cut as well, fewer
  const long long line = at.line(align_up(deep, 8), on.conv.strip_group);
  if (line * at.h > on.memory.data_buffer) {
    rows = floor_div(on.memory.data_buffer / line - at.kernel.h - at.pad.top + at.stride.h, at.stride.h);
    if (rows < 1) rows = 1;
  }
  if (wide * at.out_w * rows > outputs) found.at_most(output_step, step * at.out_w * rows, outputs);
}

}  // namespace detail

constexpr void check(const facts& f, const chip& on, verdict& found) {
  const bool sound = check_inputs(f, found) && check_tensor(f.in[0], found);
  found.never(attribute_missing, f.missing);
  check_rounding(f, on, found);
  check_own_scale(f.in[0], found);
  check_scale(f.weight, found);
  check_scale(f.out, found);
  const shape &x = f.in[0].dims, &w = f.weight.dims;
  found.equal(input_rank, x.rank(), 4);
  found.equal(weight_rank, w.rank(), 4);
  extent2 kernel, stride;
  padding2 pad;
  if (!read_window(f, kernel, stride, pad) || f.dilation.size() != 2) return found.never(attribute_missing, !f.missing);
  const extent2 dilation{f.dilation[0], f.dilation[1]};
  const bool sizes = detail::check_attributes(kernel, stride, dilation, pad, on, found);
  if (x.rank() != 4 || w.rank() != 4) return;
  detail::check_widths(f, on, found);
  found.same(kernel_shape, {kernel.h, kernel.w}, {w[2], w[3]});
  found.equal(channels, x[1], 1LL * w[1] * f.group);
  const int whole = w[0];
  found.within(group, f.group, 1, whole);
  if (!sizes || !sound || f.group < 1 || f.group > whole || x[1] != w[1] * f.group || w[1] < 1) return;

  if (!on.conv.loops_batch) found.at_most(batch, x[0], 1);
  const bool grouped = f.group != 1 && f.group != whole;
  found.equal(group_output, whole % f.group, 0);
  found.advise(group_split, grouped, f.group);
  const int parts = grouped ? f.group : 1, deep = x[1] / parts, wide = whole / parts;
  const bool each_plane = (grouped ? 1 : f.group) == wide && w[1] == 1;
  const layout upright{x[2],
                       x[3],
                       kernel,
                       stride,
                       pad,
                       positions(x[2], kernel.h, stride.h, pad.top + pad.bottom, dilation.h),
                       positions(x[3], kernel.w, stride.w, pad.left + pad.right, dilation.w)};
  detail::check_input(upright, found);
  const long long limit = each_plane ? on.conv.depthwise_row : on.memory.data_buffer,
                  aligned = align_up(deep, on.conv.row_align);
  const layout at = lay_out(upright, aligned, limit);
  found.at_most(row_bytes, at.row(aligned), limit);
  found.advise(turned, at.turned);
  if (at.turned) detail::check_input(at, found);
  found.at_least(empty_output, at.out_h < at.out_w ? at.out_h : at.out_w, 1);
  if (at.out_h < 1 || at.out_w < 1) return;
  const std::size_t before = found.refused().size();
  if (!grouped && f.group != 1)
    detail::check_depthwise(f, at, deep, on, found);
  else
    detail::check_dense(f, at, deep, wide, on, found);
  if (found.refused().size() > before) return;  // one error for one cause: a strip alone is too large
  const long long all = 1LL * w[0] * at.out_h * at.out_w, most = f.options.output_threshold > on.conv.output_least ? f.options.output_threshold : on.conv.output_least;
  const long long outputs = all < most ? all : most;  // of a piece
  detail::check_height(at, deep, each_plane, at.turned ? dilation.w : dilation.h, !f.in_share(f.out, outputs), on, found);
}

}  // namespace lnn::limit::conv2d
