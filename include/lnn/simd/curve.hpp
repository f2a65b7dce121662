// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "../core/algorithm.hpp"
#include "curve_pieces.hpp"
#include "dispatch.hpp"

namespace lnn::simd::detail {

using longs = std::int64_t[curve_lanes];

/// The first `n` lanes from and to memory; the others are 0.
template <class T, std::size_t N>
LNN_INLINE void load(const T* from, std::size_t n, T (&x)[N]) {
  if (n == N) return static_cast<void>(std::memcpy(x, from, sizeof x));
  std::fill(std::copy_n(from, n, x), x + N, T{});
}
template <class T, std::size_t N>
LNN_INLINE void store(const T (&x)[N], std::size_t n, T* to) {
  if (n == N) std::memcpy(to, x, sizeof x);
  else std::copy_n(x, n, to);
}

/// R(x, s) for 0 < s and |x| < 2^62, in operations that every instruction set has for vectors of 64 bits.
[[nodiscard]] LNN_INLINE std::int64_t rounded_shift(std::int64_t x, int s) {
  constexpr auto top = std::uint64_t{1} << 63;
  return static_cast<std::int64_t>(((static_cast<std::uint64_t>(x) + top + (std::uint64_t{1} << (s - 1))) >> s) - (top >> s));
}
/// F(x, s), 0 <= s.
[[nodiscard]] LNN_INLINE std::int64_t floor_shift(std::int64_t x, int s) {
  constexpr auto top = std::uint64_t{1} << 63;
  return static_cast<std::int64_t>(((static_cast<std::uint64_t>(x) + top) >> s) - (top >> s));
}
template <int Bits>
[[nodiscard]] LNN_INLINE std::int64_t clamped(std::int64_t x) {
  constexpr std::int64_t most = (std::int64_t{1} << (Bits - 1)) - 1;
  x = x < most ? x : most;
  return x > -most - 1 ? x : -most - 1;
}

/// x = S32(R(x, shift)), to the left where shift is below 0.
LNN_INLINE void realign(ints& x, int shift) {
  if (shift > 0) {
    const int s = std::min(shift, 32) - 1;  // from 32 on nothing is left
    LNN_EACH_LANE {
      const std::int32_t t = x[j] >> s;
      x[j] = (t >> 1) + (t & 1);
    }
  } else if (shift < 0) {
    const int s = std::min(-shift, 31);
    LNN_EACH_LANE {
      const auto y = static_cast<std::int32_t>(static_cast<std::uint32_t>(x[j]) << s);
      x[j] = (y >> s) == x[j] ? y : (x[j] >> 31) ^ INT32_MAX;
    }
  }
}
/// x = S32(x + y).
LNN_INLINE void add_clamped(ints& x, const ints& y) {
  LNN_EACH_LANE {
    const auto sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(x[j]) + static_cast<std::uint32_t>(y[j]));
    x[j] = (~(x[j] ^ y[j]) & (x[j] ^ sum)) < 0 ? (x[j] >> 31) ^ INT32_MAX : sum;
  }
}

/// luna::sigmoid and luna::tanh.
struct sigmoid_curve {
  static constexpr bool odd = false;
  static constexpr const auto& narrow = luna::sigmoid_q11;
  static constexpr const auto& wide = luna::sigmoid_q27;
  static constexpr const auto& shift = luna::detail::sigmoid_shift;
};
struct tanh_curve {
  static constexpr bool odd = true;
  static constexpr const auto& narrow = luna::tanh_q11;
  static constexpr const auto& wide = luna::tanh_q27;
  static constexpr const auto& shift = luna::detail::tanh_shift;
};

/// luna::sigmoid_exact or tanh_exact of x at curve_input(Unit).
template <isa At, curves Unit, class Curve>
LNN_INLINE void exact_curve(const ints& x, longs& y) {
  constexpr bool narrow = Unit == curves::narrow;
  constexpr std::int32_t most = narrow ? INT16_MAX : INT32_MAX;
  constexpr const luna::curve_pieces* table = narrow ? &Curve::narrow : &Curve::wide;
  ints magnitude, slope, bias;
  LNN_EACH_LANE {
    const std::int32_t v = x[j] > -most ? x[j] : -most;
    magnitude[j] = v < 0 ? -v : v;
  }
  const pieces_of<At, table> piece(magnitude);
  piece.choose(table->slope, slope);
  piece.choose(table->bias, bias);
  if constexpr (Unit == curves::fused && Curve::odd)
    LNN_EACH_LANE bias[j] >>= 3;
  // below 0: both turned, or the bias taken from 1
  constexpr auto one = std::uint32_t{1} << (narrow ? 15 : 31);
  LNN_EACH_LANE {
    const auto b = static_cast<std::uint32_t>(bias[j]);
    bias[j] = static_cast<std::int32_t>(x[j] >= 0 ? b : Curve::odd ? 0U - b : one - b);
  }
  if constexpr (Unit == curves::fused && !Curve::odd)
    LNN_EACH_LANE bias[j] >>= 3;
  ints turned;
  LNN_EACH_LANE turned[j] = x[j] < 0 ? -magnitude[j] : magnitude[j];
  const ints& point = Curve::odd ? turned : x;
  if constexpr (narrow) {
    ints shift;
    piece.choose(Curve::shift, shift);
    LNN_EACH_LANE slope[j] = slope[j] * point[j];
    LNN_EACH_LANE y[j] = (slope[j] >> shift[j]) + bias[j];
  } else {
    LNN_EACH_LANE y[j] = std::int64_t{slope[j]} * std::int64_t{point[j]};
    if constexpr (Unit == curves::stepped)
      LNN_EACH_LANE y[j] = floor_shift(y[j], 27) + bias[j];
    else
      LNN_EACH_LANE
        y[j] = static_cast<std::int64_t>(static_cast<std::uint64_t>(y[j]) + (static_cast<std::uint64_t>(std::int64_t{bias[j]}) << 30));
  }
}

/// luna::sigmoid and luna::tanh in `Bits` bits; y may be x.
template <isa At, curves Unit, class Curve, int Bits>
LNN_INLINE void curve(const ints& x, ints& y) {
  longs exact;
  exact_curve<At, Unit, Curve>(x, exact);
  constexpr int down = luna::curve_output(Unit) - (Bits - 1);
  if constexpr (down > 0)
    LNN_EACH_LANE exact[j] = rounded_shift(exact[j], down);
  LNN_EACH_LANE y[j] = static_cast<std::int32_t>(clamped<Bits>(exact[j]));
}

/// Runs a loop for an instruction set and the unit of a chip.
template <template <isa, curves> class Loop, class... Arguments>
void run_curves(isa path, curves unit, Arguments... arguments) {
  const auto on = [&]<isa At>() {
    switch (unit) {
      case curves::narrow: return run_at<At, Loop<At, curves::narrow>>(arguments...);
      case curves::stepped: return run_at<At, Loop<At, curves::stepped>>(arguments...);
      default: return run_at<At, Loop<At, curves::fused>>(arguments...);
    }
  };
#if LNN_X86
  if (path == isa::avx512) return on.template operator()<isa::avx512>();
  if (path == isa::avx2) return on.template operator()<isa::avx2>();
#endif
  (void)path;
  on.template operator()<isa::portable>();
}

}  // namespace lnn::simd::detail
