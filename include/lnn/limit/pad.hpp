// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// iqPad: hardware_constraints.md sections 7 and 9.  `pad` holds the values of the pads input, fronts before backs.
namespace lnn::limit::pad {

inline constexpr rule inputs{
    "pad.inputs", "inputs", "", "give it data, pads and a fill value", "输入个数", "提供数据、填充量和填充值"};
inline constexpr rule mode{
    "pad.mode", "a padding mode that the packer does not know", "", "use constant, reflect or replicate",
    "打包器不认识的填充模式", "使用 constant、reflect 或 replicate"};
inline constexpr rule rank{
    "pad.rank", "rank of the input", "", "reshape it to [n, c, h, w]", "输入的维数", "用 reshape 变为 [n, c, h, w]"};
inline constexpr rule engine_rank{
    "pad.engine_rank", "rank of the input", "", "reshape it to [n, c, h, w]", "输入的维数",
    "用 reshape 变为 [n, c, h, w]", true};
inline constexpr rule count{
    "pad.count", "number of pads", "", "give a front and a back for two, three or four axes", "填充量的个数",
    "为两个、三个或四个轴给出前后填充量", true};
inline constexpr rule outer{
    "pad.outer", "batch and channels are not padded by the engine", "", "concatenate zeros instead",
    "引擎不填充批和通道", "改为拼接零张量", true};
inline constexpr rule fill{
    "pad.fill", "fill value", "", "pad with 0 and add the value behind", "填充值", "用 0 填充后再相加", true};
inline constexpr rule reflect{
    "pad.reflect", "reflection is computed as replication by the engine (defect D32)", "", "use constant or replicate",
    "引擎把 reflect 算成 replicate（缺陷 D32）", "使用 constant 或 replicate", true};
inline constexpr rule reflect_size{
    "pad.reflect_size", "reflected border", "", "reflect less than the input's extent", "反射边界",
    "反射量应小于输入的边长", true};

inline constexpr rule torn{
    "pad.torn", "the engine transposes the padded tensor in place, which disturbs it (defect D33)", "",
    "let the layer behind pad, or concatenate zeros", "引擎原地转置填充后的张量，结果被打乱（缺陷 D33）",
    "由后一层完成填充，或拼接零张量", true};

inline constexpr const rule* rules[] = {
    &inputs, &mode, &rank, &engine_rank, &count, &outer, &fill, &reflect, &reflect_size, &torn};

constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_inputs(f, found);
  const shape& x = f.in[0].dims;
  found.equal(inputs, f.inputs, 3);
  found.never(mode, f.mode != "constant" && f.mode != "reflect" && f.mode != "replicate");
  found.within(rank, x.rank(), 1, 4);
  found.equal(engine_rank, x.rank(), 4);
  const int pads = f.pad.overflow() ? 100 : static_cast<int>(f.pad.size());
  found.one_of(count, pads, {4, 6, 8});
  found.equal(fill, f.fill, 0);
  found.never(reflect, f.mode == "reflect");
  found.never(torn, on.engine.torn_pad);
  if (pads != 2 && pads != 4 && pads != 6 && pads != 8) return;
  const int axes = pads / 2;  // the packer asks for at least two axes, and more for more pads
  found.at_least(rank, x.rank(), axes < 2 ? 2 : axes);
  bool beyond = false;
  for (int i = 0; i < axes; ++i) {
    const int from_end = axes - i, front = f.pad[static_cast<std::size_t>(i)],
              back = f.pad[static_cast<std::size_t>(i + axes)];
    if (from_end > 2 && (front != 0 || back != 0)) beyond = true;
    if (f.mode == "reflect" && from_end <= x.rank()) {
      const int extent = x[x.rank() - from_end];
      found.at_most(reflect_size, front > back ? front : back, extent - 1);
    }
  }
  found.never(outer, beyond);
}

}  // namespace lnn::limit::pad
