// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// iqSum, iqVar, ArgMax, topN and GluInt: hardware_constraints.md section 7.
namespace lnn::limit::sum {

inline constexpr rule axis{
    "sum.axis", "the engine sums along the last axis only", "", "transpose that axis to the end",
    "引擎只沿最后一个轴求和", "把该轴转置到最后", true};

inline constexpr rule rows{
    "sum.rows", "sums, of which the engine computes the first:", "", "sum one row at a time (defect D8)",
    "求和的个数，引擎只计算第一个：", "每次只对一行求和（缺陷 D8）", true};

inline constexpr const rule* rules[] = {&axis, &rows};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const shape& x = f.in[0].dims;
  const int rank = x.rank(), along = normal_axis(f.axis, rank);
  found.never(axis, !on.engine.sum_any_axis && along != rank - 1);
  if (along < 0 || along >= rank) return;
  found.equal(rows, static_cast<long long>(x.span(0, along) * x.span(along + 1, rank)), 1);
}

}  // namespace lnn::limit::sum

namespace lnn::limit::var {

inline constexpr rule axis{
    "var.axis", "the engine takes the axis before the last one (defect D35)", "",
    "transpose that axis to the last but one", "引擎总是取倒数第二个轴（缺陷 D35）", "把该轴转置到倒数第二", true};
inline constexpr rule squares{
    "var.squares", "the engine does not square the differences (defect D8)", "", "compute it from mul and sum",
    "引擎没有对差求平方（缺陷 D8）", "用 mul 和 sum 计算", true};

inline constexpr rule bits{
    "var.bits", "input of", " bits", "requantize it to 8 bits", "输入位宽", "重新量化为 8 位", true};
inline constexpr rule length{
    "var.length", "elements of which the variance is taken", "",
    "take it of fewer: 32 bits must hold n * sum x^2", "求方差的元素数", "减少元素：n * sum x^2 不得超出 32 位", true};
inline constexpr rule biased{
    "var.biased", "the engine divides by n - 1, not by n", "", "leave unbiased at 1", "引擎除以 n - 1 而不是 n",
    "令 unbiased 为 1", true};

inline constexpr const rule* rules[] = {&axis, &squares, &bits, &length, &biased};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  check_scale(f.in[0], found);
  check_scale(f.out, found);
  const int rank = f.in[0].dims.rank(), along = normal_axis(f.axis, rank);
  found.never(axis, along != rank - 2);
  if (f.in[0].bits) found.equal(bits, f.in[0].bits, 8);
  if (along >= 0 && along < rank) found.at_most(length, f.in[0].dims[along], 362);
  found.never(squares, !on.engine.squares);
}

}  // namespace lnn::limit::var

namespace lnn::limit::arg_max {

inline constexpr rule axis{
    "arg_max.axis", "the engine searches along the last axis only", "", "transpose that axis to the end",
    "引擎只沿最后一个轴查找", "把该轴转置到最后", true};
inline constexpr rule count{
    "arg_max.count", "greatest elements asked for", "", "ask for one", "要求的最大元素个数", "只取一个", true};
inline constexpr rule batch{
    "arg_max.batch", "extent of axis 0", "", "search one sample at a time", "轴 0 的长度", "每次只处理一个样本"};

inline constexpr rule bits{
    "arg_max.bits", "the engine does not search elements of this width", "", "search 8 bits",
    "引擎不在这种位宽的元素中查找", "在 8 位元素中查找", true};

inline constexpr const rule* rules[] = {&axis, &count, &batch, &bits};

/// `count` is the number of elements that a top-n returns; 0 for ArgMax.
constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const shape& x = f.in[0].dims;
  bool searched = f.in[0].bits == 0;
  for (const int b : on.engine.searched_bits) searched = searched || b == f.in[0].bits;
  found.never(bits, !searched);
  found.never(axis, normal_axis(f.axis, x.rank()) != x.rank() - 1);
  if (f.count == 0) return;
  found.equal(count, f.count, 1);
  if (x.rank() > 0) found.equal(batch, x[0], 1);
}

}  // namespace lnn::limit::arg_max

namespace lnn::limit::glu {

inline constexpr rule engine{
    "glu.engine", "the engine does not compute it (defect D7)", "", "use split, sigmoid and mul",
    "引擎不计算该算子（缺陷 D7）", "改用 split、sigmoid 和 mul", true};
inline constexpr rule axis{
    "glu.axis", "the engine ignores the axes behind the given one (defect D27)", "", "transpose that axis to the end",
    "引擎忽略给定轴之后的轴（缺陷 D27）", "把该轴转置到最后", true};

inline constexpr const rule* rules[] = {&engine, &axis};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const int rank = f.in[0].dims.rank();
  found.never(engine, !on.engine.glu);
  found.never(axis, normal_axis(f.axis, rank) != rank - 1);
}

}  // namespace lnn::limit::glu
