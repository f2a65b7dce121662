// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <cstdint>

#include "../fixed/round.hpp"
#include "../fixed/saturate.hpp"

namespace lnn::luna {

inline constexpr double ln2 = 0.693147180559945309417;

/// ln(x) for x in [1/2, 2] as the series 2 * (z + z^3 / 3 + z^5 / 5 + ...), z = (x - 1) / (x + 1).  Only
/// additions and divisions, so that tables made with it are the same wherever they are made.
[[nodiscard]] constexpr double natural_log(double x) noexcept {
  const double z = (x - 1) / (x + 1), square = z * z;
  double sum = 0;
  for (int k = 41; k > 0; k -= 2) sum = sum * square + 1.0 / k;
  return 2 * z * sum;
}

namespace detail {

/// log2 on [1/2, 1) in 128 straight pieces: trunc(2^31 * log2(m)) and trunc(2^29 / (m * ln 2)) at the middle
/// m of each.
struct log2_pieces {
  std::array<std::int64_t, 128> value{}, slope{};

  log2_pieces() {
    for (std::size_t i = 0; i < 128; ++i) {
      const double m = 0.5 + (static_cast<double>(i) + 0.5) / 256;
      value[i] = static_cast<std::int64_t>(0x1p31 * natural_log(m) / ln2);
      slope[i] = static_cast<std::int64_t>(0x1p29 / (m * ln2));
    }
  }
};

}  // namespace detail

/// ln(v) at Q25, v at Q15: the logarithm behind ARCS' log-softmax (LN of luna_ops.md 3.9).  The least number
/// for v <= 0.
[[nodiscard]] inline std::int32_t logarithm(std::int32_t v) noexcept {
  static const detail::log2_pieces table;
  if (v <= 0) return INT32_MIN;
  const int z = std::countl_zero(static_cast<std::uint32_t>(v)) - 1;
  const std::int64_t u = (std::int64_t{v} << z) - (std::int64_t{1} << 30);
  const auto i = static_cast<std::size_t>(u >> 23);
  const std::int64_t dx = ((u & 0x7FFFFF) - (1 << 22)) * 4;
  // log2 at Q63; the sum can only pass the least number, where m is closest to 1/2
  const std::int64_t high = table.value[i] * (std::int64_t{1} << 32), step = 2 * table.slope[i] * dx;
  const std::int64_t log2 = step < 0 && high < INT64_MIN - step ? INT64_MIN : high + step;
  const std::int64_t p = shift_floor(log2, 38) + (std::int64_t{16 - z} << 25);
  const double scaled = static_cast<double>(p * 0x58B90BFC) * 0x1p-31;  // ln 2 at Q31
  return saturate<std::int32_t>(to_integer(round_real(scaled, rounding::half_away), INT32_MIN, INT32_MAX));
}

}  // namespace lnn::luna
