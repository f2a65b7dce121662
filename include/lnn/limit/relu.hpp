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

inline constexpr const rule* rules[] = {&bits, &workspace};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const operand& in = f.in[0];
  check_int16(in, on, found);
  const long long bytes = elements(in.dims) * (in.bits ? in.bits : 8) / 8;
  if (f.in_share(in, bytes)) return;
  if (on.engine.relu_workspace)
    found.at_most(workspace, bytes, 65536);
  else if (in.bits)
    found.equal(bits, in.bits, 8);
}

}  // namespace lnn::limit::relu
