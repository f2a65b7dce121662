// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <utility>

#include "../core/maths.hpp"
#include "../fixed/saturate.hpp"
#include "../tensor/integer_view.hpp"
#include "depthwise.hpp"
#include "gemm_f32.hpp"
#include "gradient.hpp"
#include "im2col.hpp"
#include "logistic.hpp"
#include "max_run.hpp"
#include "planes.hpp"
#include "quantize.hpp"
#include "softmax.hpp"

namespace lnn::simd {

/// Real-number kernels under the names that operators call; T is float or double.
struct real_kernels {
  /// This thread's scratch memory number `slot`; what it holds is lost at the next request for the same slot.
  template <class T>
  static T* scratch(int slot, std::size_t n) {
    thread_local detail::buffer<T> memory[5];
    return memory[slot].reserve(n);
  }
  template <class T>
  static void gemm(bool ta, bool tb, int m, int n, int k, const T* a, int lda, const T* b, int ldb, bool accumulate, T* c,
                   int ldc) {
    simd::gemm(ta, tb, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
  }
  template <class T>
  static void im2col(const window2& w, int channels, const T* x, T* columns, int images = 1, std::size_t step = 0) {
    simd::im2col(w, channels, x, columns, images, static_cast<std::ptrdiff_t>(step));
  }
  template <class T>
  static void col2im(const window2& w, int channels, const T* columns, T* x, int images = 1, std::size_t step = 0) {
    simd::col2im(w, channels, columns, x, images, static_cast<std::ptrdiff_t>(step));
  }

  // one channel of a depthwise convolution in all images
  template <class T>
  static void depthwise_forward(const window2& w, const image_stack& stack, const T* x, const T* weight, T start, T* y) {
    depthwise(best(), w, stack, x, weight, start, y);
  }
  template <class T>
  static void depthwise_backward_weight(const window2& w, const image_stack& stack, const T* x, const T* dy, T* dw) {
    depthwise_weight_gradient(best(), w, stack, x, dy, dw);
  }
  template <class T>
  static void depthwise_backward_input(const window2& w, const image_stack& stack, const T* weight, const T* dy, T* dx) {
    depthwise_input_gradient(best(), w, stack, dy, weight, dx);
  }
  template <class T>
  static T sum(const T* x, std::size_t n) { return static_cast<T>(sum_moments(best(), n, x).sum); }
  template <class T>
  static T dot(const T* a, const T* b, std::size_t n) { return static_cast<T>(simd::dot(best(), n, a, b)); }
  // one channel of a batch
  static constexpr planes planes_of(const shape& x) { return planes::of(x); }
  template <class T>
  static std::pair<double, double> moments(const planes& p, const T* x) {
    const auto m = plane_moments(best(), p, x);
    return {m.sum, m.squares};
  }
  template <class T>
  static void clipped_affine(const planes& p, T a, T b, const value_bounds<T>& keep, const T* x, T* y) {
    simd::clipped_affine(best(), p, a, b, keep, x, y);
  }
  template <class T>
  static std::pair<double, double> gated_sums(const planes& p, const value_bounds<T>& keep, const T* y, const T* gy, const T* x) {
    const auto m = simd::gated_sums(best(), p, keep, y, gy, x);
    return {m.sum, m.squares};
  }
  template <class T>
  static void gated_combination(const planes& p, const value_bounds<T>& keep, const T* y, T a, const T* gy, T b,
                                const T* x, T c, bool fresh, T* gx) {
    simd::gated_combination(best(), p, keep, y, a, gy, b, x, c, fresh, gx);
  }
  template <class T>
  static void affine(T scale, T offset, const T* x, T* y, std::size_t n) { simd::affine(best(), n, scale, x, offset, y); }
  template <class T>
  static void add_combination(T a, const T* x, T b, const T* y, T c, T* out, std::size_t n) {
    simd::add_combination(best(), n, a, x, b, y, c, out);
  }
  template <class T>
  static void relu(const T* x, T* y, std::size_t n) { simd::relu(best(), n, x, y); }
  template <class T>
  static void relu_backward(const T* x, const T* dy, T* dx, std::size_t n, bool fresh) {
    fresh ? simd::relu_backward(best(), n, x, dy, dx) : relu_gradient(best(), n, x, dy, dx);
  }
  template <class T>
  static void sum_of(const T* a, const T* b, T* y, std::size_t n, bool relu) {
    relu ? add_with_relu(best(), n, a, b, y) : add(best(), n, a, b, y);
  }
  template <class T>
  static void accumulate(const T* x, T* y, std::size_t n) { add(best(), n, x, static_cast<const T*>(y), y); }
  // one row of pooling under one tap of the window
  template <class T>
  static void max_run(std::size_t n, const T* x, std::size_t step, T* y) { simd::larger_run(best(), n, x, step, y); }
  template <class T>
  static void max_run_backward(std::size_t n, const T* x, std::size_t step, const T* y, const T* dy, std::uint32_t* open, T* dx) {
    larger_run_gradient(best(), n, x, step, y, dy, open, dx);
  }
  /// p = softmax of one row; returns log sum exp(x - max x).
  template <class T>
  static T softmax(const T* x, std::size_t n, T* p) { return simd::softmax(x, n, p); }
  // y = 1 / (1 + e^-x) and y = tanh x of rows, good to single precision of 1; y may be x
  template <class T>
  static void logistic(const T* x, std::size_t n, T* y) { simd::logistic(best(), n, x, y); }
  template <class T>
  static void bounded(const T* x, std::size_t n, T* y) { simd::bounded(best(), n, x, y); }
  static double inverse_root(double x) { return 1 / maths::sqrt(x); }
  template <class T>
  static T exp(T x) { return maths::exp(x); }
  template <class T>
  static T tanh(T x) { return maths::tanh(x); }
  template <class T>
  static T erf(T x) { return maths::erf(x); }

  /// Integers as real numbers, x * 2^-q.
  static void dequantize(const integer_view& from, float* to) {
    with_element(from.type, [&](auto element) {
      using T = decltype(element);
      if constexpr (sizeof(T) <= 4) simd::dequantize(best(), from.size(), from.as<T>(), from.exponent, to);
      else fail("dequantize: ", name_of(from.type), " has no real-number form; use 32 bits at most");
    });
  }
  /// Weights as integers: clamp(round_half_even(w * 2^q)) (quantization.md 5.1).
  static void quantize_weight(const float* w, const integer_view& to) {
    const integer_range r = integer_range::of(bits_of(to.type));
    quantize_half_even(best(), to.size(), w, to.exponent, to.as<std::int8_t>(), static_cast<int>(r.low), static_cast<int>(r.high));
  }
  /// g = 0 where the quantizer of these bits clips w.
  static void straight_through(const float* w, int exponent, int bits, float* g, std::size_t n) {
    simd::straight_through(best(), n, w, exponent, bits, g);
  }
  /// g = 0 where pass is 0.
  static void mask(const std::uint8_t* pass, float* g, std::size_t n) { masked(best(), n, pass, g, g); }
  static float max_magnitude(const float* x, std::size_t n) { return max_abs(best(), n, x); }
};

}  // namespace lnn::simd
