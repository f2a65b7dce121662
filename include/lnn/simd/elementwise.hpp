// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <type_traits>

#include "../core/algorithm.hpp"
#include "../core/maths.hpp"
#include "adam_constants.hpp"
#include "dispatch.hpp"
#include "lane.hpp"

namespace lnn::simd {

/// Sum and sum of squares.
struct moments {
  double sum = 0, squares = 0;
};

namespace detail {

/// Calls step(first, count) for blocks of 16 elements, then one by one.  `step` must be marked always_inline
/// and write only after it has read all: compilers make one vector of such a block whatever the pointers'
/// aliasing.
template <class Step>
LNN_INLINE void each_once(std::size_t n, const Step& step) {
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    step(i, std::integral_constant<std::size_t, 16>{});
    asm volatile("");  // keeps compilers from vectorizing across blocks instead, with gathers
  }
  for (; i < n; ++i) step(i, std::integral_constant<std::size_t, 1>{});
}

/// y[i] = f(i).
template <class T, class F>
LNN_INLINE void map(std::size_t n, T* y, const F& f) {
  each_once(
      n, [&](std::size_t i, auto count) __attribute__((always_inline)) {
        T block[count];
        for (std::size_t j = 0; j < count; ++j) block[j] = f(i + j);
        for (std::size_t j = 0; j < count; ++j) y[i + j] = block[j];
      });
}

struct axpy_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, T a, const T* x, T* y) {
    map(
        n, y, [&](std::size_t i) __attribute__((always_inline)) { return y[i] + a * x[i]; });
  }
};
struct scale_add_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, T a, const T* x, T b, T* y) {
    map(
        n, y, [&](std::size_t i) __attribute__((always_inline)) { return a * x[i] + b * y[i]; });
  }
};
struct affine_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, T a, const T* x, T b, T* y) {
    map(
        n, y, [&](std::size_t i) __attribute__((always_inline)) { return a * x[i] + b; });
  }
};
struct relu_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* x, T* y) {
    map(
        n, y, [&](std::size_t i) __attribute__((always_inline)) { return x[i] > T{} ? x[i] : T{}; });
  }
};
struct relu_backward_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* y, const T* gy, T* gx) {
    map(
        n, gx, [&](std::size_t i) __attribute__((always_inline)) {
          const T g = gy[i];
          return y[i] > T{} ? g : T{};
        });
  }
};
struct sgd_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, T rate, T momentum, T decay, bool nesterov, const T* g, T* v, T* p) {
    const T ahead = nesterov ? momentum : T{1}, now = nesterov ? T{1} : T{0};
    each_once(
        n, [&](std::size_t i, auto count) __attribute__((always_inline)) {
          T slope[count], velocity[count], parameter[count];
          for (std::size_t j = 0; j < count; ++j) slope[j] = g[i + j] + decay * p[i + j];
          for (std::size_t j = 0; j < count; ++j) velocity[j] = momentum * v[i + j] + slope[j];
          for (std::size_t j = 0; j < count; ++j) parameter[j] = p[i + j] - rate * (ahead * velocity[j] + now * slope[j]);
          for (std::size_t j = 0; j < count; ++j) v[i + j] = velocity[j];
          for (std::size_t j = 0; j < count; ++j) p[i + j] = parameter[j];
        });
  }
};
struct adam_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const adam_constants* c, const T* g, T* m, T* v, T* p) {
    const auto b1 = static_cast<T>(c->beta1), b2 = static_cast<T>(c->beta2), decay = static_cast<T>(c->decay);
    const auto n1 = static_cast<T>(1 - c->beta1), n2 = static_cast<T>(1 - c->beta2);
    const auto rate = static_cast<T>(c->rate / c->correction1), epsilon = static_cast<T>(c->epsilon);
    const auto keep = static_cast<T>(c->rate) * decay;
    const auto unbias = static_cast<T>(1 / c->correction2);
    each_once(
        n, [&](std::size_t i, auto count) __attribute__((always_inline)) {
          T first[count], second[count], root[count], parameter[count];
          for (std::size_t j = 0; j < count; ++j)
            first[j] = b1 * m[i + j] + n1 * g[i + j];
          for (std::size_t j = 0; j < count; ++j) second[j] = b2 * v[i + j] + n2 * (g[i + j] * g[i + j]);
          for (std::size_t j = 0; j < count; ++j) root[j] = second[j] * unbias;
#if LNN_X86
          if constexpr (std::is_same_v<T, float> && count == 16)
            for (std::size_t j = 0; j < count; j += 4) {
              const f32x4 square = memory<f32x4>(root + j).v;
              memory<f32x4>(root + j).v = __builtin_ia32_sqrtps(square);
            }
          else
#endif
            for (std::size_t j = 0; j < count; ++j) root[j] = maths::sqrt(root[j]);
          for (std::size_t j = 0; j < count; ++j)
            parameter[j] = p[i + j] - (rate * first[j] / (root[j] + epsilon) + keep * p[i + j]);
          for (std::size_t j = 0; j < count; ++j) m[i + j] = first[j];
          for (std::size_t j = 0; j < count; ++j) v[i + j] = second[j];
          for (std::size_t j = 0; j < count; ++j) p[i + j] = parameter[j];
        });
  }
};
struct max_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* x, bool absolute, T* out) {
    T most[16];
    for (T& m : most) m = *out;
    each_once(
        n, [&](std::size_t i, auto count) __attribute__((always_inline)) {
          const T* __restrict from = x + i;
          if (absolute)
            for (std::size_t j = 0; j < count; ++j) {
              const T v = from[j] < T{} ? -from[j] : from[j];
              most[j] = v > most[j] ? v : most[j];
            }
          else
            for (std::size_t j = 0; j < count; ++j) most[j] = from[j] > most[j] ? from[j] : most[j];
        });
    for (const T& m : most) *out = m > *out ? m : *out;
  }
};
struct moments_loop {
  /// Sixteen chains in double, joined pairwise.  Squares of floats are exact, so every instruction set gives
  /// the same.
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* x, moments* out) {
    double sum[16]{}, squares[16]{};
    each_once(
        n, [&](std::size_t i, auto count) __attribute__((always_inline)) {
          for (std::size_t j = 0; j < count; ++j) {
            const double v = x[i + j];
            sum[j] += v;
            squares[j] += v * v;
          }
        });
    for (int half = 8; half > 0; half /= 2)
      for (int j = 0; j < half; ++j) sum[j] += sum[j + half], squares[j] += squares[j + half];
    *out = {sum[0], squares[0]};
  }
};

}  // namespace detail

