// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
#include <type_traits>

#include "../core/algorithm.hpp"
#include "../core/maths.hpp"
#include "exp_of_rest.hpp"

namespace lnn::simd {

namespace detail {

/// exp of four numbers of at most 0, to about 1e-7 of the value; 0 below -87, NaN stays: 2^n times exp_of_rest, with
/// n = x / ln 2 rounded.
[[nodiscard]] LNN_INLINE f32x4 exponential(f32x4 x) {
  const f32x4 zero{}, least = zero - 87.0F;
  const s32x4 small = x < least, number = x == x;
  const f32x4 v = small ? least : number ? x : zero;
  const s32x4 n = __builtin_convertvector(v * one_by_ln2 - 0.5F, s32x4);  // cut towards 0: to the nearest
  const f32x4 whole = __builtin_convertvector(n, f32x4);
  const f32x4 y = exp_of_rest(v, whole) * reinterpret_cast<f32x4>((n + 127) << 23);
  return small ? zero : number ? y : x;
}

}  // namespace detail

/// e[i] = exp(x[i] - top) for n elements, top at least every x; returns their sum.  An element depends on x[i] and top
/// alone, and the sum is formed in order, so results do not depend on the place in a row.
template <class T>
T exponentials(const T* x, std::size_t n, T top, T* e) {
  if constexpr (std::is_same_v<T, float>) {
    for (std::size_t i = 0; i < n; i += 4) {
      const std::size_t bytes = std::min<std::size_t>(n - i, 4) * sizeof(float);
      f32x4 part{};
      std::memcpy(&part, x + i, bytes);
      part = detail::exponential(part - top);
      std::memcpy(e + i, &part, bytes);
    }
  } else {
    for (std::size_t i = 0; i < n; ++i) e[i] = maths::exp(x[i] - top);
  }
  T sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += e[i];
  return sum;
}

/// p = softmax of one row of n >= 1 numbers; returns log sum exp(x - max x).
template <class T>
T softmax(const T* x, std::size_t n, T* p) {
  const T sum = exponentials(x, n, *std::max_element(x, x + n), p);
  for (std::size_t i = 0; i < n; ++i) p[i] /= sum;
  return maths::log(sum);
}

}  // namespace lnn::simd
