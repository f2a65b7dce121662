// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <type_traits>

#include "../core/algorithm.hpp"
#include "../core/maths.hpp"
#include "dispatch.hpp"
#include "exponential.hpp"

namespace lnn::simd {

namespace detail {

struct exponentials_loop {
  static constexpr int block = exponential_block;
  template <class T>
  LNN_INLINE static void run(const T* x, std::size_t n, T top, T* e) {
    if constexpr (std::is_same_v<T, float>) {
      over_sixteens(n, x, e, [&](const float* from, float* to) __attribute__((always_inline)) {
        float below[block], v[block];
        for (int j = 0; j < block; ++j) below[j] = from[j] - top;
        for (int j = 0; j < block; ++j) v[j] = below[j] > least_exponent ? below[j] : least_exponent;
        exponential(v);
        for (int j = 0; j < block; ++j) v[j] = below[j] < least_exponent ? 0.0F : v[j];
        for (int j = 0; j < block; ++j) to[j] = below[j] == below[j] ? v[j] : below[j];
      });
    } else {
      for (std::size_t i = 0; i < n; ++i) e[i] = maths::exp(x[i] - top);
    }
  }
};

}  // namespace detail

/// e[i] = exp(x[i] - top) for n elements, top at least every x; returns their sum.  0 below -87, NaN stays.  An element depends
/// on x[i] and top alone, and the sum is formed in order, so results do not depend on the place in a row.
template <class T>
T exponentials(isa path, const T* x, std::size_t n, T top, T* e) {
  detail::run_on<detail::exponentials_loop>(path, x, n, top, e);
  T sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += e[i];
  return sum;
}

/// p = softmax of one row of n >= 1 numbers; returns log sum exp(x - max x).
template <class T>
T softmax(isa path, const T* x, std::size_t n, T* p) {
  const T sum = exponentials(path, x, n, *std::max_element(x, x + n), p);
  for (std::size_t i = 0; i < n; ++i) p[i] /= sum;
  return maths::log(sum);
}

}  // namespace lnn::simd
