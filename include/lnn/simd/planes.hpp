// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/planes.hpp"
#include "elementwise.hpp"

namespace lnn::simd {

namespace detail {

struct plane_moments_loop {
  template <class T>
  LNN_INLINE static void run(planes p, const T* x, moments* out) {
    double sum[16]{}, squares[16]{};
    for (std::size_t n = 0; n < p.samples; ++n, x += p.stride)
      each_once(p.plane, [&](std::size_t i, auto count) __attribute__((always_inline)) {
        for (std::size_t j = 0; j < count; ++j) {
          const double v = x[i + j];
          sum[j] += v;
          squares[j] += v * v;
        }
      });
    for (std::size_t half = 8; half > 0; half /= 2)
      for (std::size_t j = 0; j < half; ++j) sum[j] += sum[j + half], squares[j] += squares[j + half];
    *out = {sum[0], squares[0]};
  }
};

struct clipped_affine_loop {
  template <class T>
  LNN_INLINE static void run(planes p, T a, T b, value_bounds<T> keep, const T* x, T* y) {
    for (std::size_t n = 0; n < p.samples; ++n, x += p.stride, y += p.stride)
      map(p.plane, y, [&](std::size_t i) __attribute__((always_inline)) {
        const T v = a * x[i] + b;
        const T raised = v > keep.low ? v : keep.low;
        return raised < keep.high ? raised : keep.high;
      });
  }
};

/// Sum of g and of g * x, where g = gy inside the bounds and 0 elsewhere.
struct gated_sums_loop {
  template <class T>
  LNN_INLINE static void run(planes p, value_bounds<T> keep, const T* y, const T* gy, const T* x, moments* out) {
    double sum[16]{}, products[16]{};
    for (std::size_t n = 0; n < p.samples; ++n, y += p.stride, gy += p.stride, x += p.stride)
      each_once(p.plane, [&](std::size_t i, auto count) __attribute__((always_inline)) {
        T g[count];
        for (std::size_t j = 0; j < count; ++j) {
          const T all = gy[i + j];
          g[j] = y[i + j] > keep.low && y[i + j] < keep.high ? all : T{};
        }
        for (std::size_t j = 0; j < count; ++j) {
          sum[j] += static_cast<double>(g[j]);
          products[j] += static_cast<double>(g[j]) * static_cast<double>(x[i + j]);
        }
      });
    for (std::size_t half = 8; half > 0; half /= 2)
      for (std::size_t j = 0; j < half; ++j) sum[j] += sum[j + half], products[j] += products[j + half];
    *out = {sum[0], products[0]};
  }
};

struct gated_combination_loop {
  template <class T>
  LNN_INLINE static void run(planes p, value_bounds<T> keep, const T* y, T a, const T* gy, T b, const T* x, T c, bool fresh,
                             T* gx) {
    for (std::size_t n = 0; n < p.samples; ++n, y += p.stride, gy += p.stride, x += p.stride, gx += p.stride) {
      const auto value = [&](std::size_t i) __attribute__((always_inline)) {
        const T all = gy[i];
        return a * (y[i] > keep.low && y[i] < keep.high ? all : T{}) + (b * x[i] + c);
      };
      if (fresh) map(p.plane, gx, value);
      else map(p.plane, gx, [&](std::size_t i) __attribute__((always_inline)) { return gx[i] + value(i); });
    }
  }
};

}  // namespace detail

/// Sum and sum of squares of a channel, accumulated in double.
template <class T>
[[nodiscard]] moments plane_moments(isa path, const planes& p, const T* x) {
  moments out{};
  detail::run_on<detail::plane_moments_loop>(path, p, x, &out);
  return out;
}
/// y = clamp(a * x + b, low, high).
template <class T>
void clipped_affine(isa path, const planes& p, T a, T b, const value_bounds<T>& keep, const T* x, T* y) {
  detail::run_on<detail::clipped_affine_loop>(path, p, a, b, keep, x, y);
}
/// With g = gy where low < y < high, else 0: {sum of g, sum of g * x}.
template <class T>
[[nodiscard]] moments gated_sums(isa path, const planes& p, const value_bounds<T>& keep, const T* y, const T* gy, const T* x) {
  moments out{};
  detail::run_on<detail::gated_sums_loop>(path, p, keep, y, gy, x, &out);
  return out;
}
/// gx (+)= a * g + b * x + c with the same g; `fresh` overwrites gx.
template <class T>
void gated_combination(isa path, const planes& p, const value_bounds<T>& keep, const T* y, T a, const T* gy, T b, const T* x,
                       T c, bool fresh, T* gx) {
  detail::run_on<detail::gated_combination_loop>(path, p, keep, y, a, gy, b, x, c, fresh, gx);
}

}  // namespace lnn::simd
