// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "add.hpp"

/// iqMul and iqDiv: hardware_constraints.md sections 7 and 9.
namespace lnn::limit::mul {

inline constexpr rule shapes{
    "mul.shapes", "input shapes", "", "they may differ only where one of them is 1", "两个输入的形状",
    "只能在其中之一为 1 的维上不同"};
inline constexpr rule chip_shapes{
    "mul.chip_shapes", "input shapes", "", "use equal shapes, a scalar, or [n, c, 1, 1] as the second factor",
    "两个输入的形状", "使用相同形状、标量，或以 [n, c, 1, 1] 为第二个因子", true};
inline constexpr rule bits{
    "mul.bits", "a product of these widths is not computed by the engine", "", "bring both inputs to 8 bits",
    "引擎不计算这种位宽的乘法", "把两个输入都变为 8 位", true};
inline constexpr rule negative_shift{
    "mul.negative_shift", "right shift of the product", "",
    "lower the output's exponent to at most the sum of the inputs'", "乘积的右移位数",
    "把输出的指数降到不超过两个输入指数之和", true};

inline constexpr const rule* rules[] = {&shapes, &chip_shapes, &bits, &negative_shift};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  check_pair_scales(f, found);
  const operand &a = f.in[0], &b = f.in[1];
  const shape &x = a.dims, &y = b.dims;
  const bool scalar = y.rank() == 0 || (b.constant && y.rank() == 1 && y[0] == 1);  // packed as one number
  const bool by_channel = x.rank() == 4 && y.rank() == 4 && x[0] == y[0] && x[1] == y[1] && y[2] == 1 && y[3] == 1;
  check_int16(a, on, found);
  if (a.bits && b.bits)
    found.never(bits, (!scalar && a.bits != b.bits) ||
                          ((by_channel && !(x == y)) || !on.int16_activations ? a.bits != 8 : false));
  if (shift_known(a, b, f.out)) found.at_least(negative_shift, shift_of(a, b, f.out), 0);
  if (!meeting(x, y).fits) return found.same(shapes, x, y);
  if (!scalar && !by_channel) found.same(chip_shapes, x, y);
}

}  // namespace lnn::limit::mul

namespace lnn::limit::div {

inline constexpr rule shapes{
    "div.shapes", "input shapes", "", "they may differ only where one of them is 1", "两个输入的形状",
    "只能在其中之一为 1 的维上不同"};
inline constexpr rule equal_shapes{
    "div.equal_shapes", "input shapes", "", "use equal shapes, or a scalar as the divisor", "两个输入的形状",
    "使用相同形状，或以标量为除数", true};
inline constexpr rule bits{
    "div.bits", "dividend of", " bits", "requantize the dividend to 32 bits", "被除数位宽", "把被除数变为 32 位", true};

inline constexpr rule shift{
    "div.shift", "shift of the quotient, output exponent - dividend's + divisor's,", "",
    "choose the output's exponent so that it is 0 to 28", "商的移位数（输出指数 - 被除数指数 + 除数指数）",
    "选择输出指数使其为 0 到 28", true};
inline constexpr rule engine_shift{
    "div.engine_shift", "shift of the quotient, which the engine leaves out:", "",
    "let output and divisor together have the dividend's exponent", "引擎忽略商的移位数：",
    "让输出与除数的指数之和等于被除数的指数", true};
inline constexpr rule scalar{
    "div.scalar",
    "the engine divides by the greatest power of two up to a scalar, and writes nothing without a shift", "",
    "divide by a power of two that changes the exponent, or multiply by the reciprocal",
    "引擎把标量除数当作不超过它的最大 2 的幂，且无移位时不写输出", "除以会改变指数的 2 的幂，或改为乘以倒数", true};

inline constexpr const rule* rules[] = {&shapes, &equal_shapes, &bits, &shift, &engine_shift, &scalar};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  check_pair_scales(f, found);
  const operand &a = f.in[0], &b = f.in[1];
  if (on.engine.int32_divide && a.bits) found.equal(bits, a.bits, 32);
  const bool by_scalar = b.dims.rank() == 0 || (b.constant && b.dims.rank() == 1 && b.dims[0] == 1);
  found.advise(scalar, by_scalar);
  if (!by_scalar && a.scale.whole() && b.scale.whole() && f.out.attribute().whole()) {
    const int by = f.out.attribute().value - a.scale.value + b.scale.value;
    if (on.engine.divides_on_grid) found.within(shift, by, 0, 28);
    else found.equal(engine_shift, by, 0);
  }
  if (!meeting(a.dims, b.dims).fits) return found.same(shapes, a.dims, b.dims);
  if (b.dims.rank() > 0) found.same(equal_shapes, a.dims, b.dims);
}

}  // namespace lnn::limit::div
