// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/gru.hpp"
#include "gates.hpp"

namespace lnn::simd {
namespace detail {

template <isa At, curves Unit>
struct gru_loop {
  LNN_INLINE static void run(const luna::gate_sums* sums, std::size_t hidden, int q_h, std::int8_t* state) {
    for (std::size_t k = 0; k < hidden; k += curve_lanes) {
      const gate_lanes<At, Unit> of{*sums, std::min<std::size_t>(hidden - k, curve_lanes)};
      ints r, z, n, h;
      std::int8_t bytes[curve_lanes];
      of.template gate<sigmoid_curve, 8>(k, r);
      of.template gate<sigmoid_curve, 8>(hidden + k, z);
      of.from_state(2 * hidden + k, n);
      LNN_EACH_LANE
        r[j] = static_cast<std::int32_t>(clamped<32>(rounded_shift(std::int64_t{r[j]} * std::int64_t{n[j]}, 7)));
      of.from_input(2 * hidden + k, n);
      of.join(n, r);
      curve<At, Unit, tanh_curve, 8>(n, n);
      load(state + k, of.n, bytes);
      LNN_EACH_LANE h[j] = bytes[j];
      realign(h, Unit == curves::narrow ? 1 : q_h - 7);
      LNN_EACH_LANE h[j] = z[j] * h[j] + (128 - z[j]) * n[j];
      realign(h, 14 - q_h);
      LNN_EACH_LANE bytes[j] = static_cast<std::int8_t>(clamped<8>(h[j]));
      store(bytes, of.n, state + k);
    }
  }
};

}  // namespace detail

/// luna::gru_step, some units at a time.  A template so that nothing is compiled before it is called.
template <class Sums>
void gru_step(isa path, curves unit, const Sums& sums, std::size_t hidden, int q_h, std::int8_t* state) {
  if (q_h < 0) return luna::gru_step(unit, sums, hidden, q_h, state);  // h at Q7 could leave 32 bits
  detail::run_curves<detail::gru_loop>(path, unit, &sums, hidden, q_h, state);
}

}  // namespace lnn::simd
