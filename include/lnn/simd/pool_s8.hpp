// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>

#include "../core/window.hpp"
#include "../luna/pool.hpp"
#include "dispatch.hpp"
#include "lane.hpp"

namespace lnn::simd {
namespace detail {

/// The taps of one window that lie in the image, as pixels with their channels innermost.
struct pool_window {
  const std::int8_t* x;           ///< the first tap
  std::ptrdiff_t row, pixel;      ///< bytes
  int rows, columns;
};

/// luna::average of a sum S, the clamp to a byte behind it: floor((clamp(S) * factor + half) / 2^shift).  For the sums that
/// windows have, one 32-bit product does what the chips do in 64 bits or in two steps: found and proved for every sum.
struct average_end {
  std::int32_t low = 0, high = 0;  ///< what the chip keeps of a sum
  std::int32_t factor = 0, half = 0;
  int shift = -1;

  average_end() = default;
  average_end(int area, int taps, int q_x, int q_o, int sum_bits) {
    const std::int64_t least = -128LL * taps, most = 127LL * taps;
    if (most > 1 << 20) return;  // too many sums to prove anything for
    low = static_cast<std::int32_t>(std::max(least, integer_range::of(sum_bits).low));
    high = static_cast<std::int32_t>(std::min(most, integer_range::of(sum_bits).high));
    for (int k = 24; k >= 0 && shift < 0; --k) {
      const double wanted = std::ldexp(1.0 / area, k + q_o - q_x);
      if (wanted * static_cast<double>(-least) > 1e9) continue;
      factor = static_cast<std::int32_t>(wanted + 0.5), half = k > 0 ? 1 << (k - 1) : 0;
      shift = k;
      for (std::int64_t sum = least; sum <= most && shift >= 0; ++sum)
        if (of(static_cast<std::int32_t>(sum)) != saturate<std::int8_t>(luna::average(sum, area, q_x, q_o, sum_bits))) shift = -1;
    }
  }
  [[nodiscard]] bool possible() const { return shift >= 0; }
  [[nodiscard]] std::int8_t of(std::int32_t sum) const {
    return saturate<std::int8_t>((std::int64_t{std::clamp(sum, low, high)} * factor + half) >> shift);
  }
};

/// A block of channels at a time, whose last one may overlap the one before.  Rows and Columns of a whole window, or 0 where
/// only some of it lies in the image.
template <class Vector, int Rows, int Columns>
struct over_channels {
  template <class Tap>
  LNN_INLINE static void taps(const pool_window& w, std::size_t k, const Tap& tap) {
    if constexpr (Rows > 0) {
#pragma GCC unroll 3
      for (int p = 0; p < Rows; ++p)
#pragma GCC unroll 3
        for (int q = 0; q < Columns; ++q) tap(w.x + p * w.row + q * w.pixel + k);
    } else {
      for (int p = 0; p < w.rows; ++p)
        for (int q = 0; q < w.columns; ++q) tap(w.x + p * w.row + q * w.pixel + k);
    }
  }
  LNN_INLINE static void greatest(const pool_window& w, std::size_t channels, std::int8_t* y) {
    over_blocks<sizeof(Vector)>(channels, [&](std::size_t k) __attribute__((always_inline)) {
      Vector most = std::int8_t{-128} - Vector{};
      taps(w, k, [&](const std::int8_t* x) __attribute__((always_inline)) {
        const Vector v = memory<Vector>(x).v;
        most = most > v ? most : v;
      });
      memory<Vector>(y + k).v = most;
    });
  }
  LNN_INLINE static void averages(const pool_window& w, std::size_t channels, const average_end& end, std::int8_t* y) {
    over_blocks<16>(channels, [&](std::size_t k) __attribute__((always_inline)) {
      s16x16 some{};
      s32x16 all{};
      int n = 0;
      taps(w, k, [&](const std::int8_t* x) __attribute__((always_inline)) {
        const s8x16 v = memory<s8x16>(x).v;
        some += __builtin_convertvector(v, s16x16);
        if constexpr (Rows == 0)
          if (++n % 255 == 0) {  // more bytes than 16 bits hold
            all += __builtin_convertvector(some, s32x16);
            some = s16x16{};
          }
      });
      all += __builtin_convertvector(some, s32x16);
      all = all < end.low ? end.low - s32x16{} : all;
      all = all > end.high ? end.high - s32x16{} : all;
      all = (all * end.factor + end.half) >> end.shift;
      all = all < -128 ? -128 - s32x16{} : all;
      all = all > 127 ? 127 - s32x16{} : all;
      memory<s8x16>(y + k).v = __builtin_convertvector(all, s8x16);
    });
  }
};
/// One channel after the other.
struct one_channel {};
template <int Rows, int Columns>
struct over_channels<one_channel, Rows, Columns> {
  LNN_INLINE static void greatest(const pool_window& w, std::size_t channels, std::int8_t* y) {
    for (std::size_t k = 0; k < channels; ++k) {
      std::int8_t most = -128;
      for (int p = 0; p < w.rows; ++p)
        for (int q = 0; q < w.columns; ++q) most = std::max(most, (w.x + p * w.row + q * w.pixel)[k]);
      y[k] = most;
    }
  }
  LNN_INLINE static void averages(const pool_window& w, std::size_t channels, const average_end& end, std::int8_t* y) {
    for (std::size_t k = 0; k < channels; ++k) {
      std::int32_t sum = 0;
      for (int p = 0; p < w.rows; ++p)
        for (int q = 0; q < w.columns; ++q) sum += (w.x + p * w.row + q * w.pixel)[k];
      y[k] = end.of(sum);
    }
  }
};

/// One row of outputs: the greatest, or averages.
template <class Vector, bool Averages>
struct pool_loop {
  template <int Rows, int Columns>
  LNN_INLINE static void one(const pool_window& w, std::size_t channels, const average_end& end, std::int8_t* y) {
    if constexpr (Averages) over_channels<Vector, Rows, Columns>::averages(w, channels, end, y);
    else over_channels<Vector, Rows, Columns>::greatest(w, channels, y);
  }
  LNN_INLINE static void run(const window2* w, int i, int channels, const std::int8_t* x, const average_end* end, std::int8_t* y) {
    const auto deep = at(channels);
    const int top = i * w->stride.h - w->pad.top, above = std::max(-top, 0);
    for (int j = 0; j < w->out.w; ++j, y += deep) {
      const int left = j * w->stride.w - w->pad.left, before = std::max(-left, 0);
      const std::ptrdiff_t pixel = channels, row = pixel * w->in.w;
      const pool_window there{.x = x + (top + above) * row + (left + before) * pixel,
                              .row = row,
                              .pixel = pixel,
                              .rows = std::min(w->kernel.h, w->in.h - top) - above,
                              .columns = std::min(w->kernel.w, w->in.w - left) - before};
      if (there.rows == 2 && there.columns == 2) one<2, 2>(there, deep, *end, y);
      else if (there.rows == 3 && there.columns == 3) one<3, 3>(there, deep, *end, y);
      else one<0, 0>(there, deep, *end, y);
    }
  }
};

using s8x32 = std::int8_t __attribute__((vector_size(32)));
using s8x64 = std::int8_t __attribute__((vector_size(64)));

}  // namespace detail

/// Pooling of int8 images with channels innermost: luna::max_pixels, or luna::average of luna::sum_pixels with one divisor for
/// all outputs, bit for bit.  Windows have no dilation.
class pool_s8 {
 public:
  static pool_s8 greatest(isa path, const window2& w, int channels) { return {path, w, channels, nullptr}; }
  static pool_s8 average(isa path, const window2& w, int channels, const detail::average_end& end) { return {path, w, channels, &end}; }

