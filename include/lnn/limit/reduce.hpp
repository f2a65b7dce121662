// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// iqSum, iqVar, ArgMax, topN and GluInt: hardware_constraints.md section 7.
namespace lnn::limit::sum {

inline constexpr rule axis{
    "sum.axis", "the engine sums along the last axis only", "", "transpose that axis to the end",
    "引擎只沿最后一个轴求和", "把该轴转置到最后", true};

inline constexpr const rule* rules[] = {&axis};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const int rank = f.in[0].dims.rank();
  found.never(axis, !on.engine.sum_any_axis && normal_axis(f.axis, rank) != rank - 1);
}

}  // namespace lnn::limit::sum

namespace lnn::limit::var {

inline constexpr rule axis{
    "var.axis", "the engine takes the axis before the last one (defect D35)", "",
    "transpose that axis to the last but one", "引擎总是取倒数第二个轴（缺陷 D35）", "把该轴转置到倒数第二", true};
inline constexpr rule squares{
    "var.squares", "the engine does not square the differences (defect D8)", "", "compute it from mul and sum",
    "引擎没有对差求平方（缺陷 D8）", "用 mul 和 sum 计算", true};

inline constexpr const rule* rules[] = {&axis, &squares};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  check_scale(f.in[0], found);
  check_scale(f.out, found);
  const int rank = f.in[0].dims.rank();
  found.never(axis, normal_axis(f.axis, rank) != rank - 2);
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

inline constexpr const rule* rules[] = {&axis, &count, &batch};

/// `count` is the number of elements that a top-n returns; 0 for ArgMax.
constexpr void check(const facts& f, const chip&, verdict& found) {
  check_inputs(f, found);
  const shape& x = f.in[0].dims;
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
