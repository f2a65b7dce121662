// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/window.hpp"
#include "height.hpp"

/// AvgPool2dInt: hardware_constraints.md sections 5 and 9.
namespace lnn::limit::avg_pool2d {

inline constexpr rule input_rank{
    "avg_pool2d.input_rank", "rank of the input", "", "give it [n, c, h, w]", "输入的维数", "使用 [n, c, h, w]"};
inline constexpr rule input_bits{
    "avg_pool2d.input_bits", "input of", " bits", "quantize the input to 8 bits", "输入位宽", "把输入量化为 8 位"};
inline constexpr rule kernel_below_stride{
    "avg_pool2d.kernel_below_stride", "kernel", "", "use a stride up to the kernel", "池化窗口", "步长不要超过窗口"};
inline constexpr rule pad_above_kernel{
    "avg_pool2d.pad_above_kernel", "padding", "", "pad up to the kernel's size", "填充", "填充不要超过窗口大小"};
inline constexpr rule empty_output{
    "avg_pool2d.empty_output", "least output extent", "", "pad the input or use a smaller kernel", "输出的最小边长",
    "填充输入或使用更小的窗口", true};
inline constexpr rule ceil{
    "avg_pool2d.ceil_mode", "a window that hangs over the edge reads stray data", "",
    "pad the input so that the windows fit", "超出边缘的窗口会读到无关数据", "填充输入，使窗口恰好放下", true};
inline constexpr rule row_bytes{
    "avg_pool2d.row_bytes", "one aligned kernel-high row of input", " bytes", "use fewer channels or a narrower input",
    "输入中与窗口等高的一行（对齐后）", "减少通道数或输入宽度"};
inline constexpr rule turned{
    "avg_pool2d.turned", "the packer will add transposes before and behind: rows do not fit, columns do", "",
    "use a narrower input", "打包器会在前后各加一个转置：行放不下而列放得下", "减小输入宽度"};
inline constexpr rule turned_window{
    "avg_pool2d.turned_window", "the packer turns the image on its side but not the kernel, stride or pads", "",
    "use a square window and stride, or a narrower input", "打包器转置了图像却没有转置窗口、步长或填充",
    "使用正方形窗口与相同步长，或减小输入宽度", true};
inline constexpr rule memory{
    "avg_pool2d.memory", "neither input nor output lies in share memory", "", "keep one of them in share memory",
    "输入和输出都不在共享内存中", "至少把其中之一放在共享内存中"};
inline constexpr rule exponent{
    "avg_pool2d.exponent", "the engine is wrong where the output's exponent is not the input's", "",
    "give the output the exponent of the input", "输出指数与输入不同时引擎计算错误", "让输出使用输入的指数", true};
inline constexpr rule batch{
    "avg_pool2d.batch", "images in one batch", "", "run one image at a time", "一批中的图像数", "每次只运行一幅图像",
    true};
inline constexpr rule split{
    "avg_pool2d.split", "the input is processed eight channels at a time; passes:", "", "",
    "输入每次处理 8 个通道，遍数："};
inline constexpr rule split_channels{
    "avg_pool2d.split_channels", "channels left over by eight in an input above 64 KiB (engine defect D11)", "",
    "use a multiple of 8 channels", "输入超过 64 KiB 时除以 8 余下的通道数（引擎缺陷 D11）", "使用 8 的倍数个通道",
    true};
inline constexpr rule height_split{
    "avg_pool2d.height_split", "the channels that are taken at a time cannot be cut into parts that fit the data buffer", "",
    "use an output height with small divisors, or a smaller input", "一次处理的通道无法切成放得进数据缓存的若干部分",
    "让输出高度有较小的因数，或减小输入", true};
inline constexpr rule rows_left{
    "avg_pool2d.rows_left", "in an image too large for the data buffer, rows beneath the last window", "",
    "pad or crop the input so that the windows fit, or use a smaller input", "需要切分的图像在最后一个窗口之下余下的行数",
    "填充或裁剪输入使窗口恰好放下，或减小输入", true};
inline constexpr rule engine_parts{
    "avg_pool2d.engine_parts", "channels of an input above 64 KiB, of which every pass takes all and writes behind its workspace (defect D11c):", "",
    "use 8 channels, or a smaller input", "输入超过 64 KiB 时每一遍都处理全部通道并写到工作区之外（缺陷 D11c），通道数：",
    "使用 8 个通道，或减小输入", true};

inline constexpr rule workspace{
    "avg_pool2d.workspace", "the reference packer reserves less workspace than the engine uses (defect D11b)", "",
    "pack with lnn, which reserves enough, or leave free memory behind the workspace",
    "参考打包器预留的工作区小于引擎实际使用的（缺陷 D11b）",
    "用 lnn 打包（预留足够），或在工作区之后留出空闲内存", false, true};

inline constexpr rule engine_area{
    "avg_pool2d.engine_area", "pixels of a whole image that is averaged, by which the engine divides in 8 bits:", "",
    "pool in two steps, or an image of a power of two of pixels", "对整幅图像求平均的像素数（引擎以 8 位数作除数）：",
    "分两步池化，或使像素数为 2 的幂", true};
inline constexpr rule engine_ones{
    "avg_pool2d.engine_ones", "channels of a whole image that is averaged, too few for the engine's scratch memory (defect D11):", "",
    "use more channels, pool in two steps, or an image of a power of two of pixels",
    "对整幅图像求平均的通道数不足，引擎的工作区会重叠（缺陷 D11）：", "增加通道数、分两步池化，或使像素数为 2 的幂", true};

inline constexpr const rule* rules[] = {
    &input_rank, &input_bits, &kernel_below_stride, &pad_above_kernel, &empty_output, &ceil, &row_bytes, &turned,
    &turned_window, &memory, &exponent, &batch, &split, &split_channels, &height_split, &rows_left, &engine_parts, &workspace, &engine_area, &engine_ones};

/// Bytes of an input above which the engine takes eight channels at a time.
inline constexpr long long limit_of_parts = 65536;

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
  check_own_scale(in, found);
  check_scale(f.out, found);
  if (in.scale.whole() && f.out.attribute().whole()) {
    const int area = kernel.h * kernel.w, raised = f.out.attribute().value - in.scale.value;
    const bool power = area > 0 && (area & (area - 1)) == 0;
    const bool whole = x.rank() == 4 && kernel.h >= x[2] + pad.top + pad.bottom && kernel.w >= x[3] + pad.left + pad.right;
    found.never(exponent, raised != 0 && !(raised > 0 && !power && (on.pool.sum_bits == 16 || whole)));
  }
  if (x.rank() != 4 || !sound || kernel.h < 1 || kernel.w < 1 || stride.h < 1 || stride.w < 1) return;
  if (!on.conv.loops_batch) found.at_most(batch, x[0], 1);
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
  const long long area = static_cast<long long>(kernel.h) * kernel.w;
  const bool whole = kernel.h == x[2] && kernel.w == x[3], power = (area & (area - 1)) == 0;
  const bool parts = upright.line(align_up(x[1], 8), 8) * x[2] > limit_of_parts;
  found.advise(workspace, !on.conv.loops_batch && whole && (power || parts));
  if (whole && !power) {
    // a whole image is a product with ones, which lie before the sums
    if (on.stage == staging::parts) found.at_most(engine_area, area, 127);
    else found.at_least(engine_ones, x[1], (area + 3) / 4);
  }
  found.at_least(empty_output, upright.out_h < upright.out_w ? upright.out_h : upright.out_w, 1);
  const long long limit = on.memory.data_buffer, aligned = align_up(x[1], on.conv.row_align);
  const layout at = lay_out(upright, aligned, limit);
  if (kernel.h <= on.pool.turned && kernel.w <= on.pool.turned) found.at_most(row_bytes, at.row(aligned), limit);
  found.advise(turned, at.turned);
  found.never(turned_window, at.turned && (kernel.h != kernel.w || stride.h != stride.w || pad.top != pad.left ||
                                           pad.bottom != pad.right));
  found.never(memory, !f.options.anything_in_share && !f.in_share(in, elements(x) / x[0]) && !f.in_share(f.out, x[1] * upright.out_h * upright.out_w));
  found.advise(split, parts, (x[1] + 7) / 8);
  if (parts) found.equal(split_channels, x[1] % 8, 0);
  if (parts && x[1] % 8 == 0 && on.stage != staging::parts) found.at_most(engine_parts, x[1], 8);
  if (whole) return;  // a product, which has no window
  const long long line = plane_line(at, parts ? 8 : x[1], on);
  if (on.stage == staging::parts) return found.never(height_split, line * at.h > limit_of_parts);
  check_cut(cut_height(at, at.kernel.h, true, line, on, on.memory.depthwise_buffer), on, height_split, rows_left, found);
}

}  // namespace lnn::limit::avg_pool2d
