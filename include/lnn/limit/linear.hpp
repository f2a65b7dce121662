// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// LinearInt, a left matrix [m, n] of activations times a right one [l, n] of weights: hardware_constraints.md sections
/// 6 and 9.
namespace lnn::limit::linear {

inline constexpr rule chip_rank{
    "linear.chip_rank", "rank of the input", "", "give it [n, features]", "输入的维数", "使用 [n, features]"};
inline constexpr rule engine_rank{
    "linear.engine_rank", "rank of the input, of which the engine counts the last two axes only,", "", "reshape it to [n, rows, features]",
    "输入的维数（引擎只计最后两维）", "用 reshape 变为 [n, rows, features]", true};
inline constexpr rule weight_rank{
    "linear.weight_rank", "rank of the weight", "", "give it [out, in]", "权重的维数", "使用 [out, in]"};
inline constexpr rule inner{
    "linear.inner", "input features", "", "give the input as many features as the weight has columns", "输入特征数",
    "输入特征数应等于权重的列数"};
inline constexpr rule input_bits{
    "linear.input_bits", "input of", " bits", "quantize the input to 8 bits", "输入位宽", "把输入量化为 8 位"};
inline constexpr rule weight_bits{
    "linear.weight_bits", "weights of", " bits", "use weights of 8 bits", "权重位宽", "使用 8 位权重"};
inline constexpr rule bias_bits{
    "linear.bias_bits", "bias of", " bits", "store the bias with 32 bits", "偏置位宽", "偏置使用 32 位", true};
inline constexpr rule output_bits{
    "linear.output_bits", "output of", " bits", "use outputs of 8 bits", "输出位宽", "使用 8 位输出"};
inline constexpr rule engine_types{
    "linear.engine_types", "the engine has no product of these widths of weights and output", "",
    "use weights and outputs of 8 bits", "引擎没有这种权重与输出位宽组合的乘法", "权重与输出都使用 8 位", true};
inline constexpr rule negative_shift{
    "linear.negative_shift", "right shift of the sum", "",
    "lower the output's exponent to at most the sum of input's and weight's", "累加和的右移位数",
    "把输出的指数降到不超过输入与权重指数之和", true};
inline constexpr rule input_features{
    "linear.input_features", "aligned weights of the least number of outputs", " bytes", "use fewer input features",
    "最少输出数的权重（对齐后）", "减少输入特征数"};
inline constexpr rule left_features{
    "linear.left_features", "four aligned rows of the input", " bytes", "use fewer input features",
    "输入的 4 行（对齐后）", "减少输入特征数"};
inline constexpr rule equal_split{
    "linear.equal_split", "the weights cannot be cut into equal parts that fit the weight buffer", "",
    "use a number of outputs with small divisors, or fewer input features",
    "无法把权重切成相等且放得进权重缓存的若干部分", "让输出数有较小的因数，或减少输入特征数", true};
inline constexpr rule share_output{
    "linear.share_output", "several rows of several outputs in share memory are transposed wrongly (defect D10)", "",
    "compute one row at a time, or keep the output in PSRAM", "共享内存中多行多输出的结果会被错误转置（缺陷 D10）",
    "每次只计算一行，或把输出放在 PSRAM 中", true};
inline constexpr rule int4_input{
    "linear.int4_input", "the engine reads the input of 4-bit weights in another form (defect D10)", "", "use 8-bit weights",
    "权重为 4 位时引擎以另一种形式读取输入（缺陷 D10）", "使用 8 位权重", true};
inline constexpr rule left_split{
    "linear.left_split", "the input is processed in parts along its rows; passes:", "", "", "输入按行分批处理，遍数："};
inline constexpr rule right_split{
    "linear.right_split", "the weights are processed in parts along output features; passes:", "", "",
    "权重沿输出特征分批处理，遍数："};

inline constexpr const rule* rules[] = {
    &chip_rank, &engine_rank, &weight_rank, &inner, &input_bits, &weight_bits, &bias_bits, &output_bits, &engine_types,
    &negative_shift, &input_features, &left_features, &equal_split, &share_output, &int4_input, &left_split, &right_split};

namespace detail {

constexpr void check_widths(const facts& f, const chip& on, verdict& found) {
  const operand& x = f.in[0];
  const int narrow = f.weight.bits, wide = f.out.bits;
  if (x.bits) found.equal(input_bits, x.bits, 8);
  if (narrow && on.linear.int32_weights)
    found.one_of(weight_bits, narrow, {4, 8, 32});
  else if (narrow)
    found.one_of(weight_bits, narrow, {4, 8});
  found.never(int4_weights, narrow == 4 && !on.conv.int4_weights);
  found.never(int4_bias, narrow == 4 && on.conv.int4_weights && f.bias.present && f.options.dma_prefetch);
  if (f.bias.present && f.bias.bits) found.equal(bias_bits, f.bias.bits, 32);
  if (wide) found.one_of(output_bits, wide, {8, 16, 32});
  const bool pair = wide == 8 ? narrow <= 8 : wide == 32 && narrow != 4;
  found.never(engine_types, !on.conv.wide_output && narrow && wide && !pair);
  if (shift_known(x, f.weight, f.out) && !(on.linear.wide_left_shift && wide == 32))
    found.at_least(negative_shift, shift_of(x, f.weight, f.out), 0);
}

/// The engine takes equal parts of the weights, and never ends when there is no number of parts that fits.
constexpr bool parts_equally(long long depth, long long outputs, long long room) {
  if (depth * align_up(outputs, 4) <= room) return true;
  for (long long n = 2; n <= outputs; ++n)
    if (outputs % n == 0 && depth * align_up(outputs / n, 4) <= room) return true;
  return false;
}

}  // namespace detail

constexpr void check(const facts& f, const chip& on, verdict& found) {
  const bool sound = check_inputs(f, found) && check_tensor(f.weight, found);
  check_rounding(f, on, found);
  check_own_scale(f.in[0], found);
  check_scale(f.weight, found);
  check_scale(f.out, found);
  detail::check_widths(f, on, found);
  const shape &x = f.in[0].dims, &w = f.weight.dims;
  found.at_least(chip_rank, x.rank(), 2);
  found.at_most(engine_rank, x.rank(), 3);
  found.equal(weight_rank, w.rank(), 2);
  if (x.rank() < 1 || w.rank() != 2) return;
  found.equal(inner, last(x), w[1]);
  if (!sound) return;

  const long long depth = align_up(w[1], 8), outputs = w[0], threshold = f.options.right_threshold;
  const int align = on.linear.right_align;
  const long long most = threshold > on.linear.right_least ? threshold : on.linear.right_least;
  found.at_most(input_features, depth * align, most);
  const long long rows = align_up(static_cast<long long>(x.span(0, x.rank() - 1)), 4);
  if (on.linear.splits_rows && rows * depth > on.linear.left) found.at_most(left_features, 4 * depth, on.linear.left);
  found.advise(left_split, rows * depth > on.linear.left, (rows * depth + on.linear.left - 1) / on.linear.left);
  const long long many = static_cast<long long>(x.span(0, x.rank() - 1));
  const long long bytes = many * outputs * (f.out.bits ? f.out.bits : 8) / 8;
  found.never(share_output, on.linear.torn_transpose && many > 1 && outputs > 1 && f.in_share(f.out, bytes));
  // venusA reads words as bytes; a row of one byte is read as two
  found.never(int4_input, f.weight.bits == 4 && on.conv.int4_weights && (on.linear.torn_transpose || w[1] == 1));
  const long long all = depth * align_up(outputs, align);
  found.advise(right_split, all > on.linear.right, (all + on.linear.right - 1) / on.linear.right);
  if (on.linear.right_pass == 0 || depth * align > most) return;
  long long pieces = 1;  // that the packer makes, before the engine takes parts of each
  while (depth * align_up((outputs + pieces - 1) / pieces, align) > most) ++pieces;
  const long long each = pieces == 1 ? outputs : align_up((outputs + pieces - 1) / pieces, align);
  const long long rest = outputs - (outputs - 1) / each * each;
  found.never(equal_split, !detail::parts_equally(depth, each, on.linear.right_pass) ||
                               !detail::parts_equally(depth, rest, on.linear.right_pass));
}

}  // namespace lnn::limit::linear
