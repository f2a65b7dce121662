// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/algorithm.hpp"
#include "../tensor/integer_view.hpp"
#include "scratch.hpp"
#include "softmax.hpp"

namespace lnn::luna {

/// Exponents of the 8-bit values between the steps of an attention layer, under the names of luna_ops.md
/// 3.24.
struct attention_grid {
  int query, key, value;            ///< iqmul_o, bmm0_y, bmm2_y
  int score, key_offset, joined;    ///< bmm0_o, bmm1_o, iqadd1_o
  int mixed, value_offset, result;  ///< bmm2_o, bmm3_o, iqadd2_o
};

/// One head on one sequence: `count` rows of `width` numbers, `stride` apart.  The tables hold one row of
/// `width` numbers for every distance from -reach to reach.
struct attention {
  int count = 1, width = 1, stride = 1, reach = 0;
  const std::int8_t *query = nullptr, *key = nullptr, *value = nullptr;
  integer_view key_table{}, value_table{};
  attention_grid grid{};

  [[nodiscard]] int row_of(int from, int to) const { return std::clamp(to - from, -reach, reach) + reach; }
};

/// Brings both 8-bit values to one grid, rounding and clamping each, and adds with saturation.
[[nodiscard]] constexpr std::int8_t join(std::int8_t a, int q_a, std::int8_t b, int q_b, int q_o) noexcept {
  return saturate<std::int8_t>(std::int64_t{saturate<std::int8_t>(rescale(a, q_a, q_o))} +
                               saturate<std::int8_t>(rescale(b, q_b, q_o)));
}

/// Attention with relative positions (luna_ops.md 3.24), all intermediate values of 8 bits:
///   s_ij = join(S8(R(q_i . k_j)), S8(R(q_i . K[j - i])));  p_i = softmax(s_i) at exponent 7
///   y_i = join(S8(R(sum_j p_ij v_j)), S8(R(sum_j p_ij V[j - i])))
/// with K and V the tables, whose row is the distance clamped to +-reach.
inline void attend(curves unit, const attention& a, std::int8_t* y) {
  constexpr int share = 7;  // exponent of p
  const attention_grid& g = a.grid;
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  auto* row = scratch<std::int32_t>(2, at(a.count));
  for (int i = 0; i < a.count; ++i) {
    const std::int8_t* q = a.query + at(i) * at(a.stride);
    for (int j = 0; j < a.count; ++j) {
      const std::int8_t* k = a.key + at(j) * at(a.stride);
      const std::size_t table = at(a.row_of(i, j)) * at(a.width);
      std::int64_t dot = 0, offset = 0;
      for (std::size_t d = 0; d < at(a.width); ++d) {
        dot += q[d] * k[d];
        offset += q[d] * a.key_table.at(table + d);
      }
      const std::int8_t s =
          join(saturate<std::int8_t>(rescale(dot, g.query + g.key, g.score)), g.score,
               saturate<std::int8_t>(rescale(offset, g.query + a.key_table.exponent, g.key_offset)),
               g.key_offset, g.joined);
      row[j] = saturate<std::int32_t>(rescale(s, g.joined, softmax_input));
    }
    softmax(unit, row, at(a.count), row);
    for (int j = 0; j < a.count; ++j)
      row[j] = saturate<std::int8_t>(shift_half_up(row[j], softmax_output - share));
    for (std::size_t d = 0; d < at(a.width); ++d) {
      std::int64_t mix = 0, offset = 0;
      for (int j = 0; j < a.count; ++j) {
        mix += row[j] * a.value[at(j) * at(a.stride) + d];
        offset += row[j] * a.value_table.at(at(a.row_of(i, j)) * at(a.width) + d);
      }
      y[at(i) * at(a.stride) + d] =
          join(saturate<std::int8_t>(rescale(mix, share + g.value, g.mixed)), g.mixed,
               saturate<std::int8_t>(rescale(offset, share + a.value_table.exponent, g.value_offset)),
               g.value_offset, g.result);
    }
  }
}

}  // namespace lnn::luna
