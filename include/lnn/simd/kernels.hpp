// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/plain_loops.hpp"
#include "add_s8.hpp"
#include "bytes.hpp"
#include "gru.hpp"
#include "integer.hpp"
#include "lstm.hpp"
#include "real.hpp"

namespace lnn::simd {

/// The fast path: the best instruction set that the machine has, chosen at run time.  Like its sisters it is a template
/// on the pool only so that nothing is compiled before it is called.
struct kernels : real_kernels {
  static constexpr const char* name = "simd";
  static constexpr bool prepares_layers = true;  ///< models may run in sim::prepared_layer, which computes the same
  template <class Pool>
  static void convolve(const luna::convolution& c, const luna::requantizer& to, Pool& workers) {
    simd::convolve(c, to, workers);
  }
  template <class Pool>
  static void multiply(const luna::product& p, const luna::requantizer& to, Pool& workers) {
    simd::multiply(p, to, workers);
  }
  template <class Tap>
  static bool add_s8(std::size_t n, const std::int8_t* a, int q_a, const std::int8_t* b, int q_b, std::int8_t* y, int q_o,
                     Tap* watch, std::size_t first) {
    return simd::add_s8(n, a, q_a, b, q_b, y, q_o, watch, first);
  }
  static bool rescale_s8(std::size_t n, const std::int8_t* x, int shift, int low, std::int8_t* y) {
    simd::rescale_s8(n, x, shift, low, y);
    return true;
  }
  template <class T, class Tap>
  static bool quantize(std::size_t n, const float* x, int q, T* y, Tap* watch, std::size_t first) {
    if (sizeof(T) > 2 || (watch && watch->exact)) return false;
    if (n == 0) return true;
    if constexpr (sizeof(T) <= 2) {
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
    }
    return true;
  }
  template <class T, class Sum>
  static void add_row(std::size_t n, const T* x, Sum* sum) {
    if constexpr (sizeof(T) == 1 && sizeof(Sum) == 4) simd::add_bytes(n, x, sum);
    else luna::plain_loops::add_row(n, x, sum);
  }
  template <class T>
  static void larger_run(std::size_t n, const T* x, std::size_t step, T* y) { simd::larger_run(best(), n, x, step, y); }
  template <class T>
  static void larger_row(std::size_t n, const T* x, T* most) {
    if constexpr (sizeof(T) == 1) simd::larger_bytes(n, x, most);
    else luna::plain_loops::larger_row(n, x, most);
  }
  template <class Sums>
  static void lstm_step(curves unit, const Sums& sums, std::size_t hidden, int q_h, std::int32_t* cell, std::int8_t* state) {
    simd::lstm_step(best(), unit, sums, hidden, q_h, cell, state);
  }
  template <class Sums>
  static void gru_step(curves unit, const Sums& sums, std::size_t hidden, int q_h, std::int8_t* state) {
    simd::gru_step(best(), unit, sums, hidden, q_h, state);
  }
};

/// The reference path for integers, with the same real-number kernels: what the fast path must equal.
struct reference_kernels : real_kernels, luna::plain_loops {
  static constexpr const char* name = "luna";
  template <class Pool>
  static void convolve(const luna::convolution& c, const luna::requantizer& to, Pool& workers) {
    luna::convolve(c, to, workers);
  }
  template <class Pool>
  static void multiply(const luna::product& p, const luna::requantizer& to, Pool& workers) {
    luna::multiply(p, to, workers);
  }
};

}  // namespace lnn::simd
