// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// SoftmaxInt and LogSoftmaxInt: hardware_constraints.md sections 7 and 9.
namespace lnn::limit::softmax {

inline constexpr rule axis_range{"softmax.axis", "axis", "", "use an axis of the input", "轴", "使用输入已有的轴"};
inline constexpr rule classes{
    "softmax.classes", "elements along the axis", "", "use at most # classes, or leave it to the host",
    "沿该轴的元素数", "最多 # 类，或交给主机计算"};
inline constexpr rule last_axis{
    "softmax.last_axis", "the engine normalizes over all axes from the given one on", "",
    "transpose that axis to the end and use axis -1", "引擎会对从该轴起的所有轴一起归一化",
    "把该轴转置到最后并使用 axis = -1", true};
inline constexpr rule engine_axis{
    "softmax.engine_axis", "the engine takes an axis counted from the front for axis 1", "", "use axis -1",
    "引擎把从前数的轴一律当作轴 1", "使用 axis = -1", true};
inline constexpr rule bits{
    "softmax.bits", "input of", " bits", "quantize the input to 8 bits", "输入位宽", "把输入量化为 8 位", true};
inline constexpr rule int32_rows{
    "softmax.int32_rows", "rows of 32-bit input", "", "quantize the input to 8 bits (defect D42)", "32 位输入的行数",
    "把输入量化为 8 位（缺陷 D42）", true};
inline constexpr rule memory{
    "softmax.memory", "the engine needs input and output in share memory", "", "keep both in share memory",
    "引擎要求输入和输出都在共享内存中", "把两者放在共享内存中", true};
inline constexpr rule workspace{
    "softmax.workspace", "the reference packer reserves less workspace than the engine uses", "",
    "pack with lnn, which reserves enough, or leave free memory behind the workspace",
    "参考打包器预留的工作区小于引擎实际使用的", "用 lnn 打包（预留足够），或在工作区之后留出空闲内存", true, true};
inline constexpr rule log_buffer{
    "log_softmax.buffer", "the engine exchanges its buffers (defect D4)", "",
    "use a softmax and take the logarithm on the host", "引擎弄反了缓存（缺陷 D4）", "使用 softmax 并在主机上取对数",
    true};

inline constexpr const rule* rules[] = {&axis_range, &classes, &last_axis, &engine_axis, &bits, &int32_rows, &memory,
                                        &workspace};
inline constexpr const rule* log_rules[] = {&axis_range, &last_axis,   &engine_axis, &bits,
                                            &int32_rows, &memory, &log_buffer};

namespace detail {

constexpr void check_both(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const operand& in = f.in[0];
  const int rank = in.dims.rank(), along = normal_axis(f.axis, rank);
  check_own_scale(in, found);
  check_scale(f.out, found);
  check_int16(in, on, found);
  if (on.engine.int8_softmax && in.bits) found.equal(bits, in.bits, 8);
  found.within(axis_range, f.axis, -rank, rank - 1);
  if (along < 0 || along >= rank) return;
  const bool misread = on.engine.softmax_last_axis && f.axis >= 0 && f.axis != 1;
  found.never(engine_axis, misread);
  found.never(last_axis, !misread && in.dims.span(along + 1, rank) > 1);
  if (on.engine.softmax_rows && in.bits == 32)
    found.at_most(int32_rows, static_cast<long long>(in.dims.span(0, along)), on.engine.softmax_rows);
  const long long n = elements(in.dims);
  // venusA reads an input from PSRAM
  found.never(memory, on.engine.softmax_in_share && ((!f.in_share(in, n) && on.stage != staging::capped) || !f.in_share(f.out, n)));
}

}  // namespace detail

constexpr void check(const facts& f, const chip& on, verdict& found) {
  detail::check_both(f, on, found);
  const operand& in = f.in[0];
  const int rank = in.dims.rank(), along = normal_axis(f.axis, rank);
  if (along < 0 || along >= rank) return;
  found.at_most(classes, in.dims[along], 2048);
  found.advise(workspace, !on.engine.softmax_in_share);
}

constexpr void check_log(const facts& f, const chip& on, verdict& found) {
  detail::check_both(f, on, found);
  found.never(log_buffer, !on.engine.log_softmax);
}

}  // namespace lnn::limit::softmax
