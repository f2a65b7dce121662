// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/luna/curve.hpp>
#include <vector>

#include "../wide.hpp"

/// The cells of luna_ops.md 3.19 and 3.20 word by word, for one hidden unit; sigmoid and tanh themselves are proven
/// against recorded figures elsewhere.
namespace cells {

using lnn::curves;
using wide::clamp;
using wide::half_up;
using wide::number;

struct unit_state {
  number c, h;
};

inline number to_active(curves unit, number sum, int q) { return clamp(half_up(sum, q - (unit == curves::narrow ? 11 : 27)), 32); }
inline number sigmoid(curves unit, number x, int bits) { return lnn::luna::sigmoid(unit, static_cast<std::int32_t>(x), bits); }
inline number tanh(curves unit, number x, int bits) { return lnn::luna::tanh(unit, static_cast<std::int32_t>(x), bits); }

/// p, u: sums of both sides at their own exponents, a number for each gate.
inline unit_state lstm(curves unit, const number (&p)[4], int q_p, const number (&u)[4], int q_u, unit_state s, int q_h) {
  number G[4];
  for (int i = 0; i < 4; ++i) G[i] = clamp(to_active(unit, p[i], q_p) + to_active(unit, u[i], q_u), unit == curves::narrow ? 16 : 32);
  if (unit == curves::narrow) {
    const number i = sigmoid(unit, G[0], 8), f = sigmoid(unit, G[1], 8), g = tanh(unit, G[2], 8), o = sigmoid(unit, G[3], 8);
    const number C = clamp(s.c * f + i * g, 32);
    return {clamp(half_up(C, 7), 16), clamp(half_up(o * tanh(unit, clamp(half_up(C, 3), 16), 8), 14 - q_h), 8)};
  }
  const auto gate = [](number q31) { return half_up(q31, 16); };
  const number i = gate(sigmoid(unit, G[0], 32)), f = gate(sigmoid(unit, G[1], 32)), g = gate(tanh(unit, G[2], 32)),
               o = gate(sigmoid(unit, G[3], 32));
  const number c27 = clamp(half_up(clamp(s.c * f, 32) + clamp(i * g, 32), 3), 32);
  return {half_up(c27, 12), clamp(half_up(o * gate(tanh(unit, c27, 32)), 30 - q_h), 8)};
}

inline number gru(curves unit, const number (&p)[3], int q_p, const number (&u)[3], int q_u, number h, int q_h) {
  number P[3], U[3];
  for (int i = 0; i < 3; ++i) P[i] = to_active(unit, p[i], q_p), U[i] = to_active(unit, u[i], q_u);
  const int bits = unit == curves::narrow ? 16 : 32;
  const number r = sigmoid(unit, clamp(P[0] + U[0], bits), 8), z = sigmoid(unit, clamp(P[1] + U[1], bits), 8);
  const number n = tanh(unit, clamp(P[2] + clamp(half_up(r * U[2], 7), 32), bits), 8);
  const number kept = half_up(h, unit == curves::narrow ? 1 : q_h - 7);  // decision 1 of engine_defects.md
  return clamp(half_up(z * kept + (128 - z) * n, 14 - q_h), 8);
}

}  // namespace cells
