// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// Operators that only move elements: hardware_constraints.md section 7.
namespace lnn::limit::slice {

inline constexpr rule axes{"slice.axes", "axes", "", "slice one axis at a time", "轴数", "每次只在一个轴上切片", true};
inline constexpr rule step{
    "slice.step", "step", "", "use step 1 (engine defect D39)", "步长", "步长取 1（引擎缺陷 D39）", true};
inline constexpr rule batch{
    "slice.batch", "a slice along axis 0 copies nothing in the engine (defect D43)", "", "slice another axis",
    "引擎沿轴 0 切片时不复制任何数据（缺陷 D43）", "在其他轴上切片", true};

inline constexpr rule memory{
    "slice.memory", "the engine cannot write the output to PSRAM", "", "keep the output in share memory", "引擎无法把输出写入 PSRAM",
    "把输出放在共享内存中", true};

inline constexpr const rule* rules[] = {&axes, &step, &batch, &memory};

/// `count` is the step; `perm` lists the axes.
constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  if (!f.perm.empty()) found.equal(axes, static_cast<long long>(f.perm.size()), 1);
  if (f.count) found.equal(step, f.count, 1);
  const int along = normal_axis(f.axis, f.in[0].dims.rank());
  found.never(batch, !on.engine.slices_batch && along == 0);
  const long long bytes = elements(f.out.dims) * (f.out.bits ? f.out.bits : 8) / 8;
  found.never(memory, on.engine.slice_in_share && along != 0 && !f.in_share(f.out, bytes));
}

}  // namespace lnn::limit::slice

namespace lnn::limit::split {

inline constexpr rule parts{"split.parts", "parts", "", "split twice", "份数", "分两次拆分", true};
inline constexpr rule equal{
    "split.equal", "elements left over by the parts", "", "use parts that divide the axis", "等分后剩余的元素数",
    "使用能整除该轴的份数", true};
inline constexpr rule bits{
    "split.bits", "elements of", " bits", "split tensors of 8 bits (engine defect D15)", "元素位宽",
    "拆分 8 位张量（引擎缺陷 D15）", true};

inline constexpr const rule* rules[] = {&parts, &equal, &bits};

/// `count` is the number of parts.
constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const operand& in = f.in[0];
  const int along = normal_axis(f.axis, in.dims.rank());
  if (f.count > 0) found.at_most(parts, f.count, 8);
  if (f.count > 0 && along >= 0 && along < in.dims.rank()) found.equal(equal, in.dims[along] % f.count, 0);
  if (in.bits && !on.int16_activations) found.equal(bits, in.bits, 8);
}

}  // namespace lnn::limit::split

namespace lnn::limit::squeeze {

inline constexpr rule axes{"squeeze.axes", "axes", "", "use a reshape", "轴数", "改用 reshape", true};
inline constexpr rule memory{
    "squeeze.memory", "one of input and output lies in share memory, the other not, and the engine copies nothing", "",
    "let both lie in one kind of memory, or use a reshape", "输入和输出只有一个在共享内存中，而引擎不复制数据",
    "把两者放在同一种内存中，或改用 reshape", true};

inline constexpr const rule* rules[] = {&axes, &memory};

/// `count` is the number of axes.  Squeeze takes one more than Unsqueeze, whose result has them all.
constexpr void check(const facts& f, const chip&, verdict& found) {
  check_inputs(f, found);
  const long long bytes = elements(f.in[0].dims) * (f.in[0].bits ? f.in[0].bits : 8) / 8;
  found.never(memory, f.in_share(f.in[0], bytes) != f.in_share(f.out, bytes));
  found.at_most(axes, f.count, f.op == "Squeeze" ? 7 : 6);
}

}  // namespace lnn::limit::squeeze

namespace lnn::limit::tile {

inline constexpr rule bits{
    "tile.bits", "elements of", " bits", "tile tensors of 8 bits", "元素位宽", "平铺 8 位张量", true};

inline constexpr const rule* rules[] = {&bits};

constexpr void check(const facts& f, const chip&, verdict& found) {
  check_inputs(f, found);
  if (f.in[0].bits) found.equal(bits, f.in[0].bits, 8);
}

}  // namespace lnn::limit::tile

