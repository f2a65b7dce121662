// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdint>

namespace lnn {

/// How a real number becomes an integer.  Nothing outside this room may round.
enum class rounding : std::uint8_t {
  floor,      ///< floor(x)
  half_up,    ///< floor(x + 1/2): the chips' own rounding, `floor_add` in linger's files
  half_even,  ///< nearest, ties to the even neighbour: `round` in linger's files; weights and biases
  half_away,  ///< nearest, ties away from zero: C's round()
  ceil,       ///< ceil(x)
};

// --- integers: x / 2^s -------------------------------------------------------------------------------------------

/// floor(x / 2^s), any s >= 0.  F(x, s) of luna_ops.md.
[[nodiscard]] constexpr std::int64_t shift_floor(std::int64_t x, int s) noexcept {
  return s >= 63 ? (x < 0 ? -1 : 0) : x >> s;
}

/// floor(x / 2^s + 1/2), any s >= 0, without overflow.  R(x, s) of luna_ops.md: -5 >> 1 gives -2, 5 >> 1 gives 3.
[[nodiscard]] constexpr std::int64_t shift_half_up(std::int64_t x, int s) noexcept {
  if (s <= 0) return x;
  if (s > 64) return 0;
  const std::int64_t t = s == 64 ? (x < 0 ? -1 : 0) : x >> (s - 1);
  return (t >> 1) + (t & 1);
}

/// x * 2^k, clamped to 64 bits.
[[nodiscard]] constexpr std::int64_t shift_left(std::int64_t x, int k) noexcept {
  if (k <= 0) return x;
  if (x == 0) return 0;
  if (k >= 63 || x > (INT64_MAX >> k) || x < (INT64_MIN >> k)) return x < 0 ? INT64_MIN : INT64_MAX;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(x) << k);
}

/// From exponent `from` to exponent `to`: R(x, from - to), or x * 2^(to - from) when `to` is the finer one.
[[nodiscard]] constexpr std::int64_t rescale(std::int64_t x, int from, int to) noexcept {
  return from >= to ? shift_half_up(x, from - to) : shift_left(x, to - from);
}

/// x / 2^s in any rounding, any s >= 0.
[[nodiscard]] constexpr std::int64_t shift_right(std::int64_t x, int s, rounding mode) noexcept {
  if (s <= 0) return x;
  if (s > 62) {  // what falls below bit 62 only matters by being there
    const int out = s < 125 ? s - 62 : 63;
    const bool rest = (static_cast<std::uint64_t>(x) << (64 - out)) != 0;
    x = shift_floor(x, out) | static_cast<std::int64_t>(rest);
    s = 62;
  }
  const std::int64_t down = shift_floor(x, s);
  switch (mode) {
    case rounding::floor: return down;
    case rounding::half_up: return shift_half_up(x, s);
    case rounding::ceil: return down + ((x & ((std::int64_t{1} << s) - 1)) != 0);
    default: break;
  }
  const std::int64_t rest = x & ((std::int64_t{1} << s) - 1), half = std::int64_t{1} << (s - 1);
  if (rest != half) return down + (rest > half);
  return mode == rounding::half_even ? down + (down & 1) : down + (x > 0);
}

// --- real numbers ------------------------------------------------------------------------------------------------

/// The largest integer not above x, as a floating-point number; exact for every finite x, constexpr, and without a
/// call into the C library.
template <class Real>
[[nodiscard]] constexpr Real floor_real(Real x) noexcept {
  constexpr Real whole = sizeof(Real) == 4 ? Real(0x1p23) : Real(0x1p52);  // from here on every number is an integer
  if (!(x > -whole && x < whole)) return x;
  const auto cut = static_cast<Real>(static_cast<std::int64_t>(x));
  return cut > x ? cut - 1 : cut;
}

/// Rounds a real number to a whole one in any mode, exactly (the sum x + 1/2 of half_up is formed in Real, as the
/// training side does: luna and linger agree on this for |x| below 2^22).
template <class Real>
[[nodiscard]] constexpr Real round_real(Real x, rounding mode) noexcept {
  const Real down = floor_real(x);
  switch (mode) {
    case rounding::floor: return down;
    case rounding::half_up: return floor_real(x + Real(0.5));
    case rounding::ceil: return down == x ? x : down + 1;
    default: break;
  }
  const Real rest = x - down;
  if (rest != Real(0.5)) return rest > Real(0.5) ? down + 1 : down;
  if (mode == rounding::half_away) return x > 0 ? down + 1 : down;
  return floor_real(down / 2) * 2 == down ? down : down + 1;
}

/// 2^e as a float, -126 <= e <= 127.
[[nodiscard]] constexpr float power_of_two(int e) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(e + 127) << 23);
}

/// Saturating conversion of a rounded float, NaN to 0 (a float's own conversion would be undefined there).
[[nodiscard]] constexpr std::int64_t to_integer(double x, std::int64_t low, std::int64_t high) noexcept {
  if (!(x > static_cast<double>(low))) return x == x ? low : 0;
  return x >= static_cast<double>(high) ? high : static_cast<std::int64_t>(x);
}

/// The chips' Quant operator (luna_ops.md 3.25): floor(x * 2^q + 0.5) with the product in float, the sum in double,
/// rounded to float, then floor.
[[nodiscard]] constexpr float chip_quant(float x, int q) noexcept {
  return floor_real(static_cast<float>(static_cast<double>(x * power_of_two(q)) + 0.5));
}

/// The requantization after VENUS' int16 convolution (luna_ops.md 3.1): floor(acc * 2^-(s+4) * 16) in float.
[[nodiscard]] constexpr float chip_float_requant(std::int32_t acc, int s) noexcept {
  return floor_real(static_cast<float>(acc) * power_of_two(-(s + 4)) * 16.0F);
}

}  // namespace lnn
