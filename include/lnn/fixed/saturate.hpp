// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstdint>
#include <limits>

namespace lnn {

/// Least and greatest value of a signed integer of `bits` bits (2 to 63): [-2^(bits-1), 2^(bits-1) - 1].
struct integer_range {
  std::int64_t low, high;
  [[nodiscard]] static constexpr integer_range of(int bits) {
    return {-(std::int64_t{1} << (bits - 1)), (std::int64_t{1} << (bits - 1)) - 1};
  }
  [[nodiscard]] constexpr bool holds(std::int64_t v) const { return v >= low && v <= high; }
  [[nodiscard]] constexpr std::int64_t clamp(std::int64_t v) const { return v < low ? low : v > high ? high : v; }
};

/// Narrows by clamping: S8, S16, S32 of the chips' arithmetic (luna_ops.md, 0.2).
template <std::signed_integral To>
[[nodiscard]] constexpr To saturate(std::int64_t v) noexcept {
  constexpr std::int64_t low = std::numeric_limits<To>::min(), high = std::numeric_limits<To>::max();
  return static_cast<To>(v < low ? low : v > high ? high : v);
}

}  // namespace lnn
