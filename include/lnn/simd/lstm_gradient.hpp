// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "elementwise.hpp"

namespace lnn::simd {
namespace detail {

struct lstm_gradient_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* t, const T* before, T* gates, T* dh, T* dc) {
    each_once(n, [&](std::size_t k, auto count) __attribute__((always_inline)) {
      const T *i = gates + k, *f = i + n, *g = f + n, *o = g + n;
      T at_c[count], di[count], df[count], dg[count], d_o[count], before_c[count];
      for (std::size_t j = 0; j < count; ++j) at_c[j] = dc[k + j] + dh[k + j] * o[j] * (1 - t[k + j] * t[k + j]);
      for (std::size_t j = 0; j < count; ++j) di[j] = at_c[j] * g[j] * i[j] * (1 - i[j]);
      for (std::size_t j = 0; j < count; ++j) df[j] = at_c[j] * before[k + j] * f[j] * (1 - f[j]);
      for (std::size_t j = 0; j < count; ++j) dg[j] = at_c[j] * i[j] * (1 - g[j] * g[j]);
      for (std::size_t j = 0; j < count; ++j) d_o[j] = dh[k + j] * t[k + j] * o[j] * (1 - o[j]);
      for (std::size_t j = 0; j < count; ++j) before_c[j] = at_c[j] * f[j];
      for (std::size_t j = 0; j < count; ++j) gates[k + j] = di[j];
      for (std::size_t j = 0; j < count; ++j) gates[n + k + j] = df[j];
      for (std::size_t j = 0; j < count; ++j) gates[2 * n + k + j] = dg[j];
      for (std::size_t j = 0; j < count; ++j) gates[3 * n + k + j] = d_o[j];
      for (std::size_t j = 0; j < count; ++j) dc[k + j] = before_c[j];
      for (std::size_t j = 0; j < count; ++j) dh[k + j] = T{};
    });
  }
};

}  // namespace detail

/// One step of an LSTM backward: gates i, f, g, o [4][n] become the gradients of their sums.  `t` is tanh c of the step, `before`
/// the c that it began with; dc becomes the gradient of that, dh becomes 0.
template <class T>
void lstm_gradient(isa path, std::size_t n, const T* t, const T* before, T* gates, T* dh, T* dc) {
  detail::run_on<detail::lstm_gradient_loop>(path, n, t, before, gates, dh, dc);
}

}  // namespace lnn::simd
