// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
#include <type_traits>
#include <utility>

#include "../core/window.hpp"
#include "lane.hpp"

namespace lnn::simd::detail {

/// A rectangle of `rows` rows of `n` elements; consecutive rows lie `pitch` elements apart.
template <class T>
struct block2 {
  T* data;
  std::ptrdiff_t pitch;
};

/// Copies a rectangle whose elements lie `step` apart where they come from.  Rows of images are short: calls of memcpy
/// would cost more than they copy, so blocks of constant length are copied in line, the last one overlapping the one
/// before it.
template <class From, class To, class Step>
LNN_INLINE void copy_rows(block2<const From> from, Step step, int rows, int n, block2<To> to) {
  constexpr bool same = std::is_same_v<From, To>;
  const auto each = [&](const auto& copy) __attribute__((always_inline)) {
    for (int i = 0; i < rows; ++i, from.data += from.pitch, to.data += to.pitch) copy(from.data, to.data);
  };
  if constexpr (same && std::is_same_v<Step, std::integral_constant<std::ptrdiff_t, 1>>) {
    const auto blocks = [&](auto length) __attribute__((always_inline)) {
      each([&](const From* x, To* y) __attribute__((always_inline)) {
        for (int j = 0; j + length < n; j += length) std::memcpy(y + j, x + j, sizeof(To) * length);
        std::memcpy(y + n - length, x + n - length, sizeof(To) * length);
      });
    };
    if (n >= 16) return blocks(std::integral_constant<int, 16>{});
    if (n >= 8) return blocks(std::integral_constant<int, 8>{});
    if (n >= 4) return blocks(std::integral_constant<int, 4>{});
  } else if constexpr (same && sizeof(To) == 4 && std::is_same_v<Step, std::integral_constant<std::ptrdiff_t, 2>>) {
    const auto four = [](const From* x, To* y) __attribute__((always_inline)) {
      const u32x4 a = memory<u32x4>(x).v, b = memory<u32x4>(x + 3).v;  // no element beyond the last one is read
      memory<u32x4>(y).v = __builtin_shufflevector(a, b, 0, 2, 5, 7);
    };
    if (n >= 4)
      return each([&](const From* x, To* y) __attribute__((always_inline)) {
        for (int j = 0; j + 4 < n; j += 4) four(x + 2 * j, y + j);
        four(x + 2 * (n - 4), y + n - 4);
      });
  }
  each([&](const From* x, To* y) __attribute__((always_inline)) {
    for (int j = 0; j < n; ++j) y[j] = static_cast<To>(x[j * step]);
  });
}

/// Adds a rectangle to another.
template <class T>
LNN_INLINE void add_rows(block2<const T> from, int rows, int n, block2<T> to) {
  for (int i = 0; i < rows; ++i, from.data += from.pitch, to.data += to.pitch) {
    int j = 0;
    const auto blocks = [&](auto length) __attribute__((always_inline)) {
      for (; j + length <= n; j += length) {
        T sum[length], more[length];
        std::memcpy(sum, to.data + j, sizeof sum);
        std::memcpy(more, from.data + j, sizeof more);
        for (int k = 0; k < length; ++k) sum[k] += more[k];
        std::memcpy(to.data + j, sum, sizeof sum);
      }
    };
    blocks(std::integral_constant<int, 8>{});
    blocks(std::integral_constant<int, 4>{});
    for (; j < n; ++j) to.data[j] += from.data[j];
  }
}

/// Padded copies of one channel's planes in some images, on which a window's taps are mere offsets.  The rows and
/// columns of a plane are dealt out to stride.h x stride.w phases, each with rows of `pitch` elements, and a phase holds
/// the planes of all images one after the other.  Seen as one long row, output position i * pitch + j of image k meets
/// under a tap the element offset(tap) + k * plane_size + i * pitch + j: a strided, dilated, padded convolution of all
/// images becomes a sum of `taps` shifted rows.  Positions with j >= out.w mean nothing.
class phases {
 public:
  explicit phases(const window2& window, int images = 1)
      : window_(window.settled()),
        images_(images),
        rows_(window_.out.h + (window_.kernel.h - 1) * window_.dilation.h / window_.stride.h),
        pitch_(window_.out.w + (window_.kernel.w - 1) * window_.dilation.w / window_.stride.w) {}

  /// Elements that a vector may read behind the last one it needs.
  static constexpr int slack = 64;

  /// Elements of one image in one phase, of one phase, and of all.
  [[nodiscard]] int plane_size() const { return rows_ * pitch_; }
  [[nodiscard]] int phase_size() const { return images_ * plane_size(); }
  [[nodiscard]] int count() const { return window_.stride.h * window_.stride.w; }
  [[nodiscard]] std::size_t size() const { return at(phase_size()) * at(count()); }
  /// Output positions, from the first output to the last.
  [[nodiscard]] int length() const { return (images_ - 1) * plane_size() + (window_.out.h - 1) * pitch_ + window_.out.w; }

