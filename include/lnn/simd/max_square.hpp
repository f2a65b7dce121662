// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>

#include "max_run.hpp"

namespace lnn::simd {
namespace detail {

/// 2 * Lanes elements of a row, those at even places apart from those at odd ones.
template <class T, std::size_t Lanes>
struct pairs {
  typedef T vector __attribute__((vector_size(Lanes * sizeof(T))));  // g++ drops the attribute of a dependent `using`

  LNN_INLINE static void load(const T* x, vector& even, vector& odd) {
    const vector a = memory<vector>(x).v, b = memory<vector>(x + Lanes).v;
    if constexpr (Lanes == 8) {
      even = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
      odd = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
    } else {
      even = __builtin_shufflevector(a, b, 0, 2, 4, 6);
      odd = __builtin_shufflevector(a, b, 1, 3, 5, 7);
    }
  }
  LNN_INLINE static void store(const vector& even, const vector& odd, T* x) {
    if constexpr (Lanes == 8) {
      memory<vector>(x).v = __builtin_shufflevector(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
      memory<vector>(x + Lanes).v = __builtin_shufflevector(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
    } else {
      memory<vector>(x).v = __builtin_shufflevector(even, odd, 0, 4, 1, 5);
      memory<vector>(x + Lanes).v = __builtin_shufflevector(even, odd, 2, 6, 3, 7);
    }
  }
};

struct larger_square_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t rows, std::size_t n, const T* x, std::size_t pitch, T* y) {
    for (std::size_t r = 0; r < rows; ++r, x += 2 * pitch, y += n) {
      const T* under = x + pitch;
      if constexpr (std::is_same_v<T, float>)
        if (over_short_blocks(
                n, [&](auto lanes, std::size_t i) __attribute__((always_inline)) {
                  using two = pairs<T, lanes>;
                  typename two::vector a, b, c, d, most = std::numeric_limits<T>::lowest() - typename two::vector{};
                  two::load(x + 2 * i, a, b);
                  two::load(under + 2 * i, c, d);
                  most = a > most ? a : most;
                  most = b > most ? b : most;
                  most = c > most ? c : most;
                  memory<typename two::vector>(y + i).v = d > most ? d : most;
                }))
          continue;
      for (std::size_t i = 0; i < n; ++i) {
        T most = std::numeric_limits<T>::lowest();
        for (const T v : {x[2 * i], x[2 * i + 1], under[2 * i], under[2 * i + 1]}) most = v > most ? v : most;
        y[i] = most;
      }
    }
  }
};

struct larger_square_gradient_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t rows, std::size_t n, const T* x, std::size_t pitch, const T* y, const T* gy, T* gx) {
    for (std::size_t r = 0; r < rows; ++r, x += 2 * pitch, gx += 2 * pitch, y += n, gy += n) {
      const T* under = x + pitch;
      T* to_under = gx + pitch;
      if constexpr (std::is_same_v<T, float>)
        if (over_short_blocks(
                n, [&](auto lanes, std::size_t i) __attribute__((always_inline)) {
                  using two = pairs<T, lanes>;
                  using real = typename two::vector;
                  real a, b, c, d;
                  two::load(x + 2 * i, a, b);
                  two::load(under + 2 * i, c, d);
                  const real most = memory<real>(y + i).v, g = memory<real>(gy + i).v;
                  const auto at_a = a == most, at_b = (b == most) & ~at_a;
                  const auto at_c = (c == most) & ~(at_a | at_b), at_d = (d == most) & ~(at_a | at_b | at_c);
                  const auto bits = reinterpret_cast<decltype(at_a & at_b)>(g);
                  two::store(reinterpret_cast<real>(bits & at_a), reinterpret_cast<real>(bits & at_b), gx + 2 * i);
                  two::store(reinterpret_cast<real>(bits & at_c), reinterpret_cast<real>(bits & at_d), to_under + 2 * i);
                }))
          continue;
      for (std::size_t i = 0; i < n; ++i) {
        bool open = true;
        const auto part = [&](const T& v) {
          const bool hit = open && v == y[i];
          open = open && !hit;
          return hit ? gy[i] : T{};
        };
        gx[2 * i] = part(x[2 * i]);
        gx[2 * i + 1] = part(x[2 * i + 1]);
        to_under[2 * i] = part(under[2 * i]);
        to_under[2 * i + 1] = part(under[2 * i + 1]);
      }
    }
  }
};

}  // namespace detail

/// Max pooling by windows of 2 x 2 side by side, a plane at once: y [rows, n] from rows of x that are `pitch` apart.
template <class T>
void larger_square(isa path, std::size_t rows, std::size_t n, const T* x, std::size_t pitch, T* y) {
  detail::run_on<detail::larger_square_loop>(path, rows, n, x, pitch, y);
}
/// Its gradient: gx = gy at the first element of a window that is y, 0 at the others.
template <class T>
void larger_square_gradient(isa path, std::size_t rows, std::size_t n, const T* x, std::size_t pitch, const T* y, const T* gy, T* gx) {
  detail::run_on<detail::larger_square_gradient_loop>(path, rows, n, x, pitch, y, gy, gx);
}

}  // namespace lnn::simd