  /// Rows [first, last) of the outputs of one image.
  void run(const std::int8_t* x, std::int8_t* y, int first, int last) const {
    using namespace detail;
    if (averages_) return channels_ >= 16 ? rows<s8x16, true>(x, y, first, last) : rows<one_channel, true>(x, y, first, last);
    if (path_ == isa::avx512 && channels_ >= 64) rows<s8x64, false>(x, y, first, last);
    else if (path_ >= isa::avx2 && channels_ >= 32) rows<s8x32, false>(x, y, first, last);
    else if (channels_ >= 16) rows<s8x16, false>(x, y, first, last);
    else rows<one_channel, false>(x, y, first, last);
  }
  void run(const std::int8_t* x, std::int8_t* y) const { run(x, y, 0, window_.out.h); }
  [[nodiscard]] const window2& window() const { return window_; }

 private:
  pool_s8(isa path, const window2& w, int channels, const detail::average_end* end)
      : window_(w), end_(end ? *end : detail::average_end{}), channels_(channels), path_(path), averages_(end != nullptr) {}

  template <class Vector, bool Averages>
  void rows(const std::int8_t* x, std::int8_t* y, int first, int last) const {
    using namespace detail;
    for (int i = first; i < last; ++i)
      run_on<pool_loop<Vector, Averages>>(path_, &window_, i, channels_, x, &end_, y + std::ptrdiff_t{i} * window_.out.w * channels_);
  }

  window2 window_;
  detail::average_end end_;
  int channels_;
  isa path_;
  bool averages_;
};

}  // namespace lnn::simd
