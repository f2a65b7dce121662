// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/shape.hpp"
#include "common.hpp"

namespace lnn::limit {

/// An image with the window that slides over it, as the packer lays it out.
struct layout {
  long long h = 1, w = 1;
  extent2 kernel{}, stride{};
  padding2 pad{};
  long long out_h = 0, out_w = 0;
  bool turned = false;  ///< the packer transposes the image, the window with it

  /// On its side.
  [[nodiscard]] constexpr layout turn() const {
    return {
        w,     h,      {kernel.w, kernel.h}, {stride.w, stride.h}, {pad.left, pad.top, pad.right, pad.bottom}, out_w,
        out_h, !turned};
  }
  /// Bytes of one line across the image: channels by the width, rounded up to a multiple of the stride.
  [[nodiscard]] constexpr long long line(long long channels, int multiple) const {
    return channels * align_up(w, static_cast<long long>(multiple) * stride.w);
  }
  /// Bytes of as many lines as the kernel is high.
  [[nodiscard]] constexpr long long strip(long long channels, int multiple) const {
    return line(channels, multiple) * kernel.h;
  }
  /// What the layout pass compares with the data buffer.
  [[nodiscard]] constexpr long long row(long long channels) const { return strip(channels, 8); }
};

[[nodiscard]] constexpr long long positions(long long in, int kernel, int stride, int pads, int dilation = 1) {
  return floor_div(in + pads - static_cast<long long>(dilation) * (kernel - 1) - 1, stride) + 1;
}

/// The packer takes the image as it is when a row fits, else on its side when a column fits, else not at all.
constexpr layout lay_out(const layout& upright, long long channels, long long limit) {
  return upright.row(channels) > limit && upright.turn().row(channels) <= limit ? upright.turn() : upright;
}

/// Into how many equally high parts, `least` or more, an image must be cut so that each fits; 0: there is no such number,
/// and the engine would work with a wrong one.  `reach`: rows that a window covers.
[[nodiscard]] constexpr long long equal_parts(const layout& at, long long reach, long long line, long long limit, long long least = 1) {
  const long long most = at.h < at.out_h ? at.h : at.out_h;
  for (long long n = least; n <= most; ++n)
    if (at.out_h % n == 0 && (at.out_h * at.stride.h / n + reach - at.stride.h) * line <= limit) return n;
  return 0;
}

constexpr void check_window(const extent2& kernel, const extent2& stride, const padding2& pad,
                            const rule& kernel_below_stride, const rule& pad_above_kernel, verdict& found) {
  found.at_least(kernel_below_stride, kernel.h, stride.h);
  found.at_least(kernel_below_stride, kernel.w, stride.w);
  found.at_most(pad_above_kernel, pad.top > pad.bottom ? pad.top : pad.bottom, kernel.h);
  found.at_most(pad_above_kernel, pad.left > pad.right ? pad.left : pad.right, kernel.w);
}

[[nodiscard]] constexpr int greatest(const padding2& p) {
  const int across = p.left > p.right ? p.left : p.right, along = p.top > p.bottom ? p.top : p.bottom;
  return across > along ? across : along;
}
[[nodiscard]] constexpr int least(const padding2& p) {
  const int across = p.left < p.right ? p.left : p.right, along = p.top < p.bottom ? p.top : p.bottom;
  return across < along ? across : along;
}

/// The two-dimensional attributes; false when their number is not that of an image or a size cannot be computed.
constexpr bool read_window(const facts& f, extent2& kernel, extent2& stride, padding2& pad) {
  if (f.kernel.size() != 2 || f.stride.size() != 2 || f.pad.size() != 4) return false;
  kernel = {f.kernel[0], f.kernel[1]};
  stride = {f.stride[0], f.stride[1]};
  pad = {f.pad[0], f.pad[1], f.pad[2], f.pad[3]};
  return true;
}

}  // namespace lnn::limit
