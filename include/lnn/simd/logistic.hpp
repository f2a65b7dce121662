// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include "../core/algorithm.hpp"
#include "../core/maths.hpp"
#include "dispatch.hpp"
#include "exp_of_rest.hpp"

namespace lnn::simd {
namespace detail {

/// y = offset + height / (1 + e^(-steep * x)).  The exponential is formed of -|steep * x|, as in softmax.hpp.
struct logistic_loop {
  static constexpr int block = 16;
  LNN_INLINE static void step(const float* __restrict x, float steep, float height, float offset, float* __restrict y) {
    float v[block], sum[block], low[block];
    std::int32_t n[block];
    for (int j = 0; j < block; ++j) {
      const float below = -std::abs(steep * x[j]);
      v[j] = below > -87.0F ? below : -87.0F;  // also in place of no number
    }
    for (int j = 0; j < block; ++j) n[j] = static_cast<std::int32_t>(v[j] * one_by_ln2 - 0.5F);
    for (int j = 0; j < block; ++j) v[j] = exp_of_rest(v[j], static_cast<float>(n[j]));
    for (int j = 0; j < block; ++j) n[j] = (n[j] + 127) << 23;
    float power[block];
    std::memcpy(power, n, sizeof n);
    for (int j = 0; j < block; ++j) v[j] *= power[j];
    for (int j = 0; j < block; ++j) sum[j] = 1.0F / (1.0F + v[j]);
    for (int j = 0; j < block; ++j) low[j] = v[j] * sum[j];
    for (int j = 0; j < block; ++j) sum[j] = x[j] * steep < 0.0F ? low[j] : sum[j];
    for (int j = 0; j < block; ++j) sum[j] = offset + height * sum[j];
    for (int j = 0; j < block; ++j) y[j] = x[j] == x[j] ? sum[j] : x[j];
  }
  template <class T>
  LNN_INLINE static void run(std::size_t n, T steep, const T* x, T height, T offset, T* y) {
    std::size_t i = 0;
    if constexpr (std::is_same_v<T, float>) {
      float from[block]{}, to[block];
      for (; i < n; i += block) {
        const std::size_t some = std::min<std::size_t>(n - i, block);
        if (some == block) {
          std::memcpy(from, x + i, sizeof from);
          step(from, steep, height, offset, to);
          std::memcpy(y + i, to, sizeof to);
          continue;
        }
        std::copy_n(x + i, some, from);
        step(from, steep, height, offset, to);
        std::copy_n(to, some, y + i);
      }
    } else {
      for (; i < n; ++i) y[i] = offset + height / (1 + maths::exp(-steep * x[i]));
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
