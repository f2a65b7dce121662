// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/gates.hpp"
#include "curve.hpp"

namespace lnn::simd::detail {

/// The sums of some hidden units as their curves read them; `n` of the lanes are units, the others 0.  See luna::gate_sums.
template <isa At, curves Unit>
struct gate_lanes {
  const luna::gate_sums& sums;
  std::size_t n;

  LNN_INLINE void from(const std::int32_t* sum, int q, ints& x) const {
    load(sum, n, x);
    realign(x, q - luna::curve_input(Unit));
  }
  LNN_INLINE void from_input(std::size_t first, ints& x) const { from(sums.input + first, sums.q_input, x); }
  LNN_INLINE void from_state(std::size_t first, ints& x) const { from(sums.state + first, sums.q_state, x); }
  /// x + y as an argument.
  LNN_INLINE static void join(ints& x, const ints& y) {
    add_clamped(x, y);
    if constexpr (Unit == curves::narrow)
      LNN_EACH_LANE x[j] = static_cast<std::int32_t>(clamped<16>(x[j]));
  }
  /// A gate of `Bits` bits at exponent Bits - 1.
  template <class Curve, int Bits>
  LNN_INLINE void gate(std::size_t first, ints& y) const {
    ints other;
    from_input(first, y);
    from_state(first, other);
    join(y, other);
    curve<At, Unit, Curve, Bits>(y, y);
  }
};

}  // namespace lnn::simd::detail
