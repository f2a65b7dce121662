// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <utility>

#include "../luna/kernels.hpp"
#include "gemm_f32.hpp"
#include "gemm_s8.hpp"
#include "im2col.hpp"

namespace lnn::simd {

/// Real-number kernels, shared by all paths.
struct real_kernels {
  template <class T>
  static T* scratch(int slot, std::size_t n) {
    thread_local detail::buffer<T> memory[4];
    return memory[slot].reserve(n);
  }
  template <class T>
  static void gemm(bool ta, bool tb, int m, int n, int k, const T* a, int lda, const T* b, int ldb, bool accumulate, T* c,
                   int ldc) {
    simd::gemm(ta, tb, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
  }
  template <class T>
  static void im2col(const window2& w, int channels, const T* x, T* columns) { simd::im2col(w, channels, x, columns); }
  template <class T>
  static void col2im(const window2& w, int channels, const T* columns, T* x) { simd::col2im(w, channels, columns, x); }

  template <class T>
  static void depthwise_forward(const window2& w, const T* x, const T* weight, T* y) {
    w.walk([&](std::size_t tap, const window2::run& r) {
      for (std::size_t n = 0; n < r.n; ++n) y[r.y + n] += weight[tap] * x[r.x + n * r.step];
    });
  }
  template <class T>
  static void depthwise_backward_weight(const window2& w, const T* x, const T* dy, T* dw) {
    w.walk([&](std::size_t tap, const window2::run& r) {
      T sum{};
      for (std::size_t n = 0; n < r.n; ++n) sum += dy[r.y + n] * x[r.x + n * r.step];
      dw[tap] += sum;
    });
  }
  template <class T>
  static void depthwise_backward_input(const window2& w, const T* weight, const T* dy, T* dx) {
    w.walk([&](std::size_t tap, const window2::run& r) {
      for (std::size_t n = 0; n < r.n; ++n) dx[r.x + n * r.step] += weight[tap] * dy[r.y + n];
    });
  }
  template <class T>
  static T sum(const T* x, std::size_t n) {
    double s = 0;
    for (std::size_t i = 0; i < n; ++i) s += static_cast<double>(x[i]);
    return static_cast<T>(s);
  }
  template <class T>
  static T dot(const T* a, const T* b, std::size_t n) {
    double s = 0;
    for (std::size_t i = 0; i < n; ++i) s += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return static_cast<T>(s);
  }
  template <class T>
  static std::pair<double, double> moments(const T* x, std::size_t n) {
    double s = 0, q = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double v = static_cast<double>(x[i]);
      s += v;
      q += v * v;
    }
    return {s, q};
  }
  template <class T>
  static void affine(T scale, T offset, const T* x, T* y, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] = scale * x[i] + offset;
  }
  template <class T>
  static void add_combination(T a, const T* x, T b, const T* y, T c, T* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] += a * x[i] + b * y[i] + c;
  }
  template <class T>
  static void relu(const T* x, T* y, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] = x[i] > T{} ? x[i] : T{};
  }
  template <class T>
  static void relu_backward(const T* x, const T* dy, T* dx, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) dx[i] += x[i] > T{} ? dy[i] : T{};
  }
  template <class T>
  static void sum_of(const T* a, const T* b, T* y, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
  }
  template <class T>
  static void accumulate(const T* x, T* y, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] += x[i];
  }
  static double inverse_root(double x) { return 1 / std::sqrt(x); }

  static void dequantize(const integer_view& from, float* to) {
    const float unit = power_of_two(-from.exponent);
    for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<float>(from.at(i)) * unit;
  }
  static void mask(const std::uint8_t* pass, float* g, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) g[i] = pass[i] ? g[i] : 0;
  }
};

/// The fast path.
struct kernels : real_kernels {
  static constexpr const char* name = "simd";
  static void convolve(const luna::convolution& c, const luna::requantizer& to, pool& workers) { luna::convolve(c, to, workers); }
  static void multiply(const luna::product& p, const luna::requantizer& to, pool& workers) { luna::multiply(p, to, workers); }
};

/// The reference path for integers: what the fast one must equal.
struct reference_kernels : real_kernels {
  static constexpr const char* name = "luna";
  static void convolve(const luna::convolution& c, const luna::requantizer& to, pool& workers) { luna::convolve(c, to, workers); }
  static void multiply(const luna::product& p, const luna::requantizer& to, pool& workers) { luna::multiply(p, to, workers); }
};

}  // namespace lnn::simd
