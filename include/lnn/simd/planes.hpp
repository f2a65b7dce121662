// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "../core/planes.hpp"
#include "elementwise.hpp"

namespace lnn::simd {

namespace detail {

/// Asks for a plane that comes soon: consecutive planes of a channel are far apart, which the processor's own prefetching does
/// not follow.  Of few images, whose channels are taken one after the other, that is the next channel's; of many it lies four
/// images ahead.
template <class T>
LNN_INLINE void prefetch_plane(const planes& p, const T* x) {
  constexpr std::size_t few = 8, line = 64 / sizeof(T), most = 1024;
  const std::size_t ahead = p.samples <= few ? p.plane : 4 * p.stride;
  for (std::size_t i = 0; i < std::min(p.plane, most); i += line)
    __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(x + i) + ahead * sizeof(T)));
}

/// Calls step(first, count, skip) for blocks of `count` = 16 elements.  The last block overlaps the one before it, so its first
/// `skip` elements must not count again: planes are short, and what is left of them costs more one by one than the rest
/// together.  Planes of less than a block are taken one by one.
template <class Step>
LNN_INLINE void each_of_plane(std::size_t n, const Step& step) {
  constexpr std::integral_constant<std::size_t, 16> block;
  constexpr std::integral_constant<std::size_t, 0> none;
  if (n < block) {
    for (std::size_t i = 0; i < n; ++i) step(i, std::integral_constant<std::size_t, 1>{}, none);
    return;
  }
  std::size_t i = 0;
  for (; i + block <= n; i += block) {
    step(i, block, none);
    asm volatile("");  // as in each_once
  }
  if (i < n) step(n - block, block, i + block - n);
}

/// y[i] = f(i), where f may read y[i].  The last sixteen are computed before anything is written, so that blocks may overlap.
template <class T, class F>
LNN_INLINE void map_plane(std::size_t n, T* y, const F& f) {
  constexpr std::size_t block = 16;
  if (n < block || n % block == 0) return map(n, y, f);
  T last[block];
  for (std::size_t j = 0; j < block; ++j) last[j] = f(n - block + j);
  map(n / block * block, y, f);
  for (std::size_t j = 0; j < block; ++j) y[n - block + j] = last[j];
}

/// Two sums of sixteen lanes each.  Stretches are summed in T and joined to the whole in double: as fast as T, and exact
/// enough for means of millions.
template <class T>
struct lane_sums {
  static constexpr std::size_t stretch = 256;
  T first[16]{}, second[16]{};
  double first_sum[16]{}, second_sum[16]{};
  std::size_t held = 0;  ///< elements in the lanes of T

  /// Adds what each(i, first, second) says for i in [0, n).
  template <class Each>
  LNN_INLINE void add(std::size_t n, const Each& each) {
    for (std::size_t from = 0; from < n; from += stretch) {
      const std::size_t part = std::min(n - from, stretch);
      if (held + part > stretch) join();
      held += part;
      each_of_plane(part, [&](std::size_t i, auto count, auto skip) __attribute__((always_inline)) {
        T x[count], y[count];
        for (std::size_t j = 0; j < count; ++j) each(from + i + j, x[j], y[j]);
        for (std::size_t j = 0; j < count; ++j) first[j] += j < skip ? T{} : x[j];
        for (std::size_t j = 0; j < count; ++j) second[j] += j < skip ? T{} : y[j];
      });
    }
  }
  LNN_INLINE void join() {
    for (std::size_t j = 0; j < 16; ++j) first_sum[j] += static_cast<double>(first[j]), first[j] = T{};
    for (std::size_t j = 0; j < 16; ++j) second_sum[j] += static_cast<double>(second[j]), second[j] = T{};
    held = 0;
  }
  LNN_INLINE moments total() {
    join();
    for (std::size_t half = 8; half > 0; half /= 2)
      for (std::size_t j = 0; j < half; ++j) first_sum[j] += first_sum[j + half], second_sum[j] += second_sum[j + half];
    return {first_sum[0], second_sum[0]};
  }
};

struct plane_moments_loop {
  template <class T>
  LNN_INLINE static void run(planes p, const T* x, moments* out) {
    lane_sums<T> sums;
    for (std::size_t n = 0; n < p.samples; ++n, x += p.stride) {
      prefetch_plane(p, x);
      sums.add(p.plane, [&](std::size_t i, T& first, T& second) __attribute__((always_inline)) {
        first = x[i];
        second = x[i] * x[i];
      });
    }
    *out = sums.total();
  }
};

struct clipped_affine_loop {
  template <class T>
  LNN_INLINE static void run(planes p, T a, T b, value_bounds<T> keep, const T* x, T* y) {
    for (std::size_t n = 0; n < p.samples; ++n, x += p.stride, y += p.stride) {
      prefetch_plane(p, x);
      prefetch_plane(p, y);
      map_plane(p.plane, y, [&](std::size_t i) __attribute__((always_inline)) {
        const T v = a * x[i] + b;
        const T raised = v > keep.low ? v : keep.low;
        return raised < keep.high ? raised : keep.high;
      });
    }
  }
};

/// Sum of g and of g * x, where g = gy inside the bounds and 0 elsewhere.
struct gated_sums_loop {
  template <class T>
  LNN_INLINE static void run(planes p, value_bounds<T> keep, const T* y, const T* gy, const T* x, moments* out) {
    lane_sums<T> sums;
    for (std::size_t n = 0; n < p.samples; ++n, y += p.stride, gy += p.stride, x += p.stride) {
      prefetch_plane(p, y);
      prefetch_plane(p, gy);
      prefetch_plane(p, x);
      sums.add(p.plane, [&](std::size_t i, T& first, T& second) __attribute__((always_inline)) {
        const T all = gy[i];
        const T g = y[i] > keep.low && y[i] < keep.high ? all : T{};
        first = g;
        second = g * x[i];
      });
    }
    *out = sums.total();
  }
};

struct gated_combination_loop {
  template <class T>
  LNN_INLINE static void run(planes p, value_bounds<T> keep, const T* y, T a, const T* gy, T b, const T* x, T c, bool fresh,
                             T* gx) {
    for (std::size_t n = 0; n < p.samples; ++n, y += p.stride, gy += p.stride, x += p.stride, gx += p.stride) {
      for (const T* plane : {static_cast<const T*>(gx), y, gy, x}) prefetch_plane(p, plane);
      const auto value = [&](std::size_t i) __attribute__((always_inline)) {
        const T all = gy[i];
        return a * (y[i] > keep.low && y[i] < keep.high ? all : T{}) + (b * x[i] + c);
      };
      if (fresh) map_plane(p.plane, gx, value);
      else map_plane(p.plane, gx, [&](std::size_t i) __attribute__((always_inline)) { return gx[i] + value(i); });
    }
  }
};

}  // namespace detail

/// Sum and sum of squares of a channel (lane_sums).
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
