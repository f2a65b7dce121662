// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <limits>

#include "../core/algorithm.hpp"
#include "../core/window.hpp"
#include "divide.hpp"
#include "requantize.hpp"

namespace lnn::luna {

/// Largest element under the window for one plane; padding never wins, a window of padding only gives the least
/// value of the type (luna_ops.md 2.2).
template <class Kernels, class T>
void max_plane(const window2& w, const T* x, T* y) {
  std::fill_n(y, w.out_size(), std::numeric_limits<T>::min());
  w.walk([&](std::size_t, const window2::run& r) { Kernels::larger_run(r.n, x + r.x, r.step, y + r.y); });
}

/// Sum under the window for one plane; padding adds 0.
template <class T, class Sum>
void sum_plane(const window2& w, const T* x, Sum* sum) {
  std::fill_n(sum, w.out_size(), Sum{0});
  if (w.whole()) {  // the same taps in the same order, without a walk for each
    for (std::size_t i = 0; i < w.in_size(); ++i) *sum += x[i];
    return;
  }
  w.walk([&](std::size_t, const window2::run& r) {
    for (std::size_t n = 0; n < r.n; ++n) sum[r.y + n] += x[r.x + n * r.step];
  });
}

/// The same two for an image with channels innermost, x [in.h][in.w][channels].
template <class Kernels, class T>
void max_pixels(const window2& w, int channels, const T* x, T* y) {
  const auto deep = static_cast<std::size_t>(channels);
  std::fill_n(y, w.out_size() * deep, std::numeric_limits<T>::min());
  w.walk([&](std::size_t, const window2::run& r) {
    for (std::size_t n = 0; n < r.n; ++n) Kernels::larger_row(deep, x + (r.x + n * r.step) * deep, y + (r.y + n) * deep);
  });
}
template <class Kernels, class T, class Sum>
void sum_pixels(const window2& w, int channels, const T* x, Sum* sum) {
  const auto deep = static_cast<std::size_t>(channels);
  std::fill_n(sum, w.out_size() * deep, Sum{0});
  w.walk([&](std::size_t, const window2::run& r) {
    for (std::size_t n = 0; n < r.n; ++n) Kernels::add_row(deep, x + (r.x + n * r.step) * deep, sum + (r.y + n) * deep);
  });
}

/// A window sum S of `area` taps at exponent q_x as an average at exponent q_o, before the clamp to the output type
/// (luna_ops.md 3.18 and decision 4 of engine_defects.md).  `sum_bits` = 16 where the chip keeps the sum in 16 bits.
///   area a power of two:  R(S, log2 area + q_x - q_o), a left shift when negative
///   q_o >= q_x:           div(S, area, q_o - q_x)
///   q_o < q_x:            R(div(S, area, 0), q_x - q_o)
[[nodiscard]] constexpr std::int64_t average(std::int64_t sum, int area, int q_x, int q_o, int sum_bits) noexcept {
  const std::int64_t s = integer_range::of(sum_bits).clamp(sum);
  if (std::has_single_bit(static_cast<unsigned>(area)))
    return rescale(s, std::countr_zero(static_cast<unsigned>(area)) + q_x, q_o);
  const auto narrow = static_cast<std::int32_t>(s);
  return q_o >= q_x ? divide(narrow, area, q_o - q_x) : shift_half_up(divide(narrow, area, 0), q_x - q_o);
}

}  // namespace lnn::luna