  [[nodiscard]] int phase_of(int p, int q) const {
    return p * window_.dilation.h % window_.stride.h * window_.stride.w + q * window_.dilation.w % window_.stride.w;
  }
  [[nodiscard]] int offset_in_phase(int p, int q) const {
    return p * window_.dilation.h / window_.stride.h * pitch_ + q * window_.dilation.w / window_.stride.w;
  }
  [[nodiscard]] std::ptrdiff_t offset(int p, int q) const {
    return std::ptrdiff_t{phase_of(p, q)} * phase_size() + offset_in_phase(p, q);
  }

  /// The padded copies; size() + slack elements.  Images lie `step` elements apart.
  template <class From, class To>
  void fill(const From* image, std::ptrdiff_t step, To* plane) const {
    std::fill_n(plane, size() + at(slack), To{});
    walk(image, step, plane, [&](block2<const From> from, int rows, int n, block2<To> to) __attribute__((always_inline)) {
      if (window_.stride.w == 1) copy_rows(from, one, rows, n, to);
      else if (window_.stride.w == 2) copy_rows(from, std::integral_constant<std::ptrdiff_t, 2>{}, rows, n, to);
      else copy_rows(from, std::ptrdiff_t{window_.stride.w}, rows, n, to);
    });
  }

  /// The adjoint of fill: adds every element to the pixel that it came from.
  template <class T>
  void add_back(const T* plane, T* image, std::ptrdiff_t step) const {
    walk(image, step, plane, [&](block2<T> to, int rows, int n, block2<const T> from) __attribute__((always_inline)) {
      if (window_.stride.w == 1) return add_rows(from, rows, n, to);
      for (int i = 0; i < rows; ++i, from.data += from.pitch, to.data += to.pitch)
        for (int j = 0; j < n; ++j) to.data[std::ptrdiff_t{j} * window_.stride.w] += from.data[j];
    });
  }

  /// Output planes, `step` elements apart, spread to rows of `pitch`, zeros between them; writes phase_size() elements.
  template <class T>
  void spread(const T* out, std::ptrdiff_t step, T* row) const {
    std::fill_n(row, phase_size(), T{});
    for (int k = 0; k < images_; ++k, out += step, row += plane_size())
      copy_rows(block2<const T>{out, window_.out.w}, one, window_.out.h, window_.out.w, block2<T>{row, pitch_});
  }
  template <class T>
  void gather(const T* row, T* out, std::ptrdiff_t step) const {
    for (int k = 0; k < images_; ++k, out += step, row += plane_size())
      copy_rows(block2<const T>{row, pitch_}, one, window_.out.h, window_.out.w, block2<T>{out, window_.out.w});
  }
  /// The adjoint of gather: adds planes of outputs, without gaps, to the positions they were gathered from.
  template <class T>
  void add_spread(const T* out, std::ptrdiff_t step, T* row) const {
    for (int k = 0; k < images_; ++k, out += step, row += plane_size())
      add_rows(block2<const T>{out, window_.out.w}, window_.out.h, window_.out.w, block2<T>{row, pitch_});
  }

 private:
  static constexpr std::integral_constant<std::ptrdiff_t, 1> one{};

  /// Calls block(pixels, rows, columns, their copies) for every phase of every image; pixels of a row lie stride.w apart.
  template <class Pixel, class Copy, class Block>
  void walk(Pixel* image, std::ptrdiff_t step, Copy* plane, const Block& block) const {
    const window2& w = window_;
    // row i of phase a is row i * stride + a - pad of the image; columns alike
    const auto stretch = [](int phase, int pad, int stride, int in, int most) {
      const int first = std::clamp(ceil_div(pad - phase, stride), 0, most);
      return std::pair{first, std::clamp(ceil_div(in + pad - phase, stride), first, most)};
    };
    for (int a = 0; a < w.stride.h; ++a)
      for (int b = 0; b < w.stride.w; ++b) {
        const auto [top, bottom] = stretch(a, w.pad.top, w.stride.h, w.in.h, rows_);
        const auto [left, right] = stretch(b, w.pad.left, w.stride.w, w.in.w, pitch_);
        if (top == bottom || left == right) {
          plane += phase_size();
          continue;
        }
        const std::ptrdiff_t pixel = std::ptrdiff_t{top * w.stride.h + a - w.pad.top} * w.in.w + left * w.stride.w + b - w.pad.left;
        for (int k = 0; k < images_; ++k, plane += plane_size())
          block({image + k * step + pixel, std::ptrdiff_t{w.stride.h} * w.in.w}, bottom - top, right - left,
                {plane + std::ptrdiff_t{top} * pitch_ + left, pitch_});
      }
  }

  window2 window_;
  int images_, rows_, pitch_;
};

}  // namespace lnn::simd::detail
