// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// iqAdd and iqSub: hardware_constraints.md sections 7 and 9.
namespace lnn::limit {

/// The scales of an element-wise operator: both inputs' own and the output's.
constexpr void check_pair_scales(const facts& f, verdict& found) {
  check_own_scale(f.in[0], found);
  const operand& y = f.in[1];
  found.never(scale_power, y.attribute().is == exponent::kind::broken || y.scale.is == exponent::kind::broken);
  found.never(second_scale, y.named_scale.whole() && y.scale.whole() && y.named_scale.value != y.scale.value);
  check_scale(f.out, found);
}

namespace add {

inline constexpr rule shapes{
    "add.shapes", "input shapes", "", "they may differ only where one of them is 1", "两个输入的形状",
    "只能在其中之一为 1 的维上不同"};
inline constexpr rule broadcast{
    "add.broadcast", "axes along which an input is repeated", "", "expand the smaller one in a layer of its own",
    "需要广播的维数", "用单独的层扩展较小的输入"};
inline constexpr rule equal_shapes{
    "add.equal_shapes", "input shapes", "", "expand the smaller one in a layer of its own", "两个输入的形状",
    "用单独的层扩展较小的输入", true};
inline constexpr rule bits{
    "add.bits", "an addition of these widths is not computed by the engine", "", "bring both inputs to 8 bits",
    "引擎不计算这种位宽的加法", "把两个输入都变为 8 位", true};
inline constexpr rule exponent{
    "add.exponent", "output exponent", "", "lower it to the least exponent of the inputs", "输出指数",
    "降到两个输入指数中较小的一个", true};

inline constexpr rule second_shift{
    "add.second_shift", "the engine shifts the second input as the first, which needs no shift (defect D2)", "",
    "give both inputs one exponent, or exchange them", "引擎按第一个输入（无需移位）移动第二个输入（缺陷 D2）",
    "让两个输入使用同一指数，或交换两者", true};

inline constexpr rule engine_bytes{
    "add.engine_bytes", "operands that are both rescaled in a workspace of at most 64 KiB,", " bytes",
    "give the output the exponent of one operand, or add smaller tensors", "两个操作数都需重新缩放，而工作区至多 64 KiB：",
    "让输出使用其中一个操作数的指数，或减小张量", true};

inline constexpr const rule* rules[] = {&shapes, &broadcast, &equal_shapes, &bits, &exponent, &second_shift, &engine_bytes};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  check_pair_scales(f, found);
  const operand &a = f.in[0], &b = f.in[1];
  check_int16(a, on, found);
  const bool known = a.bits && b.bits, one_type = a.bits == b.bits && (!f.out.bits || f.out.bits == a.bits);
  found.never(bits, known && (!one_type || (on.engine.int8_arithmetic && a.bits != 8)));
  if (f.out.attribute().whole()) {
    if (a.scale.whole()) found.at_most(exponent, f.out.attribute().value, a.scale.value);
    if (b.scale.whole()) found.at_most(exponent, f.out.attribute().value, b.scale.value);
  }
  // 8 bits in share memory are right, everything else is not
  const long long bytes = elements(a.dims) * (f.out.bits ? f.out.bits : 8) / 8;
  if (on.engine.one_shift && a.scale.whole() && b.scale.whole() && f.out.attribute().whole()) {
    const int first = a.scale.value - f.out.attribute().value, second = b.scale.value - f.out.attribute().value;
    found.never(second_shift, first == 0 && second != 0 && (!f.in_share(f.out, bytes) || a.bits > 8));
    if (on.stage == staging::capped && first != 0 && second != 0) found.at_most(engine_bytes, bytes, on.memory.data_buffer);
  }
  const meeting m(a.dims, b.dims);
  if (!m.fits) return found.same(shapes, a.dims, b.dims);
  found.at_most(broadcast, m.repeated, 1);
  if (m.repeated <= 1) found.same(equal_shapes, a.dims, b.dims);
}

}  // namespace add
}  // namespace lnn::limit
