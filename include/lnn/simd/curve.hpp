// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
#include <utility>

#include "../core/algorithm.hpp"
#include "../luna/curve.hpp"
#include "dispatch.hpp"

namespace lnn::simd::detail {

/// Numbers that a loop computes with at a time.  Loops over them become vectors.
inline constexpr int curve_lanes = 16;
using ints = std::int32_t[curve_lanes];
using longs = std::int64_t[curve_lanes];

/// The first `n` lanes from and to memory; the others are 0.
template <class T>
LNN_INLINE void load(const T* from, std::size_t n, T (&x)[curve_lanes]) {
  if (n == curve_lanes) return static_cast<void>(std::memcpy(x, from, sizeof x));
  std::fill(std::copy_n(from, n, x), x + curve_lanes, T{});
}
template <class T>
LNN_INLINE void store(const T (&x)[curve_lanes], std::size_t n, T* to) {
  if (n == curve_lanes) std::memcpy(to, x, sizeof x);
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
    for (int j = 0; j < curve_lanes; ++j) {
      const std::int32_t t = x[j] >> s;
      x[j] = (t >> 1) + (t & 1);
    }
  } else if (shift < 0) {
    const int s = std::min(-shift, 31);
    for (int j = 0; j < curve_lanes; ++j) {
      const auto y = static_cast<std::int32_t>(static_cast<std::uint32_t>(x[j]) << s);
      x[j] = (y >> s) == x[j] ? y : (x[j] >> 31) ^ INT32_MAX;
    }
  }
}
/// x = S32(x + y).
LNN_INLINE void add_clamped(ints& x, const ints& y) {
  for (int j = 0; j < curve_lanes; ++j) {
    const auto sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(x[j]) + static_cast<std::uint32_t>(y[j]));
    x[j] = (~(x[j] ^ y[j]) & (x[j] ^ sum)) < 0 ? (x[j] >> 31) ^ INT32_MAX : sum;
  }
}

/// values[k] where k ends lie below the magnitude: the first value and what each end that lies below adds, instead of a
/// search that would read the table from sixteen places.  In arithmetic, as compilers turn a chain of choices into branches.
template <std::size_t... I>
LNN_INLINE void choose(const std::int32_t (&end)[15], const std::int32_t (&values)[16], const ints& magnitude, ints& chosen, std::index_sequence<I...>) {
  for (int j = 0; j < curve_lanes; ++j) {
    auto sum = static_cast<std::uint32_t>(values[0]);
    ((sum += (0U - static_cast<std::uint32_t>(magnitude[j] > end[I])) &
             (static_cast<std::uint32_t>(values[I + 1]) - static_cast<std::uint32_t>(values[I]))),
     ...);
    chosen[j] = static_cast<std::int32_t>(sum);
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
template <curves Unit, class Curve>
LNN_INLINE void exact_curve(const ints& x, longs& y) {
  constexpr bool narrow = Unit == curves::narrow;
  constexpr std::int32_t most = narrow ? INT16_MAX : INT32_MAX;
  constexpr const luna::curve_pieces& table = narrow ? Curve::narrow : Curve::wide;
  constexpr std::make_index_sequence<15> ends;
  ints magnitude, slope, bias;
  for (int j = 0; j < curve_lanes; ++j) {
    const std::int32_t v = x[j] > -most ? x[j] : -most;
    magnitude[j] = v < 0 ? -v : v;
  }
  choose(table.end, table.slope, magnitude, slope, ends);
  choose(table.end, table.bias, magnitude, bias, ends);
  if constexpr (Unit == curves::fused && Curve::odd)
    for (int j = 0; j < curve_lanes; ++j) bias[j] >>= 3;
  // below 0: both turned, or the bias taken from 1
  constexpr auto one = std::uint32_t{1} << (narrow ? 15 : 31);
  for (int j = 0; j < curve_lanes; ++j) {
    const auto b = static_cast<std::uint32_t>(bias[j]);
    bias[j] = static_cast<std::int32_t>(x[j] >= 0 ? b : Curve::odd ? 0U - b : one - b);
  }
  if constexpr (Unit == curves::fused && !Curve::odd)
    for (int j = 0; j < curve_lanes; ++j) bias[j] >>= 3;
  ints turned;
  for (int j = 0; j < curve_lanes; ++j) turned[j] = x[j] < 0 ? -magnitude[j] : magnitude[j];
  const ints& point = Curve::odd ? turned : x;
  if constexpr (narrow) {
    ints shift;
    choose(table.end, Curve::shift, magnitude, shift, ends);
    for (int j = 0; j < curve_lanes; ++j) slope[j] = slope[j] * point[j];
    for (int j = 0; j < curve_lanes; ++j) y[j] = (slope[j] >> shift[j]) + bias[j];
  } else {
    for (int j = 0; j < curve_lanes; ++j) y[j] = std::int64_t{slope[j]} * std::int64_t{point[j]};
    if constexpr (Unit == curves::stepped)
      for (int j = 0; j < curve_lanes; ++j) y[j] = floor_shift(y[j], 27) + bias[j];
    else
      for (int j = 0; j < curve_lanes; ++j)
        y[j] = static_cast<std::int64_t>(static_cast<std::uint64_t>(y[j]) + (static_cast<std::uint64_t>(std::int64_t{bias[j]}) << 30));
  }
}

/// luna::sigmoid and luna::tanh in `Bits` bits; y may be x.
template <curves Unit, class Curve, int Bits>
LNN_INLINE void curve(const ints& x, ints& y) {
  longs exact;
  exact_curve<Unit, Curve>(x, exact);
  constexpr int down = luna::curve_output(Unit) - (Bits - 1);
  if constexpr (down > 0)
    for (int j = 0; j < curve_lanes; ++j) exact[j] = rounded_shift(exact[j], down);
  for (int j = 0; j < curve_lanes; ++j) y[j] = static_cast<std::int32_t>(clamped<Bits>(exact[j]));
}

/// Calls with<Unit>() for the unit of a chip.
template <class With>
void for_unit(curves unit, const With& with) {
  switch (unit) {
    case curves::narrow: return with.template operator()<curves::narrow>();
    case curves::stepped: return with.template operator()<curves::stepped>();
    default: return with.template operator()<curves::fused>();
  }
}

}  // namespace lnn::simd::detail
