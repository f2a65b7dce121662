// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// LayerNormInt: hardware_constraints.md sections 7 and 9.
namespace lnn::limit::layer_norm {

inline constexpr rule rank{
    "layer_norm.rank", "rank of the input", "", "give it [n, features]", "输入的维数", "使用 [n, features]"};
inline constexpr rule weight{
    "layer_norm.weight", "elements of the weight", "", "normalize over the last axis or the last two", "权重的元素数",
    "在最后一维或最后两维上归一化"};
inline constexpr rule input_bits{
    "layer_norm.input_bits", "input of", " bits", "quantize the input to 8 bits", "输入位宽", "把输入量化为 8 位",
    true};
inline constexpr rule features{
    "layer_norm.features", "features that are normalized together", "",
    "normalize fewer features at once: with more, the engine's 32-bit products overflow (defect D14)",
    "一起归一化的特征数", "减少一次归一化的特征数：更多时引擎的 32 位乘积会溢出（缺陷 D14）", true};
inline constexpr rule workspace{
    "layer_norm.workspace", "the reference packer reserves less workspace than the engine uses (defect D41)", "",
    "pack with lnn, which reserves enough, or leave free memory behind the workspace",
    "参考打包器预留的工作区小于引擎实际使用的（缺陷 D41）",
    "用 lnn 打包（预留足够），或在工作区之后留出空闲内存", true, true};

inline constexpr rule gain_bits{
    "layer_norm.gain_bits", "the engine reads the gain in 16 bits, files hold 8 (defect D36)", "",
    "store the gain in 16 bits", "引擎按 16 位读取增益，而文件中为 8 位（缺陷 D36）", "增益按 16 位存储"};

inline constexpr const rule* rules[] = {&rank, &weight, &input_bits, &features, &workspace, &gain_bits};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const operand& in = f.in[0];
  check_own_scale(in, found);
  check_scale(f.weight, found);
  check_scale(f.out, found);
  if (in.bits) found.equal(input_bits, in.bits, 8);
  found.never(int4_weights, f.weight.attribute_bits() == 4 && !on.conv.int4_weights);
  found.advise(workspace, true);
  found.advise(gain_bits, on.engine.normal_bits == 16 && f.weight.attribute_bits() != 16);
  const shape& x = in.dims;
  found.at_least(rank, x.rank(), 2);
  if (x.rank() < 2 || !f.weight.present || f.weight.dims.rank() < 1) return;
  // the packer reads the first extent of the weight
  const long long one = last(x), two = one * x[x.rank() - 2], n = f.weight.dims[0];
  if (n != one && n != two) found.equal(weight, n, one);
  else found.at_most(features, n, 362);  // n * sum x^2 up to 2^14 n^2 stays within 31 bits
}

}  // namespace lnn::limit::layer_norm
