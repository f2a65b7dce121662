// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <utility>

#include "../chip/chip.hpp"
#include "../core/maths.hpp"
#include "../core/planes.hpp"
#include "../luna/plain_loops.hpp"
#include "../luna/requantize.hpp"
#include "../luna/task.hpp"
#include "../tensor/integer_view.hpp"
#include "adam_constants.hpp"
#include "buffer.hpp"

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
                   int ldc);
  template <class T>
  static void im2col(const window2& w, int channels, const T* x, T* columns, int images = 1, std::size_t step = 0);
  template <class T>
  static void col2im(const window2& w, int channels, const T* columns, T* x, int images = 1, std::size_t step = 0);

  // depthwise convolutions: channels side by side, in all images; start and what is fresh as in simd/depthwise_f32.hpp
  template <class T>
  static void depthwise_forward(const window2& w, int channels, const image_stack& stack, const T* x, const T* weight, const T* start, T* y);
  template <class T>
  static void depthwise_backward_weight(const window2& w, int channels, const image_stack& stack, const T* x, const T* dy, T* dw);
  template <class T>
  static void depthwise_backward_input(const window2& w, int channels, const image_stack& stack, const T* weight, const T* dy, bool fresh,
                                       T* dx);
  template <class T>
  static T sum(const T* x, std::size_t n);
  template <class T>
  static T dot(const T* a, const T* b, std::size_t n);
  // one channel of a batch
  static constexpr planes planes_of(const shape& x) { return planes::of(x); }
  template <class T>
  static std::pair<double, double> moments(const planes& p, const T* x);
  template <class T>
  static void clipped_affine(const planes& p, T a, T b, const value_bounds<T>& keep, const T* x, T* y);
  template <class T>
  static std::pair<double, double> gated_sums(const planes& p, const value_bounds<T>& keep, const T* y, const T* gy, const T* x);
  template <class T>
  static void gated_combination(const planes& p, const value_bounds<T>& keep, const T* y, T a, const T* gy, T b,
                                const T* x, T c, bool fresh, T* gx);
  template <class T>
  static void affine(T scale, T offset, const T* x, T* y, std::size_t n);
  template <class T>
  static void add_combination(T a, const T* x, T b, const T* y, T c, T* out, std::size_t n);
  template <class T>
  static void relu(const T* x, T* y, std::size_t n);
  template <class T>
  static void relu_backward(const T* x, const T* dy, T* dx, std::size_t n, bool fresh);
  template <class T>
  static void sum_of(const T* a, const T* b, T* y, std::size_t n, bool relu);
  template <class T>
  static void accumulate(const T* x, T* y, std::size_t n);
  // one row of pooling under one tap of the window
  template <class T>
  static void max_run(std::size_t n, const T* x, std::size_t step, T* y);
  template <class T>
  static void max_run_backward(std::size_t n, const T* x, std::size_t step, const T* y, const T* dy, std::uint32_t* open, T* dx);
  // windows of 2 x 2 side by side over a plane (window2::quarters); the gradient is written, not added
  template <class T>
  static void max_square(const window2& w, const T* x, T* y);
  template <class T>
  static void max_square_backward(const window2& w, const T* x, const T* y, const T* dy, T* dx);
  /// p = softmax of one row; returns log sum exp(x - max x).
  template <class T>
  static T softmax(const T* x, std::size_t n, T* p);
  // y = 1 / (1 + e^-x) and y = tanh x of rows, good to single precision of 1; y may be x
  template <class T>
  static void logistic(const T* x, std::size_t n, T* y);
  template <class T>
  static void bounded(const T* x, std::size_t n, T* y);
  template <class T>
  static void lstm_gradient(std::size_t n, const T* t, const T* before, T* gates, T* dh, T* dc);
  static double inverse_root(double x) { return 1 / maths::sqrt(x); }
  template <class T>
  static T exp(T x) { return maths::exp(x); }
  template <class T>
  static T tanh(T x) { return maths::tanh(x); }
  template <class T>
  static T erf(T x) { return maths::erf(x); }
  // one step of an optimizer (lnn::sgd, adam_constants)
  template <class T>
  static void sgd(std::size_t n, T rate, T momentum, T decay, bool nesterov, const T* g, T* v, T* p);
  template <class T>
  static void adam(std::size_t n, const adam_constants& c, const T* g, T* m, T* v, T* p);

  /// Integers as real numbers, x * 2^-q.
  static void dequantize(const integer_view& from, float* to);
  /// Weights as integers: clamp(round_half_even(w * 2^q)) (quantization.md 5.1).
  static void quantize_weight(const float* w, const integer_view& to);
  /// g = 0 where the quantizer of these bits clips w.
  static void straight_through(const float* w, int exponent, int bits, float* g, std::size_t n);
  /// g = 0 where pass is 0.
  static void mask(const std::uint8_t* pass, float* g, std::size_t n);
  static float max_magnitude(const float* x, std::size_t n);
};

/// The fast path: the best instruction set that the machine has, chosen at run time.  Like its sisters it is a template
/// on the pool only so that nothing is compiled before it is called.
struct kernels : real_kernels {
  static constexpr const char* name = "simd";
  static constexpr bool prepares_layers = true;  ///< models may run in sim::prepared, which computes the same
  template <class Pool>
  static void convolve(const luna::convolution& c, const luna::requantizer& to, Pool& workers);
  template <class Pool>
  static void multiply(const luna::product& p, const luna::requantizer& to, Pool& workers);
  template <class Tap>
  static bool add_s8(std::size_t n, const std::int8_t* a, int q_a, const std::int8_t* b, int q_b, std::int8_t* y, int q_o,
                     Tap* watch, std::size_t first);
  static bool rescale_s8(std::size_t n, const std::int8_t* x, int shift, int low, std::int8_t* y);
  template <class T, class Tap>
  static bool quantize(std::size_t n, const float* x, int q, T* y, Tap* watch, std::size_t first) {
    if constexpr (sizeof(T) <= 2) return quantize_narrow(n, x, q, y, watch, first);
    else return false;
  }
  template <class T, class Sum>
  static void add_row(std::size_t n, const T* x, Sum* sum) {
    if constexpr (sizeof(T) == 1 && sizeof(Sum) == 4) add_bytes(n, x, sum);
    else luna::plain_loops::add_row(n, x, sum);
  }
  template <class T>
  static void larger_run(std::size_t n, const T* x, std::size_t step, T* most) {
    if constexpr (sizeof(T) == 1) max_run(n, x, step, most);
    else luna::plain_loops::larger_run(n, x, step, most);
  }
  template <class T>
  static void larger_row(std::size_t n, const T* x, T* most) {
    if constexpr (sizeof(T) == 1) larger_bytes(n, x, most);
    else luna::plain_loops::larger_row(n, x, most);
  }
  template <class Sums>
  static void lstm_step(curves unit, const Sums& sums, std::size_t hidden, int q_h, std::int32_t* cell, std::int8_t* state);
  template <class Sums>
  static void gru_step(curves unit, const Sums& sums, std::size_t hidden, int q_h, std::int8_t* state);

 private:
  template <class T, class Tap>
  static bool quantize_narrow(std::size_t n, const float* x, int q, T* y, Tap* watch, std::size_t first);
  template <class Sum>
  static void add_bytes(std::size_t n, const std::int8_t* x, Sum* sum);
  template <class T>
  static void larger_bytes(std::size_t n, const T* x, T* most);
};

}  // namespace lnn::simd