// T is float or double; double serves gradient checks.  Ranges of one call must not overlap except where
// said.  Results depend on the values, n and the instruction set alone.

/// y += a * x.
template <class T>
void axpy(isa path, std::size_t n, std::type_identity_t<T> a, const T* x, T* y) {
  detail::run_on<detail::axpy_loop>(path, n, a, x, y);
}
/// y = a * x + b * y.
template <class T>
void scale_add(isa path, std::size_t n, std::type_identity_t<T> a, const T* x, std::type_identity_t<T> b,
               T* y) {
  detail::run_on<detail::scale_add_loop>(path, n, a, x, b, y);
}
/// y = a * x + b; y may be x.
template <class T>
void affine(isa path, std::size_t n, std::type_identity_t<T> a, const T* x, std::type_identity_t<T> b, T* y) {
  detail::run_on<detail::affine_loop>(path, n, a, x, b, y);
}
/// y = max(x, 0); y may be x.
template <class T>
void relu(isa path, std::size_t n, const T* x, T* y) {
  detail::run_on<detail::relu_loop>(path, n, x, y);
}
/// gx = gy where y > 0, else 0.  y may be relu's input or its output; gx may be gy.
template <class T>
void relu_backward(isa path, std::size_t n, const T* y, const T* gy, T* gx) {
  detail::run_on<detail::relu_backward_loop>(path, n, y, gy, gx);
}
/// Sum and sum of squares, accumulated in double.
template <class T>
[[nodiscard]] moments sum_moments(isa path, std::size_t n, const T* x) {
  moments out;
  detail::run_on<detail::moments_loop>(path, n, x, &out);
  return out;
}
/// The largest of x; lowest when n is 0.
template <class T>
[[nodiscard]] T max_of(isa path, std::size_t n, const T* x, std::type_identity_t<T> lowest) {
  detail::run_on<detail::max_loop>(path, n, x, false, &lowest);
  return lowest;
}
/// The largest |x|; 0 when n is 0.
template <class T>
[[nodiscard]] T max_abs(isa path, std::size_t n, const T* x) {
  T most{};
  detail::run_on<detail::max_loop>(path, n, x, true, &most);
  return most;
}
/// Stochastic gradient descent: d = g + decay * p, v = momentum * v + d, p -= rate * v, or by Nesterov
/// p -= rate * (d + momentum * v).
template <class T>
void sgd(isa path, std::size_t n, std::type_identity_t<T> rate, std::type_identity_t<T> momentum,
         std::type_identity_t<T> decay, bool nesterov, const T* g, T* v, T* p) {
  detail::run_on<detail::sgd_loop>(path, n, rate, momentum, decay, nesterov, g, v, p);
}
/// One step of Adam (adam_constants has the formula).
template <class T>
void adam(isa path, std::size_t n, const adam_constants& c, const T* g, T* m, T* v, T* p) {
  detail::run_on<detail::adam_loop>(path, n, &c, g, m, v, p);
}

}  // namespace lnn::simd
