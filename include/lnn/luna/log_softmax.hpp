// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "logarithm.hpp"
#include "softmax.hpp"

namespace lnn::luna {

/// Exponent of what a chip's log-softmax gives.
[[nodiscard]] constexpr int log_softmax_output(curves unit) noexcept {
  return unit == curves::fused ? 15 : 25;
}

/// ln of softmax of one row of n > 0 numbers, x at Q25, y at log_softmax_output(unit) (luna_ops.md 2.5, 3.9).
/// y may be x except on VENUSA.
///   VENUSA       R(x - max x, 10) - L / 2, L = ln(sum e^(x - max x)) at Q16 from a table of 512 steps
///   ARCS, VENUS  logarithm(softmax); neither is verified against a chip: the engine of ARCS exchanges its
///                buffers (defect D4), and VENUS has no library to compare with
inline void log_softmax(curves unit, const std::int32_t* x, std::size_t n, std::int32_t* y) noexcept {
  if (unit != curves::fused) {
    softmax(unit, x, n, y);
    for (std::size_t i = 0; i < n; ++i) y[i] = logarithm(y[i]);
    return;
  }
  const std::int64_t most = detail::exponentials(unit, x, n, y);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += y[i];
  const std::int64_t total = shift_half_up(sum, 8);  // Q15
  const int k = 48 - std::countl_zero(static_cast<std::uint64_t>(total));
  const std::int64_t step = ((total >> k) - 32768) >> 6;
  const auto within =
      static_cast<std::int64_t>(65536 * natural_log(1 + static_cast<double>(step) / 512) + 0.5);
  const std::int64_t log = within + k * std::int64_t{45426};
  for (std::size_t i = 0; i < n; ++i)
    y[i] = static_cast<std::int32_t>(shift_half_up(x[i] - most, 10) - shift_floor(log, 1));
}

}  // namespace lnn::luna
