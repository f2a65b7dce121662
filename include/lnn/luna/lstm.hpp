// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "gates.hpp"

namespace lnn::luna {

/// What the cell state of an LSTM counts in: Q7 in 16 bits on VENUS, Q15 in 32 bits elsewhere.  Its gates have
/// the same exponent.
[[nodiscard]] constexpr int cell_exponent(curves unit) noexcept { return unit == curves::narrow ? 7 : 15; }
[[nodiscard]] constexpr int cell_bits(curves unit) noexcept { return unit == curves::narrow ? 16 : 32; }

/// One time step of one sequence for every hidden unit (luna_ops.md 3.19, gates in the order i, f, g, o):
///   VENUS          G = S16(p + r), gates of 8 bits at Q7, C = S32(c * f) + S32(i * g) at Q14,
///                  c' = S16(R(C, 7)), h' = S8(R(o * tanh8(S16(R(C, 3))), 14 - q_h))
///   ARCS, VENUSA   G = S32(p + r), gates R(., 16) of 32-bit curves at Q15, C the same at Q30,
///                  C' = S32(R(C, 3)) at Q27, c' = R(C', 12), h' = S8(R(o * R(tanh32(C'), 16), 30 - q_h))
/// `cell` and `state` (at exponent q_h) hold c and h and get c' and h'.
inline void lstm_step(curves unit, const gate_sums& sums, std::size_t hidden, int q_h, std::int32_t* cell,
                      std::int8_t* state) noexcept {
  const bool narrow = unit == curves::narrow;
  const int q = cell_exponent(unit);
  const auto bounded = [&](std::int32_t x) -> std::int64_t {  // tanh at Q7 or Q15
    return narrow ? tanh(unit, x, 8) : shift_half_up(tanh(unit, x, 32), 16);
  };
  const auto gate = [&](std::size_t i) -> std::int64_t {
    const std::int32_t x = sums.both(unit, i);
    return narrow ? sigmoid(unit, x, 8) : shift_half_up(sigmoid(unit, x, 32), 16);
  };
  for (std::size_t k = 0; k < hidden; ++k) {
    const std::int64_t i = gate(k), f = gate(hidden + k), g = bounded(sums.both(unit, 2 * hidden + k)),
                       o = gate(3 * hidden + k);
    const std::int64_t exact =
        std::int64_t{saturate<std::int32_t>(cell[k] * f)} + saturate<std::int32_t>(i * g);
    const std::int32_t c = curve_argument(unit, exact, 2 * q);
    cell[k] = narrow ? saturate<std::int16_t>(shift_half_up(exact, 7))
                     : static_cast<std::int32_t>(shift_half_up(c, 12));
    state[k] = saturate<std::int8_t>(rescale(o * bounded(c), 2 * q, q_h));
  }
}

}  // namespace lnn::luna
