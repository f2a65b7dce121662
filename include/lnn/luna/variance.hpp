// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

#include "../fixed/round.hpp"

namespace lnn::luna {

/// Of n numbers: n * sum x^2 - (sum x)^2 in 32 bits, which wrap as the chip's do (luna_ops.md 3.14).
[[nodiscard]] inline std::int32_t spread(const std::int64_t* x, std::size_t n) noexcept {
  std::uint64_t squares = 0, sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto v = static_cast<std::uint64_t>(x[i]);
    squares += v * v;
    sum += v;
  }
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(n * squares - sum * sum));
}

/// The variance at exponent q_o of n numbers at exponent q_x, in single precision, before it is rounded:
/// spread / (n * (n - 1) * 2^(2 q_x - q_o)), with n^2 in place of n * (n - 1) where it is biased (luna_ops.md
/// 3.14).
[[nodiscard]] inline float variance(std::int32_t spread_of_x, std::size_t n, bool unbiased, int q_x,
                                    int q_o) noexcept {
  const std::size_t divisor = n > 1 && unbiased ? n * (n - 1) : n * n;
  return static_cast<float>(spread_of_x) / (static_cast<float>(divisor) * power_of_two(2 * q_x - q_o));
}

}  // namespace lnn::luna
