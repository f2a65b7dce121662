// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// Quant, Dequant and Requant: hardware_constraints.md section 7.
namespace lnn::limit::quant {

inline constexpr rule bits{"quant.bits", "output of", " bits", "quantize to 8 bits", "输出位宽", "量化为 8 位"};
inline constexpr rule engine_bits{
    "quant.engine_bits", "output of", " bits", "quantize to 8 bits and requantize behind", "输出位宽",
    "量化为 8 位后再重新量化", true};

inline constexpr const rule* rules[] = {&bits, &engine_bits};

constexpr void check(const facts& f, const chip&, verdict& found) {
  check_inputs(f, found);
  check_scale(f.out, found);
  if (!f.out.bits) return;
  found.one_of(bits, f.out.bits, {8, 16, 32});
  found.equal(engine_bits, f.out.bits, 8);  // it saturates to 8 bits, whatever was asked
}

}  // namespace lnn::limit::quant

namespace lnn::limit::dequant {

inline constexpr rule bits{
    "dequant.bits", "input of", " bits", "requantize to 8 bits before", "输入位宽", "先重新量化为 8 位", true};
inline constexpr rule exponent{
    "dequant.exponent", "the scale is not that of the input", "", "give it the input's scale", "缩放系数与输入的不同",
    "使用输入的缩放系数"};

inline constexpr const rule* rules[] = {&bits, &exponent};

constexpr void check(const facts& f, const chip&, verdict& found) {
  check_inputs(f, found);
  const operand& in = f.in[0];
  if (in.bits) found.equal(bits, in.bits, 8);
  found.never(exponent, in.scale.whole() && f.out.scale.whole() && in.scale.value != f.out.scale.value);
}

}  // namespace lnn::limit::dequant

namespace lnn::limit::requant {

inline constexpr rule bits{
    "requant.bits", "input or output of", " bits", "use 8, 16 or 32 bits", "输入或输出位宽", "使用 8、16 或 32 位"};
inline constexpr rule engine_bits{
    "requant.engine_bits", "input of", " bits", "requantize from 8 bits only", "输入位宽", "只从 8 位重新量化", true};
inline constexpr rule narrowing{
    "requant.narrowing", "bits that are taken away:", "", "let the layer before write fewer bits", "减少的位数：",
    "让前一层直接输出较少的位数", true};

inline constexpr rule factor{
    "requant.factor", "left shift within 8 bits", "", "raise the exponent by 6 at most: the factor has 8 bits",
    "8 位内的左移位数", "指数最多提高 6：因子只有 8 位", true};

inline constexpr const rule* rules[] = {&bits, &engine_bits, &narrowing, &factor};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const int from = f.in[0].bits, to = f.out.bits;
  if (from) found.one_of(bits, from, {8, 16, 32});
  if (to) found.one_of(bits, to, {8, 16, 32});
  if (from && !on.engine.rescales_requant) found.equal(engine_bits, from, 8);
  if (from && to) found.at_most(narrowing, from - to, 0);
  const exponent &q_x = f.in[0].scale, &q_o = f.out.scale;
  if (from == 8 && to == 8 && q_x.whole() && q_o.whole()) found.at_most(factor, q_o.value - q_x.value, 6);
}

}  // namespace lnn::limit::requant
