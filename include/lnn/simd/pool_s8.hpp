// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>

#include "../core/algorithm.hpp"
#include "../core/maths.hpp"
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
/// windows have, one 32-bit product does what the chips do in 64 bits or in two steps: found and proved for every sum.  For
/// most of them the upper half of a 16-bit product does as well: floor((U + offset) * scale / 2^16) - 128, where
/// U = S + 128 * taps is the sum of unsigned bytes.
struct average_end {
  std::int32_t low = 0, high = 0;  ///< what the chip keeps of a sum
  std::int32_t factor = 0, half = 0;
  int shift = -1, taps = 0;
  std::uint16_t scale = 0, offset = 0;  ///< scale 0: 16 bits do not

  average_end() = default;
  average_end(int area, int window, int q_x, int q_o, int sum_bits) : taps(window) {
    const std::int64_t least = -128LL * taps, most = 127LL * taps;
    if (most > 1 << 20) return;  // too many sums to prove anything for
    low = static_cast<std::int32_t>(std::max(least, integer_range::of(sum_bits).low));
    high = static_cast<std::int32_t>(std::min(most, integer_range::of(sum_bits).high));
    for (int k = 24; k >= 0 && shift < 0; --k) {
      const double wanted = maths::ldexp(1.0 / area, k + q_o - q_x);
      if (wanted * static_cast<double>(-least) > 1e9) continue;
      factor = static_cast<std::int32_t>(wanted + 0.5), half = k > 0 ? 1 << (k - 1) : 0;
      shift = k;
      for (std::int64_t sum = least; sum <= most && shift >= 0; ++sum)
        if (of(static_cast<std::int32_t>(sum)) != saturate<std::int8_t>(luna::average(sum, area, q_x, q_o, sum_bits))) shift = -1;
    }
    if (shift < 0 || taps > 254) return;
    const double slope = maths::ldexp(65536.0 / area, q_o - q_x);  // of 128 + S / area * 2^(q_o - q_x) + 1/2
    for (int up = 0; up < 2 && scale == 0; ++up) {
      const double steep = maths::floor(slope) + up, constant = steep > 0 ? maths::floor(128.5 * 65536 / steep) - 128 * taps : -1;
      if (steep < 1 || steep > 65535 || constant < 0 || constant > 65535 - 255 * taps) continue;
      scale = static_cast<std::uint16_t>(steep), offset = static_cast<std::uint16_t>(constant);
      for (std::int64_t sum = least; sum <= most && scale != 0; ++sum)
        if (((sum - least + offset) * scale >> 16) - 128 != of(static_cast<std::int32_t>(sum))) scale = 0;
    }
  }
  [[nodiscard]] bool possible() const { return shift >= 0; }
  [[nodiscard]] std::int8_t of(std::int32_t sum) const {
    return saturate<std::int8_t>((std::int64_t{std::clamp(sum, low, high)} * factor + half) >> shift);
  }
};

using s8x32 = std::int8_t __attribute__((vector_size(32)));
using s8x64 = std::int8_t __attribute__((vector_size(64)));

