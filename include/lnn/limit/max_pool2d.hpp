// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/window.hpp"
#include "height.hpp"

/// MaxPool: hardware_constraints.md sections 5 and 9.
namespace lnn::limit::max_pool2d {

inline constexpr rule input_rank{
    "max_pool2d.input_rank", "rank of the input", "", "give it [n, c, h, w]", "输入的维数", "使用 [n, c, h, w]"};
inline constexpr rule input_bits{
    "max_pool2d.input_bits", "input of", " bits", "quantize the input to 8 bits", "输入位宽", "把输入量化为 8 位"};
inline constexpr rule kernel_below_stride{
    "max_pool2d.kernel_below_stride", "kernel", "", "use a stride up to the kernel", "池化窗口", "步长不要超过窗口"};
inline constexpr rule pad_above_kernel{
    "max_pool2d.pad_above_kernel", "padding", "", "pad up to the kernel's size", "填充", "填充不要超过窗口大小"};
inline constexpr rule empty_output{
    "max_pool2d.empty_output", "least output extent", "", "pad the input or use a smaller kernel", "输出的最小边长",
    "填充输入或使用更小的窗口", true};
inline constexpr rule ceil{
    "max_pool2d.ceil_mode", "a window that hangs over the edge reads stray data", "",
    "pad the input so that the windows fit", "超出边缘的窗口会读到无关数据", "填充输入，使窗口恰好放下", true};
inline constexpr rule row_bytes{
    "max_pool2d.row_bytes", "one aligned kernel-high row of input", " bytes", "use fewer channels or a narrower input",
    "输入中与窗口等高的一行（对齐后）", "减少通道数或输入宽度"};
inline constexpr rule turned{
    "max_pool2d.turned", "the packer will add transposes before and behind: rows do not fit, columns do", "",
    "use a narrower input", "打包器会在前后各加一个转置：行放不下而列放得下", "减小输入宽度"};
inline constexpr rule kernel_size{
    "max_pool2d.kernel_size", "kernel", "", "pool twice with smaller kernels", "池化窗口", "用较小的窗口池化两次"};
inline constexpr rule padding{"max_pool2d.padding", "padding", "", "pad less", "填充", "减小填充"};
inline constexpr rule strip_bytes{
    "max_pool2d.strip_bytes", "one aligned kernel-high strip of input", " bytes",
    "use fewer channels or a narrower input", "输入中与窗口等高的一条（对齐后）", "减少通道数或输入宽度"};
inline constexpr rule height_split{
    "max_pool2d.height_split", "the image cannot be cut into equally high parts that fit the data buffer", "",
    "use an output height with small divisors, or a smaller input", "无法把图像切成等高且放得进数据缓存的若干部分",
    "让输出高度有较小的因数，或减小输入", true};
inline constexpr rule rows_left{
    "max_pool2d.rows_left", "in an image too large for the data buffer, rows beneath the last window", "",
    "pad or crop the input so that the windows fit, or use a smaller input", "需要切分的图像在最后一个窗口之下余下的行数",
    "填充或裁剪输入使窗口恰好放下，或减小输入", true};
inline constexpr rule output_memory{
    "max_pool2d.output_memory", "the engine cannot write the output to PSRAM", "", "keep the output in share memory",
    "引擎无法把输出写入 PSRAM", "把输出放在共享内存中", true};
inline constexpr rule far_batch{
    "max_pool2d.far_batch", "images of a batch that the engine reads from PSRAM, of which its driver copies the first:", "",
    "keep the input in share memory, or pool one image at a time", "引擎从 PSRAM 读取的一批图像数（驱动只复制第一张）：",
    "把输入放在共享内存中，或每次池化一张图像", true};
inline constexpr rule row_split{
    "max_pool2d.row_split", "the input is taken in strips of rows; passes:", "", "", "输入按行分条处理，遍数："};

inline constexpr const rule* rules[] = {
    &input_rank, &input_bits, &kernel_below_stride, &pad_above_kernel, &empty_output, &ceil, &row_bytes, &turned,
    &kernel_size, &padding, &strip_bytes, &height_split, &rows_left, &output_memory, &far_batch, &row_split};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  const bool sound = check_inputs(f, found);
  const operand& in = f.in[0];
  const shape& x = in.dims;
  found.equal(input_rank, x.rank(), 4);
  if (in.bits) found.equal(input_bits, in.bits, 8);
  extent2 kernel, stride;
  padding2 pad;
  if (!read_window(f, kernel, stride, pad)) return found.never(attribute_missing, true);
  check_window(kernel, stride, pad, kernel_below_stride, pad_above_kernel, found);
  if (x.rank() == 4 && on.pool.kernel > 0 && kernel.h != x[2] + pad.top + pad.bottom &&
      kernel.w != x[3] + pad.left + pad.right) {
    found.at_most(kernel_size, kernel.h > kernel.w ? kernel.h : kernel.w, on.pool.kernel);
    found.at_most(padding, greatest(pad), on.pool.pad);
  }
  if (x.rank() != 4 || !sound || kernel.h < 1 || kernel.w < 1 || stride.h < 1 || stride.w < 1) return;
  const layout upright{x[2],
                       x[3],
                       kernel,
                       stride,
                       pad,
                       positions(x[2], kernel.h, stride.h, pad.top + pad.bottom),
                       positions(x[3], kernel.w, stride.w, pad.left + pad.right)};
  const bool taller =
      window2::positions(x[2], kernel.h, stride.h, pad.top + pad.bottom, 1, true, pad.top) > upright.out_h;
  const bool wider =
      window2::positions(x[3], kernel.w, stride.w, pad.left + pad.right, 1, true, pad.left) > upright.out_w;
  found.never(ceil, f.ceil_mode && !on.pool.ceil_mode && (taller || wider));
  found.at_least(empty_output, upright.out_h < upright.out_w ? upright.out_h : upright.out_w, 1);
  const long long limit = on.memory.data_buffer, aligned = align_up(x[1], on.conv.row_align);
  const layout at = lay_out(upright, aligned, limit);
  if (kernel.h <= on.pool.turned && kernel.w <= on.pool.turned) found.at_most(row_bytes, at.row(aligned), limit);
  found.advise(turned, at.turned);
  found.never(output_memory, on.pool.output_in_share && !f.in_share(f.out, x[1] * upright.out_h * upright.out_w));
  if (on.stage == staging::whole && !f.in_share(in, elements(x))) found.at_most(far_batch, x[0], 1);
  const long long line = plane_line(at, x[1], on), room = on.memory.depthwise_buffer;
  if (on.pool.strip && line * at.h > limit) {
    found.at_most(strip_bytes, line * at.kernel.h, limit);
    if (line * at.kernel.h > limit) return;
  } else if (!f.in_share(f.out, x[1] * at.out_h * at.out_w)) {
    return;  // the engine takes some channels at a time
  }
  const height_cut cut = cut_height(at, at.kernel.h, true, line, on, room);
  check_cut(cut, on, height_split, rows_left, found);
  found.advise(row_split, cut.parts > 1, cut.parts);
}

}  // namespace lnn::limit::max_pool2d
