// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>

#include "../core/algorithm.hpp"
#include "lane.hpp"

namespace lnn::simd::detail {

/// Below it the exponential is taken for 0, or stays what it is there.
inline constexpr float least_exponent = -87.0F;
inline constexpr int exponential_block = 16;

/// v = exp v of sixteen numbers from -87 to 0, to about 1e-7 of the value: 2^n * exp(v - n * ln 2) with n = v / ln 2 rounded;
/// the difference r is formed in two steps, exp r as 1 + r + r^2 * P(r), P of degree five (Cody and Waite 1980).
LNN_INLINE void exponential(float (&v)[exponential_block]) {
  constexpr int count = exponential_block;
  std::int32_t n[count];
  float power[count];
  for (int j = 0; j < count; ++j) n[j] = static_cast<std::int32_t>(v[j] * 1.44269504F - 0.5F);  // cut towards 0: to the nearest
  for (int j = 0; j < count; ++j) {
    const auto whole = static_cast<float>(n[j]);
    const float r = v[j] - whole * 0.693359375F + whole * 2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    v[j] = p * r * r + r + 1.0F;
  }
  for (int j = 0; j < count; ++j) n[j] = (n[j] + 127) << 23;
  std::memcpy(power, n, sizeof n);
  for (int j = 0; j < count; ++j) v[j] *= power[j];
}

/// Calls step(from, to) for sixteen numbers of x at a time, and puts `to` into y; behind the last of the n it meets zeros, or
/// what was there before.  y may be x.
template <class Step>
LNN_INLINE void over_sixteens(std::size_t n, const float* x, float* y, const Step& step) {
  constexpr std::size_t block = exponential_block;
  float from[block]{}, to[block];
  for (std::size_t i = 0; i < n; i += block) {
    if (const std::size_t some = n - i; some < block) {
      std::copy_n(x + i, some, from);
      step(from, to);
      std::copy_n(to, some, y + i);
    } else {
      std::memcpy(from, x + i, sizeof from);
      step(from, to);
      std::memcpy(y + i, to, sizeof to);
    }
  }
}

}  // namespace lnn::simd::detail
