// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "../core/algorithm.hpp"
#include "../fixed/round.hpp"

namespace lnn::luna {

/// Rectifiers of one number, before the clamp to the output type (luna_ops.md 2).
[[nodiscard]] constexpr std::int64_t relu(std::int64_t x, int shift) noexcept {
  return x < 0 ? 0 : rescale(x, shift, 0);
}
/// Negative numbers are shifted by `slope` bits more: a factor of 2^-slope.
[[nodiscard]] constexpr std::int64_t prelu(std::int64_t x, int shift, int slope) noexcept {
  return rescale(x, x < 0 ? shift + slope : shift, 0);
}
/// R(x, shift) between 0 and `most`; a negative `most` is what numbers from 0 on become.  ARCS and VENUSA.
[[nodiscard]] constexpr std::int64_t relux(std::int64_t x, int shift, int most) noexcept {
  const std::int64_t v = rescale(x, shift, 0);
  return v < 0 ? 0 : std::min<std::int64_t>(v, most);
}

}  // namespace lnn::luna
