// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "../core/algorithm.hpp"
#include "../core/window.hpp"
#include "dispatch.hpp"
#include "lane.hpp"

namespace lnn::simd::detail {

#if LNN_X86
/// n bytes with their sign bits turned, x + 128; may write up to 63 bytes more.
LNN_AVX512 inline void copy_unsigned(const std::int8_t* x, std::ptrdiff_t n, std::uint8_t* y) {
  constexpr u32x16 sign = 0x80808080U - u32x16{};
  std::ptrdiff_t i = 0;
  for (; i + 64 <= n; i += 64) {
    const u32x16 v = memory<u32x16>(x + i).v;
    memory<u32x16>(y + i).v = v ^ sign;
  }
  if (i < n) {
    u32x16 v;
    asm("vmovdqu8 %1, %0%{%2%}%{z%}" : "=v"(v) : "m"(memory<u32x16>(x + i)), "Yk"(~std::uint64_t{0} >> (64 - (n - i))));
    memory<u32x16>(y + i).v = v ^ sign;
  }
}
LNN_AVX512 inline void fill_unsigned(std::ptrdiff_t n, std::uint8_t* y) {
  for (std::ptrdiff_t i = 0; i < n; i += 64) memory<u32x16>(y + i).v = 0x80808080U - u32x16{};
}
#endif

struct widen_loop {
  LNN_INLINE static void run(std::ptrdiff_t n, const std::int8_t* x, std::int16_t* y) {
    std::ptrdiff_t i = 0;
    for (; i + 16 <= n; i += 16)
      for (int j = 0; j < 16; ++j) y[i + j] = x[i + j];
    for (; i < n; ++i) y[i] = x[i];
  }
};

/// n inputs as the tiles read them, and n zeros; 63 bytes behind them may be written.
inline void copy_inputs(isa path, const std::int8_t* x, std::ptrdiff_t n, std::uint8_t* y) {
#if LNN_X86
  if (path == isa::avx512) return copy_unsigned(x, n, y);
#endif
  if (group_of(path) == 4) std::memcpy(y, x, at(n));
  else run_on<widen_loop>(path, n, x, reinterpret_cast<std::int16_t*>(y));
}
inline void copy_zeros(isa path, std::ptrdiff_t n, std::uint8_t* y) {
#if LNN_X86
  if (path == isa::avx512) return fill_unsigned(n, y);
#endif
  std::memset(y, 0, at(4 / group_of(path) * n));
}

struct inputs_for_tiles;

/// Copies of some rows of an image with channels innermost, padding around them, in the form that a path's products read:
/// x + 128 as unsigned bytes for avx512, bytes for neon, 16-bit numbers for the others.  A window's taps are mere offsets in it.
class padded_rows {
 public:
  padded_rows() = default;
  padded_rows(isa path, const window2& window, int channels)
      : window_(window.settled()),
        path_(path),
        channels_(channels),
        // as wide as the last window reaches
        columns_(std::max(window.pad.left + window.in.w, (window.out.w - 1) * window.stride.w + (window.kernel.w - 1) * window.dilation.w + 1)),
        pixel_(channels * (4 / group_of(path))) {}

  /// Bytes of a pixel, from output to output in a row, and from one row of outputs to the next.
  [[nodiscard]] std::ptrdiff_t pixel() const { return pixel_; }
  [[nodiscard]] std::ptrdiff_t step() const { return window_.stride.w * pixel_; }
  [[nodiscard]] std::ptrdiff_t row_step() const { return window_.stride.h * columns_ * pixel_; }
  /// From the first pixel of a window to tap (p, q).
  [[nodiscard]] std::ptrdiff_t offset(int p, int q) const {
    return (std::ptrdiff_t{p} * window_.dilation.h * columns_ + q * window_.dilation.w) * pixel_;
  }

  /// Calls use(copy, first, rows) for bands of output rows [from, to) whose inputs stay in the second cache.  Behind the last
  /// row 32 outputs more and a vector may be read.
  template <class Use>
  void in_bands(const std::int8_t* x, int from, int to, const Use& use) const {
    const int reach = (window_.kernel.h - 1) * window_.dilation.h + 1, stride = window_.stride.h;
    const std::ptrdiff_t row = columns_ * pixel_;
    const int most = std::clamp(static_cast<int>((most_bytes / row - reach) / stride + 1), 1, std::max(to - from, 1));
    auto* copy = scratch<inputs_for_tiles, std::uint8_t>(at(((most - 1) * stride + reach) * row + 32 * step() + 128));
    for (int first = from; first < to; first += most) {
      const int rows = std::min(most, to - first);
      copy_rows(x, first * stride - window_.pad.top, (rows - 1) * stride + reach, copy);
      use(static_cast<const std::uint8_t*>(copy), first, rows);
    }
  }

 private:
  static constexpr std::ptrdiff_t most_bytes = 256 * 1024;

  void copy_rows(const std::int8_t* x, int first, int rows, std::uint8_t* to) const {
    const int left = std::max(window_.pad.left, 0), cut = std::max(-window_.pad.left, 0);  // pixels in front, or of the row that are left out
    const int inside = std::max(std::min(window_.in.w - cut, columns_ - left), 0), right = columns_ - left - inside;
    const std::ptrdiff_t channels = channels_;
    for (int i = first; i < first + rows; ++i, to += columns_ * pixel_) {
      if (i < 0 || i >= window_.in.h) {
        copy_zeros(path_, columns_ * channels, to);
        continue;
      }
      copy_zeros(path_, left * channels, to);
      copy_inputs(path_, x + (i * window_.in.w + cut) * channels, inside * channels, to + left * pixel_);
      copy_zeros(path_, right * channels, to + (left + inside) * pixel_);
    }
  }

  window2 window_{};
  isa path_ = isa::portable;
  int channels_ = 0, columns_ = 0;
  std::ptrdiff_t pixel_ = 0;
};

}  // namespace lnn::simd::detail
