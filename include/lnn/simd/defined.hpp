// SPDX-License-Identifier: Apache-2.0
#pragma once
/// The bodies of what declared.hpp names.
#include "add_s8.hpp"
#include "bytes.hpp"
#include "declared.hpp"
#include "depthwise.hpp"
#include "elementwise.hpp"
#include "gemm_f32.hpp"
#include "gradient.hpp"
#include "gru.hpp"
#include "im2col.hpp"
#include "integer.hpp"
#include "logistic.hpp"
#include "lstm.hpp"
#include "lstm_gradient.hpp"
#include "max_run.hpp"
#include "max_square.hpp"
#include "planes.hpp"
#include "quantize.hpp"
#include "softmax.hpp"

namespace lnn::simd {

template <class T>
void real_kernels::gemm(bool ta, bool tb, int m, int n, int k, const T* a, int lda, const T* b, int ldb, bool accumulate, T* c, int ldc) {
  simd::gemm(ta, tb, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
}
template <class T>
void real_kernels::im2col(const window2& w, int channels, const T* x, T* columns, int images, std::size_t step) {
  simd::im2col(w, channels, x, columns, images, static_cast<std::ptrdiff_t>(step));
}
template <class T>
void real_kernels::col2im(const window2& w, int channels, const T* columns, T* x, int images, std::size_t step) {
  simd::col2im(w, channels, columns, x, images, static_cast<std::ptrdiff_t>(step));
}

template <class T>
void real_kernels::depthwise_forward(const window2& w, int channels, const image_stack& stack, const T* x, const T* weight, const T* start, T* y) {
  depthwise(best(), w, channels, stack, x, weight, start, y);
}
template <class T>
void real_kernels::depthwise_backward_weight(const window2& w, int channels, const image_stack& stack, const T* x, const T* dy, T* dw) {
  depthwise_weight_gradient(best(), w, channels, stack, x, dy, dw);
}
template <class T>
void real_kernels::depthwise_backward_input(const window2& w, int channels, const image_stack& stack, const T* weight, const T* dy, bool fresh,
                                            T* dx) {
  depthwise_input_gradient(best(), w, channels, stack, dy, weight, fresh, dx);
}

template <class T>
T real_kernels::sum(const T* x, std::size_t n) {
  return static_cast<T>(sum_moments(best(), n, x).sum);
}
template <class T>
T real_kernels::dot(const T* a, const T* b, std::size_t n) {
  return static_cast<T>(simd::dot(best(), n, a, b));
}
template <class T>
std::pair<double, double> real_kernels::moments(const planes& p, const T* x) {
  const auto m = plane_moments(best(), p, x);
  return {m.sum, m.squares};
}
template <class T>
void real_kernels::clipped_affine(const planes& p, T a, T b, const value_bounds<T>& keep, const T* x, T* y) {
  simd::clipped_affine(best(), p, a, b, keep, x, y);
}
template <class T>
std::pair<double, double> real_kernels::gated_sums(const planes& p, const value_bounds<T>& keep, const T* y, const T* gy, const T* x) {
  const auto m = simd::gated_sums(best(), p, keep, y, gy, x);
  return {m.sum, m.squares};
}
template <class T>
void real_kernels::gated_combination(const planes& p, const value_bounds<T>& keep, const T* y, T a, const T* gy, T b, const T* x, T c,
                                     bool fresh, T* gx) {
  simd::gated_combination(best(), p, keep, y, a, gy, b, x, c, fresh, gx);
}

template <class T>
void real_kernels::affine(T scale, T offset, const T* x, T* y, std::size_t n) {
  simd::affine(best(), n, scale, x, offset, y);
}
template <class T>
void real_kernels::add_combination(T a, const T* x, T b, const T* y, T c, T* out, std::size_t n) {
  simd::add_combination(best(), n, a, x, b, y, c, out);
}
template <class T>
void real_kernels::relu(const T* x, T* y, std::size_t n) {
  simd::relu(best(), n, x, y);
}
template <class T>
void real_kernels::relu_backward(const T* x, const T* dy, T* dx, std::size_t n, bool fresh) {
  fresh ? simd::relu_backward(best(), n, x, dy, dx) : relu_gradient(best(), n, x, dy, dx);
}
template <class T>
void real_kernels::sum_of(const T* a, const T* b, T* y, std::size_t n, bool relu) {
  relu ? add_with_relu(best(), n, a, b, y) : add(best(), n, a, b, y);
}
template <class T>
void real_kernels::accumulate(const T* x, T* y, std::size_t n) {
  add(best(), n, x, static_cast<const T*>(y), y);
}
template <class T>
void real_kernels::max_run(std::size_t n, const T* x, std::size_t step, T* y) {
  simd::larger_run(best(), n, x, step, y);
}
template <class T>
void real_kernels::max_run_backward(std::size_t n, const T* x, std::size_t step, const T* y, const T* dy, std::uint32_t* open, T* dx) {
  larger_run_gradient(best(), n, x, step, y, dy, open, dx);
}
template <class T>
void real_kernels::max_square(const window2& w, const T* x, T* y) {
  larger_square(best(), static_cast<std::size_t>(w.out.h), static_cast<std::size_t>(w.out.w), x, static_cast<std::size_t>(w.in.w), y);
}
template <class T>
void real_kernels::max_square_backward(const window2& w, const T* x, const T* y, const T* dy, T* dx) {
  if (w.in_size() > 4 * w.out_size()) std::fill_n(dx, w.in_size(), T{});  // a last row or column that no window reaches
  larger_square_gradient(best(), static_cast<std::size_t>(w.out.h), static_cast<std::size_t>(w.out.w), x, static_cast<std::size_t>(w.in.w), y, dy, dx);
}
template <class T>
T real_kernels::softmax(const T* x, std::size_t n, T* p) {
  return simd::softmax(best(), x, n, p);
}
template <class T>
void real_kernels::logistic(const T* x, std::size_t n, T* y) {
  simd::logistic(best(), n, x, y);
}
template <class T>
void real_kernels::bounded(const T* x, std::size_t n, T* y) {
  simd::bounded(best(), n, x, y);
}
template <class T>
void real_kernels::lstm_gradient(std::size_t n, const T* t, const T* before, T* gates, T* dh, T* dc) {
  simd::lstm_gradient(best(), n, t, before, gates, dh, dc);
}
template <class T>
void real_kernels::sgd(std::size_t n, T rate, T momentum, T decay, bool nesterov, const T* g, T* v, T* p) {
  simd::sgd(best(), n, rate, momentum, decay, nesterov, g, v, p);
}
template <class T>
void real_kernels::adam(std::size_t n, const adam_constants& c, const T* g, T* m, T* v, T* p) {
  simd::adam(best(), n, c, g, m, v, p);
}

LNN_BODY void real_kernels::dequantize(const integer_view& from, float* to) {
  with_element(from.type, [&](auto element) {
    using T = decltype(element);
    if constexpr (sizeof(T) <= 4) simd::dequantize(best(), from.size(), from.as<T>(), from.exponent, to);
    else fail("dequantize: ", name_of(from.type), " has no real-number form; use 32 bits at most");
  });
}
LNN_BODY void real_kernels::quantize_weight(const float* w, const integer_view& to) {
  const integer_range r = integer_range::of(bits_of(to.type));
  quantize_half_even(best(), to.size(), w, to.exponent, to.as<std::int8_t>(), static_cast<int>(r.low), static_cast<int>(r.high));
}
LNN_BODY void real_kernels::straight_through(const float* w, int exponent, int bits, float* g, std::size_t n) {
  simd::straight_through(best(), n, w, exponent, bits, g);
}
LNN_BODY void real_kernels::mask(const std::uint8_t* pass, float* g, std::size_t n) { masked(best(), n, pass, g, g); }
LNN_BODY float real_kernels::max_magnitude(const float* x, std::size_t n) { return max_abs(best(), n, x); }

template <class Pool>
void kernels::convolve(const luna::convolution& c, const luna::requantizer& to, Pool& workers) {
  simd::convolve(c, to, workers);
}
template <class Pool>
void kernels::multiply(const luna::product& p, const luna::requantizer& to, Pool& workers) {
  simd::multiply(p, to, workers);
}
template <class Tap>
bool kernels::add_s8(std::size_t n, const std::int8_t* a, int q_a, const std::int8_t* b, int q_b, std::int8_t* y, int q_o, Tap* watch,
                     std::size_t first) {
  return simd::add_s8(n, a, q_a, b, q_b, y, q_o, watch, first);
}
LNN_BODY bool kernels::rescale_s8(std::size_t n, const std::int8_t* x, int shift, int low, std::int8_t* y) {
  simd::rescale_s8(n, x, shift, low, y);
  return true;
}
template <class T, class Tap>
bool kernels::quantize_narrow(std::size_t n, const float* x, int q, T* y, Tap* watch, std::size_t first) {
  if (watch && watch->exact) return false;
  if (n == 0) return true;
  if (!watch) {
    quantize_half_up(best(), n, x, q, y);
    return true;
  }
  float low = std::numeric_limits<float>::max(), high = std::numeric_limits<float>::lowest();
  constexpr std::size_t most = 4096;  // the numbers are still in the first cache when they are read again
  for (std::size_t i = 0; i < n; i += most) {
    const std::size_t part = std::min(n - i, most);
    quantize_half_up(best(), part, x + i, q, y + i);
    watch_quantized(best(), part, x + i, q, static_cast<int>(watch->open.low), static_cast<int>(watch->open.high),
                    watch->pass ? watch->pass + first + i : nullptr, low, high);
  }
  watch->extremes(low, high);
  return true;
}
template <class Sum>
void kernels::add_bytes(std::size_t n, const std::int8_t* x, Sum* sum) {
  simd::add_bytes(n, x, sum);
}
template <class T>
void kernels::larger_bytes(std::size_t n, const T* x, T* most) {
  simd::larger_bytes(n, x, most);
}
template <class Sums>
void kernels::lstm_step(curves unit, const Sums& sums, std::size_t hidden, int q_h, std::int32_t* cell, std::int8_t* state) {
  simd::lstm_step(best(), unit, sums, hidden, q_h, cell, state);
}
template <class Sums>
void kernels::gru_step(curves unit, const Sums& sums, std::size_t hidden, int q_h, std::int8_t* state) {
  simd::gru_step(best(), unit, sums, hidden, q_h, state);
}

}  // namespace lnn::simd
