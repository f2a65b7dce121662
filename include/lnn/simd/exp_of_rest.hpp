// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lane.hpp"

namespace lnn::simd::detail {

inline constexpr float one_by_ln2 = 1.44269504F;

/// exp(v - whole * ln 2) for numbers or vectors of them, with whole the integer nearest to v / ln 2: the difference r in two
/// steps, then 1 + r + r^2 * P(r), P of degree five (Cody and Waite 1980).
template <class V>
[[nodiscard]] LNN_INLINE V exp_of_rest(V v, V whole) {
  const V r = v - whole * 0.693359375F + whole * 2.12194440e-4F;
  V p = V{} + 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  return p * r * r + r + 1.0F;
}

}  // namespace lnn::simd::detail
