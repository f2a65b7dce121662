// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "../core/algorithm.hpp"

namespace lnn::luna {

/// 1 / sqrt(d) of a whole number as the chips find it: d is brought to t in [256, 1023] by steps of 4, and
/// floor(32768 / sqrt(t / 256)) is what their table of 768 holds (luna_ops.md 3.7).
/// 1 / sqrt(d) is about mantissa * 2^-(14 + steps).
struct inverse_root {
  std::int32_t mantissa;  ///< Q15, at most 32767
  int steps;              ///< 5 and the steps of 4 that led from d to t; 0 for d <= 0

  [[nodiscard]] static constexpr inverse_root of(std::int64_t d) noexcept {
    if (d <= 0) return {entry(256), 0};
    int steps = 5;
    for (; d >= 1024; ++steps) d >>= 2;
    for (; d < 256; --steps) d *= 4;
    return {entry(d), steps};
  }

 private:
  /// min(32767, floor(sqrt(2^38 / t))), found bit by bit.
  [[nodiscard]] static constexpr std::int32_t entry(std::int64_t t) noexcept {
    const std::int64_t square = (std::int64_t{1} << 38) / t;
    std::int64_t root = 0;
    for (std::int64_t bit = 1 << 15; bit > 0; bit /= 2)
      if ((root + bit) * (root + bit) <= square) root += bit;
    return static_cast<std::int32_t>(std::min<std::int64_t>(root, 32767));
  }
};

}  // namespace lnn::luna
