// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>

#include "../fixed/round.hpp"

namespace lnn::luna {

/// A sum of up to 2^31 products of 32-bit integers, exact: the chips' sums of int32 x int32 do not wrap and
/// do not clamp before the shift (luna_ops.md 2, mat_mul).  Value: high * 2^32 + low.
class wide_sum {
 public:
  constexpr void add(std::int64_t v) {
    high_ += v >> 32;
    low_ += v & 0xffffffff;
  }
  /// floor(sum / 2^s), 0 <= s < 32, clamped to 64 bits.
  [[nodiscard]] constexpr std::int64_t floor(int s) const {
    const std::int64_t high = high_ + (low_ >> 32), low = low_ & 0xffffffff;
    const std::int64_t room = std::int64_t{1} << (31 + s);  // |high| below it: the result fits
    if (high >= room) return std::numeric_limits<std::int64_t>::max();
    if (high < -room) return std::numeric_limits<std::int64_t>::min();
    return shift_left(high, 32 - s) + (low >> s);
  }

 private:
  std::int64_t high_ = 0, low_ = 0;
};

}  // namespace lnn::luna
