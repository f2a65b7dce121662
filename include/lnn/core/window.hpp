// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "algorithm.hpp"
#include "shape.hpp"

namespace lnn {

/// A window that slides over an image: the geometry of convolution and pooling, written once and walked by the
/// float, the gradient and the integer readings alike.
struct window2 {
  extent2 in{}, kernel{}, stride{}, dilation{};
  padding2 pad{};
  extent2 out{};

  /// Outputs y, y + 1, ... of one output plane meet inputs x, x + step, ... of one input plane: a stretch of a row.
  struct run {
    std::size_t y, x, n, step;
  };

  /// Number of window positions along one axis: floor((in + pads - reach) / stride) + 1, or with ceil in place of
  /// floor, where the last window must still start inside the image or its leading padding (as ONNX and PyTorch do).
  [[nodiscard]] static constexpr int positions(int in, int kernel, int stride, int pads, int dilation, bool ceil,
                                               int pad_before) {
    const long long room = 0LL + in + pads - 1LL * dilation * (kernel - 1) - 1;
    if (room < 0 || stride < 1) return 0;
    long long n = room / stride + 1;
    if (ceil && room % stride != 0 && n * stride < 0LL + in + pad_before) ++n;
    return static_cast<int>(n);
  }

  [[nodiscard]] static constexpr window2 over(extent2 in, extent2 kernel, extent2 stride, padding2 pad,
                                              extent2 dilation = {1, 1}, bool ceil = false) {
    return {in, kernel, stride, dilation, pad,
            {positions(in.h, kernel.h, stride.h, pad.top + pad.bottom, dilation.h, ceil, pad.top),
             positions(in.w, kernel.w, stride.w, pad.left + pad.right, dilation.w, ceil, pad.left)}};
  }

  [[nodiscard]] constexpr std::size_t in_size() const { return at(in.h) * at(in.w); }
  [[nodiscard]] constexpr std::size_t out_size() const { return at(out.h) * at(out.w); }
  [[nodiscard]] constexpr std::size_t taps() const { return at(kernel.h) * at(kernel.w); }

  /// True when every output sees exactly the input pixel of the same place (a 1x1 kernel that neither strides nor pads).
  [[nodiscard]] constexpr bool pointwise() const {
    return kernel == extent2{1, 1} && stride == extent2{1, 1} && pad == padding2{} && in == out;
  }
  /// True when there is one output, which sees the whole input and nothing else.
  [[nodiscard]] constexpr bool whole() const {
    return out == extent2{1, 1} && kernel == in && pad.top == 0 && pad.left == 0 && dilation == extent2{1, 1};
  }

  /// True when windows of 2 x 2 lie side by side and all within the image, as in the pooling of most networks.
  [[nodiscard]] constexpr bool quarters() const {
    return kernel == extent2{2, 2} && stride == extent2{2, 2} && pad == padding2{} && dilation == extent2{1, 1} &&
           in.h / 2 == out.h && in.w / 2 == out.w;
  }

  /// The same window for those who lay out memory by its stride: a single output never steps, however long its step is said to be.
  [[nodiscard]] constexpr window2 settled() const {
    window2 w = *this;
    if (out.h == 1) w.stride.h = 1;
    if (out.w == 1) w.stride.w = 1;
    return w;
  }

  /// Visits the runs of tap (p, q); padded taps meet no input and are left out.
  template <class Visit>
  constexpr void walk_tap(int p, int q, Visit visit) const {
    const int shift = q * dilation.w - pad.left;  // output column j reads input column j * stride + shift
    const int first = std::clamp(ceil_div(-shift, stride.w), 0, out.w);
    const int last = std::clamp(ceil_div(in.w - shift, stride.w), first, out.w);
    if (first == last) return;
    for (int i = 0; i < out.h; ++i) {
      const int row = i * stride.h - pad.top + p * dilation.h;
      if (row < 0 || row >= in.h) continue;
      visit(run{at(i) * at(out.w) + at(first), at(row) * at(in.w) + at(first * stride.w + shift), at(last - first),
                at(stride.w)});
    }
  }

  /// Visits (tap, run) for all taps in kernel order.
  template <class Visit>
  constexpr void walk(Visit visit) const {
    for (int p = 0; p < kernel.h; ++p)
      for (int q = 0; q < kernel.w; ++q)
        walk_tap(p, q, [&](const run& r) { visit(at(p * kernel.w + q), r); });
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
};

}  // namespace lnn
