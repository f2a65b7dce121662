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
inline constexpr rule split{
    "transpose.split", "the matrix cannot be cut into equal parts that fit the data buffer", "",
    "use a number of rows with small divisors", "无法把矩阵切成相等且放得进数据缓存的若干部分", "让行数有较小的因数",
    true};
inline constexpr rule workspace{
    "transpose.workspace", "bytes to transpose from PSRAM", "", "keep the input in share memory",
    "从 PSRAM 转置的字节数", "把输入放在共享内存中", true};

inline constexpr const rule* rules[] = {
    &perm_missing, &perm_length, &perm_axes, &perm_value, &perm_twice, &pattern, &split, &workspace};

namespace detail {

/// The same exchange with axes of one element left out and neighbours that stay together merged.
struct merged {
  int rank = 0;
  int from[shape::max_rank]{};          ///< source axis of every place
  long long extent[shape::max_rank]{};  ///< by source axis

  constexpr merged(const shape& x, const numbers& perm) {
    int first[shape::max_rank]{};
    for (const int raw : perm) {
      const int axis = normal_axis(raw, x.rank());
      if (x[axis] == 1) continue;
      int before = axis - 1;  // the nearest source axis that is more than one element
      while (before >= 0 && x[before] == 1) --before;
      if (rank > 0 && last_ == before)
        extent_of_[rank - 1] *= x[axis];
      else {
        first[rank] = axis;
        extent_of_[rank++] = x[axis];
      }
      last_ = axis;
    }
    for (int i = 0; i < rank; ++i) {
      for (int k = 0; k < rank; ++k) from[i] += first[k] < first[i] ? 1 : 0;
      extent[from[i]] = extent_of_[i];
    }
  }

 private:
  int last_ = -2;
  long long extent_of_[shape::max_rank]{};
};

constexpr bool parts_equally(long long rows, long long columns, long long limit) {
  for (long long n = 2; n <= rows; ++n)
    if (rows % n == 0 && align_up(rows / n, 16) * align_up(columns, 4) <= limit) return true;
  return false;
}

}  // namespace detail

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
  const detail::merged m(x, f.perm);
  found.never(pattern, m.rank > 4 || (m.rank == 4 && m.from[0] != 0));
  const long long bytes = elements(x) * (in.bits ? in.bits : 8) / 8, limit = on.memory.data_buffer;
  found.never(split, m.rank == 2 && bytes > limit && !detail::parts_equally(m.extent[0], m.extent[1], limit));
  if (!f.in_share(in, bytes)) found.at_most(workspace, bytes, 65536);
}

}  // namespace lnn::limit::transpose