/// A vector of bytes as one of wider numbers.
template <class Vector>
struct lanes_of_bytes;
template <>
struct lanes_of_bytes<s8x16> {
  using halves = std::uint16_t __attribute__((vector_size(16)));
  using words = u32x4;
  using numbers = s32x4;
};
template <>
struct lanes_of_bytes<s8x32> {
  using halves = std::uint16_t __attribute__((vector_size(32)));
  using words = u32x8;
  using numbers = s32x8;
};
template <>
struct lanes_of_bytes<s8x64> {
  using halves = std::uint16_t __attribute__((vector_size(64)));
  using words = u32x16;
  using numbers = s32x16;
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
  /// Bytes are summed up in pairs of 16 bits: the upper ones, and both, of which the lower ones are what remains.  As unsigned
  /// numbers, x + 128, up to 255 of them fit.  No element changes its place in the vector before the end.
  LNN_INLINE static void averages(const pool_window& w, std::size_t channels, const average_end& end, std::int8_t* y) {
    using halves = typename lanes_of_bytes<Vector>::halves;
    using words = typename lanes_of_bytes<Vector>::words;
    over_blocks<sizeof(Vector)>(channels, [&](std::size_t k) __attribute__((always_inline)) {
      constexpr halves sign = 0x8080 - halves{};
      halves both{}, upper{};
      words sums[4]{};  // of the bytes of every 32-bit lane
      int n = 0, all = 0;
      const auto flush = [&]() __attribute__((always_inline)) {
        const auto lower = reinterpret_cast<words>(both - (upper << 8)), high = reinterpret_cast<words>(upper);
        sums[0] += lower & 0xffff, sums[1] += high & 0xffff, sums[2] += lower >> 16, sums[3] += high >> 16;
        both = upper = halves{};
        all += n, n = 0;
      };
      taps(w, k, [&](const std::int8_t* x) __attribute__((always_inline)) {
        const halves v = memory<halves>(x).v ^ sign;
        both += v;
        upper += v >> 8;
        ++n;
        if constexpr (Rows == 0)
          if (n == 255) flush();
      });
      if (end.scale != 0) {  // no window so large has been flushed
        const halves offset = static_cast<std::uint16_t>(end.offset + 128 * (end.taps - n)) - halves{};
        const words scale = end.scale - words{}, even = reinterpret_cast<words>(both - (upper << 8) + offset), odd = reinterpret_cast<words>(upper + offset);
        const words bytes = ((even & 0xffff) * scale >> 16) | ((odd & 0xffff) * scale >> 8 & 0xff00) | ((even >> 16) * scale & 0xff0000) |
                            ((odd >> 16) * scale << 8 & 0xff000000);
        memory<words>(y + k).v = bytes ^ 0x80808080;
        return;
      }
      flush();
      words bytes{};
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        using numbers = typename lanes_of_bytes<Vector>::numbers;
        numbers v = reinterpret_cast<numbers>(sums[i]) - 128 * all;
        if constexpr (Rows == 0) {  // few bytes stay where no chip clamps
          v = v < end.low ? end.low - numbers{} : v;
          v = v > end.high ? end.high - numbers{} : v;
        }
        v = (v * end.factor + end.half) >> end.shift;
        v = v < -128 ? -128 - numbers{} : v;
        v = v > 127 ? 127 - numbers{} : v;
        bytes |= (reinterpret_cast<words>(v) & 0xff) << (8 * i);
      }
      memory<words>(y + k).v = bytes;
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
    const std::ptrdiff_t pixel = channels, row = pixel * w->in.w;
    pool_window there{.x = x, .row = row, .pixel = pixel, .rows = std::min(w->kernel.h, w->in.h - top) - above, .columns = 0};
    // outputs whose windows lie between the image's sides, if any
    const int inner = ceil_div(w->pad.left, w->stride.w), outer = (w->in.w + w->pad.left - w->kernel.w) / w->stride.w;
    for (int j = 0; j < w->out.w;) {
      const int left = j * w->stride.w - w->pad.left, before = std::max(-left, 0);
      there.x = x + (top + above) * row + (left + before) * pixel;
      there.columns = std::min(w->kernel.w, w->in.w - left) - before;
      const int last = j >= inner ? std::clamp(outer + 1, j + 1, w->out.w) : j + 1;
      for (; j < last; ++j, y += deep, there.x += w->stride.w * pixel)
        if (there.rows == 2 && there.columns == 2) one<2, 2>(there, deep, *end, y);
        else if (there.rows == 3 && there.columns == 3) one<3, 3>(there, deep, *end, y);
        else one<0, 0>(there, deep, *end, y);
    }
  }
};

}  // namespace detail

/// Pooling of int8 images with channels innermost: luna::max_pixels, or luna::average of luna::sum_pixels with one divisor for
/// all outputs, bit for bit.  Windows have no dilation.
class pool_s8 {
 public:
  static pool_s8 greatest(isa path, const window2& w, int channels) { return {path, w, channels, nullptr}; }
  static pool_s8 average(isa path, const window2& w, int channels, const detail::average_end& end) { return {path, w, channels, &end}; }

  /// Rows [first, last) of the outputs of one image.
  void run(const std::int8_t* x, std::int8_t* y, int first, int last) const {
    if (averages_) widest<true>(x, y, first, last);
    else widest<false>(x, y, first, last);
  }
  void run(const std::int8_t* x, std::int8_t* y) const { run(x, y, 0, window_.out.h); }
  [[nodiscard]] const window2& window() const { return window_; }

 private:
  pool_s8(isa path, const window2& w, int channels, const detail::average_end* end)
      : window_(w), end_(end ? *end : detail::average_end{}), channels_(channels), path_(path), averages_(end != nullptr) {}

  template <bool Averages>
  void widest(const std::int8_t* x, std::int8_t* y, int first, int last) const {
    using namespace detail;
    constexpr bool ordered = std::endian::native == std::endian::little;  // the first byte of a word is its lowest one
    if (path_ == isa::avx512 && channels_ >= 64) rows<isa::avx512, s8x64, Averages>(x, y, first, last);
    else if (path_ >= isa::avx2 && channels_ >= 32) rows<isa::avx2, s8x32, Averages>(x, y, first, last);
    else if (path_ >= isa::avx2 && channels_ >= 16) rows<isa::avx2, s8x16, Averages>(x, y, first, last);
    else if (channels_ >= 16 && ordered) rows<isa::portable, s8x16, Averages>(x, y, first, last);
    else rows<isa::portable, one_channel, Averages>(x, y, first, last);
  }
  template <isa At, class Vector, bool Averages>
  void rows(const std::int8_t* x, std::int8_t* y, int first, int last) const {
    using namespace detail;
    for (int i = first; i < last; ++i)
      run_at<At, pool_loop<Vector, Averages>>(&window_, i, channels_, x, &end_, y + std::ptrdiff_t{i} * window_.out.w * channels_);
  }

  window2 window_;
  detail::average_end end_;
  int channels_;
  isa path_;
  bool averages_;
};

}  // namespace lnn::simd
