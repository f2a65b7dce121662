// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// iqSigmoid and iqTanh: hardware_constraints.md sections 7 and 9.
namespace lnn::limit::sigmoid {

inline constexpr rule bits{"sigmoid.bits", "input of", " bits", "give it 16 bits", "输入位宽", "使用 16 位输入"};
inline constexpr rule engine_bits{
    "sigmoid.engine_bits", "input of", " bits", "quantize the input to 8 bits", "输入位宽", "把输入量化为 8 位", true};
inline constexpr rule memory{
    "sigmoid.memory", "input or output does not lie in share memory", "",
    "keep both in share memory, or make them smaller", "输入或输出不在共享内存中", "把两者放在共享内存中，或减小它们"};
inline constexpr rule exponent{
    "sigmoid.exponent", "input exponent", "", "quantize the input with at least 11 fraction bits", "输入指数",
    "输入至少保留 11 个小数位", true};
inline constexpr rule engine{
    "sigmoid.engine", "the engine's output is constant (defect D20)", "", "compute it on the host, or use a clip",
    "引擎的输出为常数（缺陷 D20）", "在主机上计算，或改用 clip", true};
inline constexpr rule output{
    "sigmoid.output", "output exponent", "", "give the output exponent 7 and 8 bits", "输出指数",
    "输出使用指数 7 和 8 位", true};

inline constexpr const rule* rules[] = {&bits, &engine_bits, &memory, &exponent, &engine, &output};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const operand& in = f.in[0];
  check_own_scale(in, found);
  check_scale(f.out, found);
  if (f.out.attribute().whole()) found.equal(output, f.out.attribute().value, 7);
  found.never(engine, !on.engine.sigmoid);
  if (!on.engine.sigmoid_int16) {
    if (in.bits) found.equal(engine_bits, in.bits, 8);
    return;
  }
  if (in.bits) found.equal(bits, in.bits, 16);
  if (in.scale.whole()) found.at_least(exponent, in.scale.value, 11);
  const long long n = elements(in.dims);
  found.never(memory, !f.in_share(in, 2 * n) || !f.in_share(f.out, n));
}

}  // namespace lnn::limit::sigmoid

namespace lnn::limit::tanh {

inline constexpr rule bits{"tanh.bits", "input of", " bits", "give it 16 bits", "输入位宽", "使用 16 位输入"};
inline constexpr rule engine{
    "tanh.engine", "the engine reads 16 bits as 32 (defect D34)", "", "use 2 * sigmoid(2 x) - 1 or a clip",
    "引擎把 16 位当作 32 位读取（缺陷 D34）", "改用 2 * sigmoid(2 x) - 1 或 clip", true};
inline constexpr rule exponent{
    "tanh.exponent", "input exponent", "", "quantize the input with at least 11 fraction bits", "输入指数",
    "输入至少保留 11 个小数位", true};
inline constexpr rule output{
    "tanh.output", "output exponent", "", "give the output exponent 7 and 8 bits", "输出指数", "输出使用指数 7 和 8 位",
    true};

inline constexpr const rule* rules[] = {&bits, &engine, &exponent, &output};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const operand& in = f.in[0];
  check_own_scale(in, found);
  check_scale(f.out, found);
  if (in.bits) found.equal(bits, in.bits, 16);
  found.never(engine, !on.engine.tanh);
  if (in.scale.whole()) found.at_least(exponent, in.scale.value, 11);
  if (f.out.attribute().whole()) found.equal(output, f.out.attribute().value, 7);
}

}  // namespace lnn::limit::tanh
