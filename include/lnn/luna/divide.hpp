// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "../fixed/round.hpp"
#include "../fixed/saturate.hpp"

namespace lnn::luna {

/// About 2^60 / x, found as the chips do: a table of 17 seeds, then three Newton steps in 64 bits.
struct reciprocal {
  std::int64_t value;  ///< rho
  int normalize;       ///< n: left shifts that brought |divisor| into [2^30, 2^31]

  [[nodiscard]] static constexpr reciprocal of(std::int32_t divisor) noexcept {
    std::int64_t x = divisor;
    int n = 0;
    for (; (x < 0 ? -x : x) < (std::int64_t{1} << 30); ++n) x *= 2;
    const std::int64_t segment = x > 0 ? (x >> 26) - 16 : -(x >> 26) - 16;
    const std::int64_t seed = ((std::int64_t{1} << 35) / (16 + segment) + 1) / 2;  // round(2^34 / (16 + g))
    std::int64_t y = x > 0 ? seed : -seed;
    for (int step = 0; step < 3; ++step) {
      const std::int64_t e = shift_half_up((std::int64_t{1} << 60) - x * y, 30);
      y = shift_half_up(y * (std::int64_t{1} << 30) + y * e, 30);
    }
    return {y, n};
  }
};

/// a / b * 2^s on every chip: S32(R(a * rho, 60 - n - s)), which is not an exact division: ties may go either way
/// (luna_ops.md 2.3).  s = exponent of the quotient + exponent of b - exponent of a, 0 <= s <= 28.
[[nodiscard]] constexpr std::int32_t divide(std::int32_t a, std::int32_t b, int s) noexcept {
  if (b == 0) return INT32_MIN;
  const reciprocal r = reciprocal::of(b);
  // |a * rho| < 2^31 * 2^31, so 64 bits hold it
  return saturate<std::int32_t>(rescale(a * r.value, 60 - r.normalize - s, 0));
}

/// iqDiv: a / b * 2^s, before the clamp to the output's type (luna_ops.md 3.12).  Where s < 0 no engine
/// divides; as for averages (decision 4 of engine_defects.md) the whole quotient is shifted then.
/// `signed_zero`: the chip gives the sign of a to its answer to a division by zero.
[[nodiscard]] constexpr std::int64_t quotient(std::int32_t a, std::int32_t b, int s,
                                              bool signed_zero) noexcept {
  if (b == 0 && signed_zero) return a > 0 ? INT32_MIN : a < 0 ? INT32_MAX : 0;
  if (b == 0 || s >= 0) return divide(a, b, s);
  return shift_half_up(divide(a, b, 0), -s);
}

/// iqDiv by a scalar takes the greatest power of two up to the divisor alone: x / 2^floor(log2 divisor), from
/// exponent q to exponent q_o (luna_ops.md 3.12).
[[nodiscard]] constexpr std::int64_t divide_by_power(std::int64_t x, int log2, int q, int q_o) noexcept {
  return rescale(x, q + log2, q_o);
}

}  // namespace lnn::luna
