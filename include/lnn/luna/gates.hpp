// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "curve.hpp"

namespace lnn::luna {

/// The two products of a recurrent layer in one time step of one sequence, W_i x + b_i and W_h h + b_h:
/// 32-bit sums, a row of hidden units for each gate.
struct gate_sums {
  const std::int32_t *input, *state;
  int q_input, q_state;  ///< exponents: q_x + q_iw and q_h + q_hw

  /// S32 of a sum at the exponent where sigmoid and tanh read, which may be the finer one (luna_ops.md 3.19;
  /// the engine of VENUS' GRU leaves a coarser sum as it is: defect D29).
  [[nodiscard]] static constexpr std::int64_t aligned(curves unit, std::int32_t sum, int q) noexcept {
    return saturate<std::int32_t>(rescale(sum, q, curve_input(unit)));
  }
  [[nodiscard]] constexpr std::int64_t from_input(curves unit, std::size_t i) const noexcept {
    return aligned(unit, input[i], q_input);
  }
  [[nodiscard]] constexpr std::int64_t from_state(curves unit, std::size_t i) const noexcept {
    return aligned(unit, state[i], q_state);
  }
  /// What a gate that adds both reads: S16 of the sum on VENUS, S32 elsewhere.
  [[nodiscard]] constexpr std::int32_t both(curves unit, std::size_t i) const noexcept {
    return curve_argument(unit, from_input(unit, i) + from_state(unit, i), curve_input(unit));
  }
};

}  // namespace lnn::luna
