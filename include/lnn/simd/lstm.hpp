// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/lstm.hpp"
#include "gates.hpp"

namespace lnn::simd {
namespace detail {

template <isa At, curves Unit>
struct lstm_loop {
  static constexpr bool narrow = Unit == curves::narrow;
  static constexpr int q = luna::cell_exponent(Unit);

  /// S8 at Q7 on VENUS, else R(S32, 16) at Q15.
  template <class Curve>
  LNN_INLINE static void to_gate(ints& y) {
    curve<At, Unit, Curve, narrow ? 8 : 32>(y, y);
    if constexpr (!narrow) realign(y, 16);
  }
  template <class Curve>
  LNN_INLINE static void gate(const gate_lanes<At, Unit>& of, std::size_t first, ints& y) {
    of.template gate<Curve, narrow ? 8 : 32>(first, y);
    if constexpr (!narrow) realign(y, 16);
  }
  LNN_INLINE static void run(const luna::gate_sums* sums, std::size_t hidden, int q_h, std::int32_t* cell, std::int8_t* state) {
    for (std::size_t k = 0; k < hidden; k += curve_lanes) {
      const gate_lanes<At, Unit> of{*sums, std::min<std::size_t>(hidden - k, curve_lanes)};
      ints c, i, f, g, o;
      longs exact;
      load(cell + k, of.n, c);
      gate<sigmoid_curve>(of, k, i);
      gate<sigmoid_curve>(of, hidden + k, f);
      gate<tanh_curve>(of, 2 * hidden + k, g);
      gate<sigmoid_curve>(of, 3 * hidden + k, o);
      LNN_EACH_LANE
        exact[j] = clamped<32>(std::int64_t{c[j]} * std::int64_t{f[j]}) + clamped<32>(std::int64_t{i[j]} * std::int64_t{g[j]});
      LNN_EACH_LANE
        i[j] = static_cast<std::int32_t>(clamped<narrow ? 16 : 32>(rounded_shift(exact[j], 2 * q - luna::curve_input(Unit))));
      if constexpr (narrow) {
        LNN_EACH_LANE c[j] = static_cast<std::int32_t>(clamped<16>(rounded_shift(exact[j], 7)));
      } else {
        std::memcpy(c, i, sizeof c);
        realign(c, 12);
      }
      store(c, of.n, cell + k);
      to_gate<tanh_curve>(i);
      LNN_EACH_LANE o[j] *= i[j];
      realign(o, 2 * q - q_h);
      std::int8_t h[curve_lanes];
      LNN_EACH_LANE h[j] = static_cast<std::int8_t>(clamped<8>(o[j]));
      store(h, of.n, state + k);
    }
  }
};

}  // namespace detail

/// luna::lstm_step, some units at a time.  A template so that nothing is compiled before it is called.
template <class Sums>
void lstm_step(isa path, curves unit, const Sums& sums, std::size_t hidden, int q_h, std::int32_t* cell,
                      std::int8_t* state) {
  detail::run_curves<detail::lstm_loop>(path, unit, &sums, hidden, q_h, cell, state);
}

}  // namespace lnn::simd
