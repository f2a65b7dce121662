// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>

#include "../chip/chip.hpp"
#include "../core/algorithm.hpp"
#include "../fixed/round.hpp"
#include "../fixed/saturate.hpp"

namespace lnn::luna {

/// Exponents of what softmax and log-softmax read and of what softmax gives.
inline constexpr int softmax_input = 25, softmax_output = 15;

namespace detail {

/// 2^t on [-1, 0] at Q23, powers 4 to 0.
inline constexpr std::int64_t exp2_terms[] = {57364, 446161, 2008107, 5813551, 8388575};
inline constexpr std::int64_t log2_e = 774541002;  ///< at Q29

/// R(x, s) as VENUS' training kernel forms it: products beyond 53 bits lose their lowest ones before the
/// shift.
[[nodiscard]] constexpr std::int64_t shift_in_double(std::int64_t x, int s) noexcept {
  const double scaled = static_cast<double>(x) / static_cast<double>(std::int64_t{1} << s);
  return static_cast<std::int64_t>(round_real(scaled, rounding::half_up));
}

}  // namespace detail

/// About e^d at Q23, d at Q25 (expneg of luna_ops.md 2.5): 2^X with X = R(d * log2(e), 31), its whole part as
/// a shift and the rest by a polynomial of degree 4, whose last step VENUSA joins with the shift.  Made for
/// d <= 0; above about 5.5 ARCS and VENUSA keep the low 32 bits, and VENUSA takes a negative shift as
/// luna_ops.md 1.1 tells.
[[nodiscard]] constexpr std::int32_t exponential(curves unit, std::int32_t d) noexcept {
  const bool narrow = unit == curves::narrow;
  const std::int64_t product = d * detail::log2_e;
  const std::int64_t power =
      saturate<std::int32_t>(narrow ? detail::shift_in_double(product, 31) : shift_half_up(product, 31));
  const auto whole = static_cast<int>(power >> 23) + 1;
  const std::int64_t rest = (power & 0x7FFFFF) - 0x800000;
  std::int64_t y = detail::exp2_terms[0];
  for (int j = 1; j < 4; ++j)
    y = (narrow ? detail::shift_in_double(y * rest, 23) : shift_half_up(y * rest, 23)) +
        detail::exp2_terms[j];
  if (unit == curves::fused) {
    const std::int64_t joined = y * rest * 128 + detail::exp2_terms[4] * (std::int64_t{1} << 30);
    const int shift = 30 - whole;
    return static_cast<std::int32_t>(shift < 0 ? shift_floor(joined, shift & 63)
                                               : shift_half_up(joined, shift));
  }
  y = (narrow ? detail::shift_in_double(y * rest, 23) : shift_half_up(y * rest, 23)) + detail::exp2_terms[4];
  if (whole <= 0) return static_cast<std::int32_t>(shift_floor(y, -whole));
  return whole > 31 ? 0 : static_cast<std::int32_t>(y * (std::int64_t{1} << whole));
}

namespace detail {

/// e[i] = exponential(x[i] - greatest x); returns the greatest x.
inline std::int32_t exponentials(curves unit, const std::int32_t* x, std::size_t n,
                                 std::int32_t* e) noexcept {
  std::int32_t most = *std::max_element(x, x + n);
  if (unit == curves::fused) most = std::max(most, INT32_MIN + 1);
  for (std::size_t i = 0; i < n; ++i)
    e[i] = exponential(unit, saturate<std::int32_t>(std::int64_t{x[i]} - most));
  return most;
}

/// 2 * floor(2^52 / sum), digit by digit; `sum` at Q23.
[[nodiscard]] constexpr std::uint32_t reciprocal_by_digits(std::uint32_t sum) noexcept {
  std::uint32_t rest = 1U << 23, quotient = 0;
  for (int step = 0; step < 30; ++step) {
    const bool fits = rest >= sum;
    quotient = 2 * (quotient + (fits ? 1 : 0));
    rest = 2 * (fits ? rest - sum : rest);
  }
  return quotient;
}

/// About 2^39 / sum by two Newton steps at Q23; `sum` at Q23.
[[nodiscard]] constexpr std::int32_t reciprocal_by_newton(std::int32_t sum) noexcept {
  int n = sum > 0 ? std::countl_zero(static_cast<std::uint32_t>(sum)) - 1 - 8 : -8;
  const std::int64_t x = n < 0 ? shift_floor(sum, -n) : saturate<std::int32_t>(shift_left(sum, n));
  ++n;
  std::int64_t r = 0xBB5000 - x;
  for (int step = 0; step < 2; ++step) {
    const std::int64_t error = 2 * (0x400000 - shift_in_double(x * r, 23));
    r += shift_in_double(r * error, 23);
  }
  return n < 0 ? static_cast<std::int32_t>(shift_floor(r, -n)) : saturate<std::int32_t>(shift_left(r, n));
}

}  // namespace detail

/// y = e^x / sum e^x of one row of n > 0 numbers, x at Q25, y at Q15 (luna_ops.md 2.5).  y may be x.
/// VENUS: after the training side's kernel (quantization.md 6.3); there is no library to compare it with, so
/// it is not verified against a chip.
inline void softmax(curves unit, const std::int32_t* x, std::size_t n, std::int32_t* y) noexcept {
  detail::exponentials(unit, x, n, y);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += y[i];
  const std::int32_t total = saturate<std::int32_t>(sum);
  if (unit == curves::narrow) {
    const std::int64_t r = detail::reciprocal_by_newton(total);
    for (std::size_t i = 0; i < n; ++i) y[i] = saturate<std::int32_t>(detail::shift_in_double(r * y[i], 31));
    return;
  }
  const std::int64_t r = detail::reciprocal_by_digits(static_cast<std::uint32_t>(total));
  for (std::size_t i = 0; i < n; ++i) y[i] = static_cast<std::int32_t>(shift_half_up(r * y[i], 38));
}

}  // namespace lnn::luna