namespace lnn::limit::expand {

inline constexpr rule leading{
    "expand.leading", "the engine copies too few elements when axes in front are repeated (defect D18)", "",
    "repeat the last axis, or use tile", "重复前面的轴时引擎复制的元素不足（缺陷 D18）", "只重复最后一个轴，或改用 tile", true};

inline constexpr const rule* rules[] = {&leading};

/// Asks for the output's shape.
constexpr void check(const facts& f, const chip&, verdict& found) {
  check_inputs(f, found);
  const shape &x = f.in[0].dims, &y = f.out.dims;
  bool repeated = false;
  for (int a = 0; a + 1 < y.rank(); ++a) {
    const int own = a - (y.rank() - x.rank());
    repeated = repeated || (y[a] != 1 && (own < 0 || x[own] != y[a]));
  }
  found.never(leading, repeated);
}

}  // namespace lnn::limit::expand

namespace lnn::limit::gather {

inline constexpr rule index_bits{
    "gather.index_bits", "indices of", " bits", "use indices of 32 bits", "索引位宽", "使用 32 位索引", true};
inline constexpr rule output_bits{
    "gather.output_bits", "output from a table of 4 bits has", " bits", "use an output of 8 bits", "4 位表的输出位宽",
    "使用 8 位输出", true};
inline constexpr rule exponent{
    "gather.exponent", "the output counts in another exponent than the table", "",
    "give the output the exponent of the table", "输出的指数与表不同", "让输出使用表的指数", true};

inline constexpr const rule* rules[] = {&index_bits, &output_bits, &exponent};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  if (f.index_bits) found.one_of(index_bits, f.index_bits, {32, 64});
  const int table = f.weight.present ? f.weight.attribute_bits() : f.in.empty() ? 0 : f.in[0].attribute_bits();
  found.never(int4_weights, table == 4 && !on.conv.int4_weights);
  if (table == 4 && f.out.bits) found.equal(output_bits, f.out.bits, 8);
  const limit::exponent &from = f.weight.scale, &to = f.out.scale;
  found.never(exponent, from.whole() && to.whole() && from.value != to.value);  // the engine copies
}

}  // namespace lnn::limit::gather

namespace lnn::limit::shuffle_channel {

inline constexpr rule rank{
    "shuffle_channel.rank", "rank of the input", "", "give it [n, c, h, w]", "输入的维数", "使用 [n, c, h, w]", true};
inline constexpr rule groups{
    "shuffle_channel.groups", "groups", "", "use at least one group", "组数", "至少一组", true};
inline constexpr rule axis{
    "shuffle_channel.axis", "axis", "", "transpose the channels to axis 1 or 3", "轴", "把通道转置到轴 1 或轴 3", true};

inline constexpr const rule* rules[] = {&rank, &groups, &axis};

constexpr void check(const facts& f, const chip&, verdict& found) {
  check_inputs(f, found);
  const int r = f.in[0].dims.rank();
  found.equal(rank, r, 4);
  found.at_least(groups, f.group, 1);
  found.one_of(axis, normal_axis(f.axis, r), {1, 3});
}

}  // namespace lnn::limit::shuffle_channel

namespace lnn::limit::resize {

inline constexpr rule constant{
    "resize.constant", "scales or sizes are not constant", "", "write them as constants", "缩放倍数或尺寸不是常量",
    "把它们写成常量", true};

inline constexpr rule bits{
    "resize.bits", "the engine resizes real numbers only", "", "upsample with a transposed convolution",
    "引擎只缩放实数", "用转置卷积上采样", true};
inline constexpr rule interpolation{
    "resize.interpolation", "no engine interpolates integers", "", "use mode nearest", "没有引擎能对整数插值",
    "mode 取 nearest", true};

inline constexpr const rule* rules[] = {&constant, &bits, &interpolation};

/// Inputs behind the first are scales or sizes.
constexpr void check(const facts& f, const chip&, verdict& found) {
  check_inputs(f, found);
  bool computed = false;
  for (std::size_t i = 1; i < f.in.size(); ++i) computed = computed || !f.in[i].constant;
  found.never(constant, computed);
  found.never(bits, f.in[0].bits != 0 && f.in[0].bits < 32);
  found.never(interpolation, !f.mode.empty() && f.mode != "nearest");
}

}  // namespace lnn::limit::resize
