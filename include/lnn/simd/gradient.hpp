// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "elementwise.hpp"

namespace lnn::simd {
namespace detail {

struct combine_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, T a, const T* x, T b, const T* y, T c, T* out) {
    map(n, out, [&](std::size_t i) __attribute__((always_inline)) { return out[i] + (a * x[i] + (b * y[i] + c)); });
  }
};
struct add_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* x, const T* y, T* out) {
    map(n, out, [&](std::size_t i) __attribute__((always_inline)) { return x[i] + y[i]; });
  }
};
struct add_relu_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* x, const T* y, T* out) {
    map(n, out, [&](std::size_t i) __attribute__((always_inline)) {
      const T sum = x[i] + y[i];
      return sum > T{} ? sum : T{};
    });
  }
};
struct gate_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* x, const T* gy, T* gx) {
    map(n, gx, [&](std::size_t i) __attribute__((always_inline)) {
      const T g = gy[i];  // read whether it counts or not, so that the choice becomes a mask
      return gx[i] + (x[i] > T{} ? g : T{});
    });
  }
};
/// Sixteen running sums in double, joined in one fixed order.
struct dot_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* x, const T* y, double* out) {
    double sum[16]{};
    each_once(n, [&](std::size_t i, auto count) __attribute__((always_inline)) {
      for (std::size_t j = 0; j < count; ++j) sum[j] += static_cast<double>(x[i + j]) * static_cast<double>(y[i + j]);
    });
    for (std::size_t w = 8; w > 0; w /= 2)
      for (std::size_t j = 0; j < w; ++j) sum[j] += sum[j + w];
    *out = sum[0];
  }
};
/// pass = pass and low <= y <= high.
struct narrow_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* y, T low, T high, std::uint8_t* pass) {
    map(n, pass, [&](std::size_t i) __attribute__((always_inline)) {
      return static_cast<std::uint8_t>(pass[i] & int{y[i] >= low} & int{y[i] <= high});
    });
  }
};

}  // namespace detail

/// out += a * x + b * y + c.
template <class T>
void add_combination(isa path, std::size_t n, T a, const T* x, T b, const T* y, T c, T* out) {
  detail::run_on<detail::combine_loop>(path, n, a, x, b, y, c, out);
}
/// out = x + y.
template <class T>
void add(isa path, std::size_t n, const T* x, const T* y, T* out) {
  detail::run_on<detail::add_loop>(path, n, x, y, out);
}
/// out = max(x + y, 0).
template <class T>
void add_with_relu(isa path, std::size_t n, const T* x, const T* y, T* out) {
  detail::run_on<detail::add_relu_loop>(path, n, x, y, out);
}
/// gx += gy where x > 0.
template <class T>
void relu_gradient(isa path, std::size_t n, const T* x, const T* gy, T* gx) {
  detail::run_on<detail::gate_loop>(path, n, x, gy, gx);
}
/// sum of x * y, formed in double in an order that depends on n alone.
template <class T>
[[nodiscard]] double dot(isa path, std::size_t n, const T* x, const T* y) {
  double out = 0;
  detail::run_on<detail::dot_loop>(path, n, x, y, &out);
  return out;
}
/// Clears marks where y is outside [low, high].
template <class T>
void narrow_pass(isa path, std::size_t n, const T* y, T low, T high, std::uint8_t* pass) {
  detail::run_on<detail::narrow_loop>(path, n, y, low, high, pass);
}

}  // namespace lnn::simd
