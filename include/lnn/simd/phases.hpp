// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
#include <type_traits>

#include "../core/window.hpp"
#include "lane.hpp"

namespace lnn::simd::detail {

/// A padded copy of an image plane on which a window's taps are mere offsets.  The rows and columns are dealt
/// out to stride.h x stride.w phases, each a plane with rows of `pitch` elements.  Seen as one long row,
/// output position i * pitch + j meets under a tap the element tap offset + i * pitch + j: a strided,
/// dilated, padded convolution becomes a sum of `taps` shifted rows.  Positions with j >= out.w mean nothing.
class phases {
 public:
  explicit phases(const window2& window)
      : window_(window),
        rows_(window.out.h + (window.kernel.h - 1) * window.dilation.h / window.stride.h),
        pitch_(window.out.w + (window.kernel.w - 1) * window.dilation.w / window.stride.w) {}

  /// Elements that a vector may read behind the last one it needs.
  static constexpr int slack = 64;

  [[nodiscard]] int pitch() const { return pitch_; }
  /// Elements of one phase, and of all.
  [[nodiscard]] int phase_size() const { return rows_ * pitch_; }
  [[nodiscard]] int count() const { return window_.stride.h * window_.stride.w; }
  [[nodiscard]] std::size_t size() const { return at(phase_size()) * at(count()); }
  /// Output positions, from the first output to the last.
  [[nodiscard]] int length() const { return (window_.out.h - 1) * pitch_ + window_.out.w; }

  [[nodiscard]] int phase_of(int p, int q) const {
    return p * window_.dilation.h % window_.stride.h * window_.stride.w +
           q * window_.dilation.w % window_.stride.w;
  }
  [[nodiscard]] int offset_in_phase(int p, int q) const {
    return p * window_.dilation.h / window_.stride.h * pitch_ + q * window_.dilation.w / window_.stride.w;
  }

  /// The padded copy, phase after phase; size() + slack elements.
  template <class From, class To>
  void fill(const From* image, To* plane) const {
    To* end = plane;
    walk([&](std::ptrdiff_t x, int before, int n) {
      end = std::fill_n(end, before, To{});
      if (n > 0) end = copy(image + x, n, end);
    });
    std::fill_n(end, slack, To{});
  }

  /// The adjoint of fill: adds every element to the pixel that it came from.
  template <class T>
  void add_back(const T* plane, T* image) const {
    walk([&](std::ptrdiff_t x, int before, int n) {
      plane += before;
      if (window_.stride.w == 1)
        for (int j = 0; j < n; ++j) image[x + j] += plane[j];
      else
        for (int j = 0; j < n; ++j) image[x + std::ptrdiff_t{j} * window_.stride.w] += plane[j];
      plane += n;
    });
  }

  /// An output plane with rows of out.w elements spread to rows of `pitch`, zeros between them; writes
  /// length() elements.
  template <class T>
  void spread(const T* out, T* row) const {
    for (int i = 0; i < window_.out.h; ++i, out += window_.out.w) {
      row = std::copy_n(out, window_.out.w, row);
      if (i + 1 < window_.out.h) row = std::fill_n(row, pitch_ - window_.out.w, T{});
    }
  }
  template <class T>
  void gather(const T* row, T* out) const {
    for (int i = 0; i < window_.out.h; ++i, row += pitch_, out += window_.out.w)
      std::memcpy(out, row, at(window_.out.w) * sizeof(T));
  }

 private:
  /// Calls stretch(first pixel, zeros before it, pixels), in the order of the copy; ends with zeros alone.
  template <class Stretch>
  void walk(const Stretch& stretch) const {
    const window2& w = window_;
    int zeros = 0;
    for (int a = 0; a < w.stride.h; ++a)
      for (int b = 0; b < w.stride.w; ++b) {
        const int shift = b - w.pad.left;  // column j of the phase is column j * stride + shift of the image
        const int first = std::clamp(ceil_div(-shift, w.stride.w), 0, pitch_);
        const int last = std::clamp(ceil_div(w.in.w - shift, w.stride.w), first, pitch_);
        for (int i = 0; i < rows_; ++i) {
          const int y = i * w.stride.h + a - w.pad.top;
          if (y < 0 || y >= w.in.h || first == last) {
            zeros += pitch_;
            continue;
          }
          stretch(std::ptrdiff_t{y} * w.in.w + std::ptrdiff_t{first} * w.stride.w + shift, zeros + first,
                  last - first);
          zeros = pitch_ - last;
        }
      }
    stretch(0, zeros, 0);
  }
  template <class From, class To>
  To* copy(const From* from, int n, To* to) const {
    const auto run = [&](std::ptrdiff_t step) {
      for (int j = 0; j < n; ++j) to[j] = from[j * step];
    };
    if constexpr (std::is_same_v<From, To>) {
      if (window_.stride.w == 1)
        std::memcpy(to, from, at(n) * sizeof(To));
      else
        run(window_.stride.w);
    } else if (window_.stride.w == 1) {
      run(1);
    } else {
      run(window_.stride.w);
    }
    return to + n;
  }

  window2 window_;
  int rows_, pitch_;
};

}  // namespace lnn::simd::detail
