// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

#include "../fixed/round.hpp"
#include "../fixed/saturate.hpp"

namespace lnn::luna {

/// y = S(R(a, q_a - q_o)) - S(R(b, q_b - q_o)) before the clamp of the difference: each operand is rounded to
/// the output's grid and clamped to its width by itself (luna_ops.md 3.10).
inline void subtract(const std::int64_t* a, int q_a, const std::int64_t* b, int q_b, std::int64_t* y, int q_o,
                     int bits, std::size_t n) {
  const integer_range range = integer_range::of(bits);
  for (std::size_t i = 0; i < n; ++i)
    y[i] = range.clamp(rescale(a[i], q_a, q_o)) - range.clamp(rescale(b[i], q_b, q_o));
}

}  // namespace lnn::luna
