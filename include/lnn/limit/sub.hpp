// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "add.hpp"

/// iqSub: hardware_constraints.md sections 7 and 9.
namespace lnn::limit::sub {

inline constexpr rule shapes{
    "sub.shapes", "input shapes", "", "they may differ only where one of them is 1", "两个输入的形状",
    "只能在其中之一为 1 的维上不同"};
inline constexpr rule equal_shapes{
    "sub.equal_shapes", "input shapes", "", "expand the smaller one in a layer of its own", "两个输入的形状",
    "用单独的层扩展较小的输入", true};
inline constexpr rule bits{
    "sub.bits", "a subtraction of other widths than 8 bits is not computed by the engine", "",
    "bring both inputs to 8 bits", "引擎只计算 8 位的减法", "把两个输入都变为 8 位", true};
inline constexpr rule exponent{
    "sub.exponent", "output exponent", "", "lower it to the least exponent of the inputs", "输出指数",
    "降到两个输入指数中较小的一个", true};
inline constexpr rule first_operand{
    "sub.first_operand", "the engine subtracts from its output: right only where that is the first input's memory", "",
    "negate the second input and add", "引擎从输出缓存中减：仅当它与第一个输入同址时正确", "把第二个输入取负后相加",
    true};

inline constexpr const rule* rules[] = {&shapes, &equal_shapes, &bits, &exponent, &first_operand};

constexpr void check(const facts& f, const chip&, verdict& found) {
  check_inputs(f, found);
  check_pair_scales(f, found);
  const operand &a = f.in[0], &b = f.in[1];
  found.never(bits, a.bits && b.bits && (a.bits != 8 || b.bits != 8 || (f.out.bits && f.out.bits != 8)));
  if (f.out.attribute().whole()) {
    if (a.scale.whole()) found.at_most(exponent, f.out.attribute().value, a.scale.value);
    if (b.scale.whole()) found.at_most(exponent, f.out.attribute().value, b.scale.value);
  }
  // a rescaled or copied operand lies in the workspace, as does an output in PSRAM until it is copied; an output in share
  // memory lies where the first operand does (plan::detail::share_differences), unless that is needed later
  const bool known = a.scale.whole() && f.out.attribute().whole(), moved = known && a.scale.value != f.out.attribute().value;
  const long long n = elements(f.out.dims);
  const bool in_workspace = moved || !f.in_share(a, elements(a.dims)), apart = f.in_share(f.out, n) == in_workspace;
  found.never(first_operand, apart && (known || in_workspace));
  found.advise(first_operand, !apart && f.in_share(f.out, n));
  if (!meeting(a.dims, b.dims).fits) return found.same(shapes, a.dims, b.dims);
  found.same(equal_shapes, a.dims, b.dims);
}

}  // namespace lnn::limit::sub
