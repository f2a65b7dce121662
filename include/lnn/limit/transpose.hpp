// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// Transpose: hardware_constraints.md sections 7 and 9.
namespace lnn::limit::transpose {

inline constexpr rule perm_missing{
    "transpose.perm_missing", "the order of the axes is not given", "", "write perm", "没有给出轴的顺序", "写明 perm"};
inline constexpr rule perm_length{
    "transpose.perm_length", "length of perm", "", "name every axis of the input once", "perm 的长度",
    "每个轴恰好写一次"};
inline constexpr rule perm_axes{
    "transpose.perm_axes", "axes to exchange", "", "merge neighbouring axes with a reshape", "参与转置的轴数",
    "用 reshape 合并相邻的轴"};
inline constexpr rule perm_value{
    "transpose.perm_value", "axis in perm", "", "use axes of the input", "perm 中的轴", "使用输入已有的轴"};
inline constexpr rule perm_twice{
    "transpose.perm_twice", "an axis stands in perm twice", "", "name every axis of the input once",
    "perm 中有重复的轴", "每个轴恰好写一次", true};
inline constexpr rule pattern{
    "transpose.pattern", "the engine exchanges at most three merged axes, or the last three of four", "",
    "use two transposes", "引擎最多交换合并后的三个轴，或四个轴中的后三个", "使用两个转置", true};
inline constexpr rule plane{
    "transpose.plane", "a matrix that venus' simulation library transposes in a fixed array", " bytes",
    "transpose smaller matrices", "venus 仿真库在固定数组中转置的矩阵", "转置更小的矩阵", true};
inline constexpr rule split{
    "transpose.split", "the matrix cannot be cut into equal parts that fit the data buffer", "",
    "use a number of rows with small divisors", "无法把矩阵切成相等且放得进数据缓存的若干部分", "让行数有较小的因数",
    true};
inline constexpr rule workspace{
    "transpose.workspace", "bytes to transpose from PSRAM", "", "keep the input in share memory",
    "从 PSRAM 转置的字节数", "把输入放在共享内存中", true};

inline constexpr const rule* rules[] = {
    &perm_missing, &perm_length, &perm_axes, &perm_value, &perm_twice, &pattern, &plane,
    &split, &workspace};

namespace detail {

/// An exchange of few axes.
struct exchange {
  int rank = 0;
  int from[shape::max_rank]{};          ///< source axis of every place
  long long extent[shape::max_rank]{};  ///< by source axis
  bool torn = false;                    ///< the engine mixes up its axes
};

/// The same exchange with axes of one element left out and neighbours that stay together merged.
constexpr exchange merged(const shape& x, const numbers& perm) {
  exchange e;
  int first[shape::max_rank]{}, last = -2;
  long long extent[shape::max_rank]{};
  for (const int raw : perm) {
    const int axis = normal_axis(raw, x.rank());
    if (x[axis] == 1) continue;
    int before = axis - 1;  // the nearest source axis that is more than one element
    while (before >= 0 && x[before] == 1) --before;
    if (e.rank > 0 && last == before)
      extent[e.rank - 1] *= x[axis];
    else {
      first[e.rank] = axis;
      extent[e.rank++] = x[axis];
    }
    last = axis;
  }
  for (int i = 0; i < e.rank; ++i) {
    for (int k = 0; k < e.rank; ++k) e.from[i] += first[k] < first[i] ? 1 : 0;
    e.extent[e.from[i]] = extent[i];
  }
  return e;
}

/// As the engine sees it: axes of one element count, and of neighbours that stay together it merges one group only.
constexpr exchange engine_axes(const shape& x, const numbers& perm) {
  exchange e;
  int start = -1, more = 0, place[shape::max_rank]{};
  for (int i = 0, n = static_cast<int>(perm.size()); i < n; ++i) {
    const int axis = normal_axis(perm[static_cast<std::size_t>(i)], x.rank());
    if (i > 0 && axis == normal_axis(perm[static_cast<std::size_t>(i - 1)], x.rank()) + 1) {
      e.torn = e.torn || (more > 0 && start != place[e.rank - 1]);
      start = place[e.rank - 1];
      ++more;
    } else {
      place[e.rank++] = axis;
    }
  }
  if (e.torn) return e;
  for (int i = 0; i < e.rank; ++i) {
    e.from[i] = more > 0 && place[i] > start ? place[i] - more : place[i];
    e.extent[e.from[i]] = x[place[i]];
    for (int k = 1; place[i] == start && k <= more; ++k) e.extent[e.from[i]] *= x[start + k];
  }
  return e;
}

/// Whether the engine computes an exchange: matrices, three axes, or three axes within a batch.
constexpr bool computes(const exchange& e, bool share, const chip& on) {
  return !e.torn && (e.rank == 2 || e.rank == 3 || (e.rank == 4 && e.from[0] == 0 && share && on.engine.transposes_four));
}

/// Whether venus' engine finds parts of a matrix that fit its buffer: it takes the first number of parts that are small enough,
/// rounded down, and gives up where it does not divide the rows.  The libraries of the others cut by themselves.
constexpr bool parts_equally(long long rows, long long columns, const chip& on) {
  if (on.conv.whole_windows) return true;
  for (long long n = 2; n <= rows; ++n)
    if (align_up(rows / n, 16) * align_up(columns, 4) <= on.memory.data_buffer) return rows % n == 0;
  return false;
}

}  // namespace detail

/// The same exchange in fewer axes where the engine computes only that: a pass lays reshapes around it.
[[nodiscard]] constexpr bool wants_reshapes(const shape& x, const numbers& perm, bool share, const chip& on) {
  const detail::exchange few = detail::merged(x, perm);
  return few.rank > 1 && !detail::computes(detail::engine_axes(x, perm), share, on) && detail::computes(few, share, on);
}

constexpr void check(const facts& f, const chip& on, verdict& found) {
  const bool sound = check_inputs(f, found);
  const operand& in = f.in[0];
  const shape& x = in.dims;
  found.never(perm_missing, !f.has_perm);
  if (!f.has_perm) return;
  const int length = f.perm.overflow() ? 100 : static_cast<int>(f.perm.size());
  found.equal(perm_length, length, x.rank());
  found.at_most(perm_axes, length, 6);
  bool named[shape::max_rank]{}, twice = false, outside = false;
  for (const int axis : f.perm) {
    found.within(perm_value, axis, -x.rank(), x.rank() - 1);
    const int a = normal_axis(axis, x.rank());
    if (a < 0 || a >= x.rank()) {
      outside = true;
      continue;
    }
    twice = twice || named[a];
    named[a] = true;
  }
  found.never(perm_twice, twice);
  if (!sound || outside || twice || length != x.rank()) return;
  detail::exchange e = detail::merged(x, f.perm);
  if (e.rank < 2) return;  // a reshape
  const long long bytes = elements(x) * (in.bits ? in.bits : 8) / 8, limit = on.memory.data_buffer;
  const bool share = f.in_share(in, bytes) && f.in_share(f.out, bytes);
  if (f.options.symbolic || !wants_reshapes(x, f.perm, share, on)) e = detail::engine_axes(x, f.perm);
  found.never(pattern, !detail::computes(e, share, on));
  if (!detail::computes(e, share, on)) return;
  found.never(split, e.rank == 2 && bytes > limit && !detail::parts_equally(e.extent[0], e.extent[1], on));
  if (e.rank == 3 && !on.conv.whole_windows) {  // venus: every plane in 64 KiB, or all that is turned round in 80 KiB
    const bool round = e.from[0] == 2 && e.from[1] == 1;
    if (round) found.at_most(plane, bytes, 81920);
    else if (e.from[1] > e.from[2]) found.at_most(plane, e.extent[e.from[1]] * e.extent[e.from[2]], limit);
  }
  if (!f.in_share(in, bytes)) found.at_most(workspace, bytes, 65536);
}

}  // namespace lnn::limit::transpose
