// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "../fixed/round.hpp"
#include "../fixed/saturate.hpp"
#include "inverse_root.hpp"

namespace lnn::luna {

/// Exponent of normalized values before gamma and beta (decision 2 of engine_defects.md).
inline constexpr int normal_exponent = 10;

/// The 1e-5 that chips add to a variance, on the grid of count^2 * variance: floor(1e-5 * 2^(2 q_x) * count^2
/// + 1/2) in single precision, one product after the other (luna_ops.md 3.7).
[[nodiscard]] constexpr std::int64_t normal_epsilon(int q_x, std::size_t count) noexcept {
  const auto n = static_cast<float>(count);
  const float epsilon = chip_quant(1e-5F * power_of_two(2 * q_x) * n * n, 0);
  return to_integer(static_cast<double>(epsilon), 0, std::int64_t{1} << 61);
}

/// y_i = (x_i - mean) / sqrt(variance) at exponent 10, clamped to `bits` bits (luna_ops.md 3.7):
///   d = n * sum x^2 - (sum x)^2 + epsilon;  y_i = S(R((n * x_i - sum x) * mantissa(d), steps(d) + 4))
/// in 64 bits, where the engine's 32-bit products overflow for long rows (engine defect D14).  x of up to 16
/// bits and n up to 2^16, or of 8 bits and n up to 2^23.
inline void normalize(const std::int32_t* x, std::size_t n, int q_x, int bits, std::int64_t* y) {
  const auto count = static_cast<std::int64_t>(n);
  std::int64_t sum = 0, squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    sum += x[i];
    squares += std::int64_t{x[i]} * x[i];
  }
  const inverse_root root = inverse_root::of(count * squares - sum * sum + normal_epsilon(q_x, n));
  const integer_range range = integer_range::of(bits);
  for (std::size_t i = 0; i < n; ++i)
    y[i] = range.clamp(shift_half_up((count * x[i] - sum) * root.mantissa, root.steps + 4));
}

}  // namespace lnn::luna
