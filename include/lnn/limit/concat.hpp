// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// iqCat: hardware_constraints.md sections 7 and 9.
namespace lnn::limit::concat {

inline constexpr rule input_number{"concat.inputs", "inputs", "", "leave the concat out", "输入个数", "去掉该拼接"};
inline constexpr rule axis_range{"concat.axis", "axis", "", "use an axis of the inputs", "拼接轴", "使用输入已有的轴"};
inline constexpr rule shapes{
    "concat.shapes", "input shapes, but for the joined axis,", "", "crop or pad one of them", "除拼接轴外的输入形状",
    "裁剪或填充其中之一"};
inline constexpr rule bits{
    "concat.bits", "inputs of different widths", "", "requantize them to one width", "输入的位宽不同",
    "重新量化为同一位宽"};
inline constexpr rule rescale_bits{
    "concat.rescale_bits", "inputs with other exponents than the output's and more than 8 bits", "",
    "use 8 bits, or one exponent for all", "输入指数与输出不同且位宽超过 8 位", "使用 8 位，或统一指数"};
inline constexpr rule engine_bits{
    "concat.engine_bits", "the engine copies inputs of different widths as if they had one", "",
    "requantize them to one width", "引擎把不同位宽的输入当作同一位宽复制", "重新量化为同一位宽", true};
inline constexpr rule engine_exponent{
    "concat.engine_exponent", "output exponent below an input's, which the engine turns into zeros:", "",
    "give the inputs the output's exponent", "输出指数低于输入指数，引擎会得到全零：", "让输入使用输出的指数", true};
inline constexpr rule memory{
    "concat.memory", "neither inputs nor output lie in share memory", "", "keep one of them in share memory",
    "输入和输出都不在共享内存中", "至少把其中之一放在共享内存中"};
inline constexpr rule engine_memory{
    "concat.engine_memory", "the engine writes rescaled pieces to PSRAM one over the other (defect D19)", "",
    "keep the output in share memory, or use one exponent", "引擎把重新缩放的各段写到 PSRAM 的同一位置（缺陷 D19）",
    "把输出放在共享内存中，或统一指数", true};

inline constexpr const rule* rules[] = {
    &input_number, &axis_range, &shapes, &bits, &rescale_bits, &engine_bits, &engine_exponent, &memory, &engine_memory};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  found.at_least(input_number, static_cast<long long>(f.in.size()), 2);
  check_scale(f.out, found);
  const operand& first = f.in[0];
  const int rank = first.dims.rank(), along = normal_axis(f.axis, rank);
  found.within(axis_range, f.axis, -rank, rank - 1);
  bool mixed = false, rescaled = false, shared = false, lowered = false, lost = false;
  int finest = 0;
  long long bytes = 0, place = 0, count = 0;
  for (const operand& t : f.in) {
    check_scale(t, found);
    shape other = t.dims;
    if (along >= 0 && along < rank && other.rank() == rank) other[along] = first.dims[along];
    found.same(shapes, first.dims, other == first.dims ? first.dims : t.dims);
    mixed = mixed || t.bits != first.bits;
    if (t.scale.whole() && f.out.scale.whole() && t.scale.value != f.out.scale.value) {
      rescaled = true;
      if (along >= 0 && along < t.dims.rank()) lost = lost || place != count * t.dims[along];  // where venus lays a rescaled piece
      if (t.scale.value > f.out.scale.value) {
        lowered = true;
        finest = t.scale.value;
      }
    } else {
      lost = lost || rescaled;  // follows a rescaled piece into the workspace
    }
    if (along >= 0 && along < t.dims.rank()) place += t.dims[along];
    ++count;
    const long long own = elements(t.dims) * (t.bits ? t.bits : 8) / 8;
    bytes += own;
    shared = shared || f.in_share(t, own);
  }
  const bool wide = first.bits > 8;
  if (on.engine.typed_concat) {
    found.never(bits, mixed);
    found.never(rescale_bits, rescaled && wide);
    // inputs of 8 bits that are rescaled bring a workspace in share memory of their own
    found.never(memory, !f.options.anything_in_share && !shared && !f.in_share(f.out, bytes) && !(rescaled && !wide));
  } else {
    found.never(engine_bits, mixed);
  }
  const bool leading = along >= 0 && along < rank && first.dims.span(0, along) == 1;
  found.never(engine_memory, on.engine.concat_in_share && rescaled && (leading || lost) && !f.in_share(f.out, bytes));
  if (on.engine.scales_up && lowered) found.at_least(engine_exponent, f.out.scale.value, finest);
}

}  // namespace lnn::limit::concat
