// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// Relu where no convolution takes it in: hardware_constraints.md sections 7 and 9.
namespace lnn::limit::relu {

inline constexpr rule bits{
    "relu.bits", "input in PSRAM of", " bits", "keep the input in share memory, or use 8 bits", "PSRAM 中输入的位宽",
    "把输入放在共享内存中，或使用 8 位", true};
inline constexpr rule workspace{
    "relu.workspace", "input in PSRAM of", " bytes", "keep the input in share memory", "PSRAM 中的输入大小",
    "把输入放在共享内存中", true};
inline constexpr rule kept_exponent{
    "relu.exponent", "output exponent, which the engine does not bring about (defect D3),", "",
    "give the output the exponent of the input", "输出指数（引擎不改变指数，缺陷 D3）", "使用与输入相同的指数", true};

inline constexpr const rule* rules[] = {&bits, &workspace, &kept_exponent};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const operand& in = f.in[0];
  check_int16(in, on, found);
  if (in.scale.whole() && f.out.scale.whole()) found.equal(kept_exponent, f.out.scale.value, in.scale.value);
  const long long bytes = elements(in.dims) * (in.bits ? in.bits : 8) / 8;
  if (f.in_share(in, bytes)) return;
  if (on.engine.relu_workspace)
    found.at_most(workspace, bytes, 65536);
  else if (in.bits)
    found.equal(bits, in.bits, 8);
}

}  // namespace lnn::limit::relu
