// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <xsimd/xsimd.hpp>

namespace lnn::simd {

/// e[i] = exp(x[i] - top) for n elements; returns their sum.  float: in xsimd's vectors of the set that the translation
/// unit is compiled for, where there is one.  An element depends on x[i] and top alone, and the sum is formed in order,
/// so results depend neither on the place in a row nor on the width of vectors.
template <class T>
T exponentials(const T* x, std::size_t n, T top, T* e) {
  if constexpr (std::is_same_v<T, float> && xsimd::has_simd_register<T>::value) {
    using batch = xsimd::batch<T>;
    const batch most(top);
    std::size_t i = 0;
    for (; i + batch::size <= n; i += batch::size) xsimd::exp(batch::load_unaligned(x + i) - most).store_unaligned(e + i);
    if (i < n) {
      T rest[batch::size]{};
      std::copy_n(x + i, n - i, rest);
      xsimd::exp(batch::load_unaligned(rest) - most).store_unaligned(rest);
      std::copy_n(rest, n - i, e + i);
    }
  } else {
    for (std::size_t i = 0; i < n; ++i) e[i] = std::exp(x[i] - top);
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
  return std::log(sum);
}

}  // namespace lnn::simd
