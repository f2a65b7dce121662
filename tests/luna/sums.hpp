// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/core/random.hpp>
#include <vector>

/// 32-bit sums of all magnitudes, the extremes among them.
namespace sums {

inline std::int32_t any(lnn::random& draw) {
  const std::uint32_t dice = draw.below(24);
  if (dice < 2) return dice == 0 ? INT32_MAX : INT32_MIN;
  return static_cast<std::int32_t>(draw.next()) >> draw.below(32);
}

inline std::vector<std::int32_t> of(lnn::random& draw, std::size_t n) {
  std::vector<std::int32_t> out(n);
  for (std::int32_t& v : out) v = any(draw);
  return out;
}

}  // namespace sums
