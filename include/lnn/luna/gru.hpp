// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "gates.hpp"

namespace lnn::luna {

/// One time step of one sequence for every hidden unit (luna_ops.md 3.20 with decision 1 of
/// engine_defects.md, gates in the order r, z, n, all of 8 bits at Q7):
///   r = sigmoid8(S(p_r + u_r)), z = sigmoid8(S(p_z + u_z)), n = tanh8(S(p_n + S32(R(r * u_n, 7))))
///   h' = S8(R(z * h + (128 - z) * n, 14 - q_h))
/// where S clamps to 16 bits on VENUS and to 32 elsewhere.  VENUS blends S8(R(h, 1)) in place of h, as its
/// chips in the field do (D44); ARCS and VENUSA are computed as they were meant, with the curves' own Q27
/// (defect D6).  `state` (at exponent q_h) holds h and gets h'.
inline void gru_step(curves unit, const gate_sums& sums, std::size_t hidden, int q_h,
                     std::int8_t* state) noexcept {
  for (std::size_t k = 0; k < hidden; ++k) {
    const std::int64_t r = sigmoid(unit, sums.both(unit, k), 8),
                       z = sigmoid(unit, sums.both(unit, hidden + k), 8);
    const std::int64_t reset =
        saturate<std::int32_t>(shift_half_up(r * sums.from_state(unit, 2 * hidden + k), 7));
    const std::int64_t n =
        tanh(unit, curve_argument(unit, sums.from_input(unit, 2 * hidden + k) + reset, curve_input(unit)), 8);
    const std::int64_t h = unit == curves::narrow ? shift_half_up(state[k], 1) : rescale(state[k], q_h, 7);
    state[k] = saturate<std::int8_t>(rescale(z * h + (128 - z) * n, 14, q_h));
  }
}

}  // namespace lnn::luna
