// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// BatchNorm2dInt that is not folded into a convolution: hardware_constraints.md section 7.  The packer tests nothing.
namespace lnn::limit::batch_norm {

inline constexpr rule chip_rank{
    "batch_norm.chip_rank", "rank of the input", "", "reshape it to [n, c, h, w]", "输入的维数",
    "用 reshape 变为 [n, c, h, w]", true};
inline constexpr rule bits{
    "batch_norm.bits", "input or weight of", " bits", "quantize both to 8 bits", "输入或权重位宽", "把两者量化为 8 位",
    true};
inline constexpr rule bias_bits{
    "batch_norm.bias_bits", "bias of", " bits", "store the bias with 32 bits", "偏置位宽", "偏置使用 32 位", true};
inline constexpr rule memory{
    "batch_norm.memory", "input or output does not lie in share memory", "", "keep both in share memory, or fold it into a convolution",
    "输入或输出不在共享内存中", "把两者放在共享内存中，或折叠进卷积", true};
inline constexpr rule channels{
    "batch_norm.channels", "elements of the weight", "", "give the weight one element per channel", "权重的元素数",
    "每个通道一个权重", true};

inline constexpr const rule* rules[] = {&chip_rank, &bits, &bias_bits, &memory, &channels};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const operand& in = f.in[0];
  found.equal(chip_rank, in.dims.rank(), 4);
  if (in.bits) found.equal(bits, in.bits, 8);
  if (f.weight.present && f.weight.bits) found.equal(bits, f.weight.bits, 8);
  if (f.bias.present && f.bias.bits) found.equal(bias_bits, f.bias.bits, 32);
  const long long bytes = elements(in.dims);
  found.never(memory, !on.conv.loops_batch && (!f.in_share(in, bytes) || !f.in_share(f.out, bytes)));
  if (f.weight.present && in.dims.rank() > 1) found.equal(channels, elements(f.weight.dims), in.dims[1]);
}

}  // namespace lnn::limit::batch_norm
