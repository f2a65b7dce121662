// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <type_traits>

#include "../core/maths.hpp"
#include "dispatch.hpp"
#include "exponential.hpp"

namespace lnn::simd {
namespace detail {

/// y = offset + height / (1 + e^(-steep * x)), with the exponential of -|steep * x|.
struct logistic_loop {
  static constexpr int block = exponential_block;
  template <class T>
  LNN_INLINE static void run(std::size_t n, T steep, const T* x, T height, T offset, T* y) {
    if constexpr (std::is_same_v<T, float>) {
      over_sixteens(n, x, y, [&](const float* from, float* to) __attribute__((always_inline)) {
        float v[block], sum[block], low[block];
        for (int j = 0; j < block; ++j) {
          const float below = -std::abs(steep * from[j]);
          v[j] = below > least_exponent ? below : least_exponent;  // also in place of no number
        }
        exponential(v);
        for (int j = 0; j < block; ++j) sum[j] = 1.0F / (1.0F + v[j]);
        for (int j = 0; j < block; ++j) low[j] = v[j] * sum[j];
        for (int j = 0; j < block; ++j) sum[j] = from[j] * steep < 0.0F ? low[j] : sum[j];
        for (int j = 0; j < block; ++j) sum[j] = offset + height * sum[j];
        for (int j = 0; j < block; ++j) to[j] = from[j] == from[j] ? sum[j] : from[j];
      });
    } else {
      for (std::size_t i = 0; i < n; ++i) y[i] = offset + height / (1 + maths::exp(-steep * x[i]));
    }
  }
};

}  // namespace detail

/// y = 1 / (1 + e^-x), to about 2e-7 of the value down to x = -87, where it ends; NaN stays.  y may be x.
template <class T>
void logistic(isa path, std::size_t n, const T* x, T* y) {
  detail::run_on<detail::logistic_loop>(path, n, T{1}, x, T{1}, T{0}, y);
}
/// y = 2 / (1 + e^-2x) - 1: tanh x, but for what is lost of its relative precision near 0.  y may be x.
template <class T>
void bounded(isa path, std::size_t n, const T* x, T* y) {
  detail::run_on<detail::logistic_loop>(path, n, T{2}, x, T{2}, T{-1}, y);
}

}  // namespace lnn::simd
