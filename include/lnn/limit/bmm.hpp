// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// BmmInt, a product of two activations: hardware_constraints.md sections 6 and 9.
namespace lnn::limit::bmm {

inline constexpr rule rank{
    "bmm.rank", "rank of the first factor", "", "give it [m, n] or [batch, m, n]", "第一个因子的维数",
    "使用 [m, n] 或 [batch, m, n]"};
inline constexpr rule second_rank{
    "bmm.second_rank", "rank of the second factor", "", "give it [n, l] or [batch, n, l]", "第二个因子的维数",
    "使用 [n, l] 或 [batch, n, l]"};
inline constexpr rule inner{
    "bmm.inner", "columns of the first factor", "", "let them be the rows of the second one", "第一个因子的列数",
    "应等于第二个因子的行数"};
inline constexpr rule batches{
    "bmm.batches", "matrices of the first factor", "", "give both factors as many matrices", "第一个因子的矩阵数",
    "两个因子的矩阵数应相同", true};
inline constexpr rule bits{"bmm.bits", "factor of", " bits", "use factors of 8 bits", "因子的位宽", "因子使用 8 位"};
inline constexpr rule output_bits{
    "bmm.output_bits", "output of", " bits", "use outputs of 8 bits", "输出位宽", "使用 8 位输出"};
inline constexpr rule engine_output_bits{
    "bmm.engine_output_bits", "output of", " bits", "use outputs of 8 or 32 bits", "输出位宽", "使用 8 位或 32 位输出",
    true};
inline constexpr rule shift{
    "bmm.shift", "right shift of the sum", "", "lower the output's exponent to at most the sum of the factors'",
    "累加和的右移位数", "把输出的指数降到不超过两个因子指数之和"};
inline constexpr rule right_bytes{
    "bmm.right_bytes", "the aligned second factor", " bytes", "use fewer columns, or two products",
    "第二个因子（对齐后）", "减少列数，或分成两次乘法"};
inline constexpr rule left_split{
    "bmm.left_split", "the first factor is processed in parts along its rows; passes:", "", "",
    "第一个因子按行分批处理，遍数："};

inline constexpr const rule* rules[] = {
    &rank, &second_rank, &inner, &batches, &bits, &output_bits, &engine_output_bits, &shift, &right_bytes, &left_split};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  const bool sound = check_inputs(f, found);
  check_rounding(f, on, found);
  const operand &a = f.in[0], &b = f.in[1];
  check_own_scale(a, found);
  check_own_scale(b, found);
  check_scale(f.out, found);
  if (a.bits && b.bits && on.linear.equal_types)
    found.equal(bits, b.bits, a.bits);
  else if (a.bits && b.bits)
    found.equal(bits, a.bits == 8 ? b.bits : a.bits, 8);
  if (f.out.bits) found.one_of(output_bits, f.out.bits, {8, 16, 32});
  if (f.out.bits && !on.int16_activations) found.one_of(engine_output_bits, f.out.bits, {8, 32});
  if (shift_known(a, b, f.out)) found.at_least(shift, a.scale.value + b.scale.value - f.out.attribute().value, 0);
  const shape &x = a.dims, &y = b.dims;
  found.within(rank, x.rank(), 2, 3);
  found.at_least(second_rank, y.rank(), 2);
  if (!sound || x.rank() < 2 || y.rank() < 2) return;
  found.equal(inner, last(x), y[y.rank() - 2]);
  found.equal(batches, static_cast<long long>(x.span(0, x.rank() - 2)),
              static_cast<long long>(y.span(0, y.rank() - 2)));
  const long long depth = align_up(last(x), 8), rows = align_up(x[x.rank() - 2], 4);
  if (on.linear.batch_right) found.at_most(right_bytes, depth * align_up(last(y), 4), on.linear.batch_right);
  found.advise(left_split, rows * depth > on.linear.left, (rows * depth + on.linear.left - 1) / on.linear.left);
}

}  // namespace lnn::limit::bmm
