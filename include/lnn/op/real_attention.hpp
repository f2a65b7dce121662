// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <limits>
#include <type_traits>

#include "../core/algorithm.hpp"
#include "../core/maths.hpp"
#include "../tensor/flat.hpp"

namespace lnn {

/// Attention with relative positions on one sequence, in real numbers: in every head
///   p_i = softmax_j(q_i . (k_j + K)), o_i = sum_j p_ij (v_j + V)
/// with K and V the rows of two tables for the distance j - i clamped to +-reach.  T is const where the results of a
/// forward pass are looked at.
template <class T>
class real_attention {
 public:
  using real = std::remove_const_t<T>;

  int count, heads, width, reach;
  const real *keys, *values;  ///< tables [2 reach + 1, width]
  T *q, *k, *v, *o;           ///< [count, heads * width]
  T* p;                       ///< [heads, count, count]

  real_attention(int rows, int head_count, int head_width, int farthest, const real* key_table,
                 const real* value_table, T* memory)
      : count(rows), heads(head_count), width(head_width), reach(farthest), keys(key_table), values(value_table) {
    q = memory, k = q + block(), v = k + block(), o = v + block(), p = o + block();
  }

  /// Numbers in q, and how many p and all others take together.
  [[nodiscard]] std::size_t block() const { return at(count) * at(heads * width); }
  [[nodiscard]] static constexpr std::size_t room(int rows, int head_count, int head_width) {
    return at(rows) * (4 * at(head_count * head_width) + at(head_count) * at(rows));
  }

  /// Row i of head h: p_i and o_i.
  void mix(int h, int i) const {
    T *share = p + (at(h) * at(count) + at(i)) * at(count), *to = o + place(i, h);
    real most = -std::numeric_limits<real>::infinity(), sum = 0;
    for (int j = 0; j < count; ++j) {
      const real *key = k + place(j, h), *offset = keys + table_row(i, j);
      real s = 0;
      for (std::size_t d = 0; d < at(width); ++d) s += q[place(i, h) + d] * (key[d] + offset[d]);
      share[j] = s;
      most = std::max(most, s);
    }
    for (int j = 0; j < count; ++j) sum += share[j] = maths::exp(share[j] - most);
    std::fill_n(to, width, real{});
    for (int j = 0; j < count; ++j) {
      share[j] /= sum;
      const real *value = v + place(j, h), *offset = values + table_row(i, j);
      for (std::size_t d = 0; d < at(width); ++d) to[d] += share[j] * (value[d] + offset[d]);
    }
  }

  /// From the gradient of o_i to those of q_i, of all k and v of the head and of the tables; `row` has room for `count`.
  void mix_back(int h, int i, const real* d_o, real* row, real* dq, real* dk, real* dv, const flat<real>& d_keys,
                const flat<real>& d_values) const {
    const real *share = p + (at(h) * at(count) + at(i)) * at(count), *g = d_o + place(i, h), *from = q + place(i, h);
    real sum = 0;
    for (int j = 0; j < count; ++j) {
      const std::size_t table = table_row(i, j), to = place(j, h);
      real dp = 0;
      for (std::size_t d = 0; d < at(width); ++d) {
        dp += g[d] * (v[to + d] + values[table + d]);
        dv[to + d] += share[j] * g[d];
        if (d_values) d_values[table + d] += share[j] * g[d];
      }
      row[j] = dp;
      sum += share[j] * dp;
    }
    for (int j = 0; j < count; ++j) {
      const std::size_t table = table_row(i, j), to = place(j, h);
      const real ds = share[j] * (row[j] - sum);
      for (std::size_t d = 0; d < at(width); ++d) {
        dq[place(i, h) + d] += ds * (k[to + d] + keys[table + d]);
        dk[to + d] += ds * from[d];
        if (d_keys) d_keys[table + d] += ds * from[d];
      }
    }
  }

  /// What the chip rounds on the way of row i of head h: calls score(q . k, q . K) for every j, and mixed(p v, p V) for
  /// every feature.
  template <class Score, class Mixed>
  void look_inside(int h, int i, const Score& score, const Mixed& mixed) const {
    for (int j = 0; j < count; ++j) {
      const real *from = q + place(i, h), *key = k + place(j, h), *offset = keys + table_row(i, j);
      real near = 0, far = 0;
      for (std::size_t d = 0; d < at(width); ++d) near += from[d] * key[d], far += from[d] * offset[d];
      score(near, far);
    }
    const real* share = p + (at(h) * at(count) + at(i)) * at(count);
    for (std::size_t d = 0; d < at(width); ++d) {
      real near = 0, far = 0;
      for (int j = 0; j < count; ++j) near += share[j] * v[place(j, h) + d], far += share[j] * values[table_row(i, j) + d];
      mixed(near, far);
    }
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
  [[nodiscard]] std::size_t table_row(int i, int j) const {
    return at(std::clamp(j - i, -reach, reach) + reach) * at(width);
  }
  [[nodiscard]] std::size_t place(int i, int h) const { return at(i) * at(heads * width) + at(h) * at(width); }
};

}  // namespace lnn
