// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <vector>

#include "conv_s8.hpp"

namespace lnn::simd {

/// One transposed convolution on images with channels innermost, prepared once.  Outputs a stride apart see the same taps of
/// the kernel and neighbouring pixels: each such set is a convolution of its own, and no product is made with a zero between
/// pixels.
class transposed_s8 {
 public:
  /// The task's window leads from the outputs (`in`) back to the inputs (`out`), without dilation; its weights are
  /// [channels_in, channels_out / groups, kernel.h, kernel.w].
  void prepare(isa path, const luna::convolution& c, const luna::requantizer& to) {
    const window2& backward = c.window;
    if (backward.dilation != extent2{1, 1}) fail("transposed convolution: its taps lie apart; use luna's kernels");
    parts_.clear();
    std::vector<std::int8_t> weight;
    const std::ptrdiff_t pixel = c.channels_out, row = pixel * backward.in.w;
    for (int top = 0; top < std::min(backward.stride.h, backward.in.h); ++top)
      for (int left = 0; left < std::min(backward.stride.w, backward.in.w); ++left) {
        const along h(top, backward.stride.h, backward.kernel.h, backward.pad.top, backward.in.h);
        const along w(left, backward.stride.w, backward.kernel.w, backward.pad.left, backward.in.w);
        luna::convolution part = c;
        part.window = {backward.out, {h.taps, w.taps}, {1, 1}, {1, 1}, {h.pad, w.pad, 0, 0}, {h.outputs, w.outputs}};
        weight.clear();
        for (int o = 0; o < c.channels_out; ++o)
          for (int k = 0; k < c.deep(); ++k)
            for (int p = 0; p < h.taps; ++p)
              for (int q = 0; q < w.taps; ++q) weight.push_back(tap(backward.kernel, c, o, k, h.tap(p), w.tap(q)));
        part.weight.data = weight.data();
        conv_s8& made = parts_.emplace_back();
        made.prepare(path, part, to);
        made.place({top * row + left * pixel, backward.stride.w * pixel, backward.stride.h * row});
      }
  }
  /// The convolutions whose outputs, those of one image, are all of it together.
  [[nodiscard]] std::span<const conv_s8> parts() const { return parts_; }
  void run(const std::int8_t* x, void* y) const {
    for (const conv_s8& part : parts_) part.run(x, y);
  }

 private:
  /// Along one axis, the outputs from `first` on, a stride apart: output number j sees pixel j + base - m through tap
  /// rest + stride * m.
  struct along {
    int rest, stride, taps, pad, outputs;
    bool none;  ///< no tap meets them: one of zeros stands there
    along(int first, int step, int kernel, int cut, int size)
        : rest((first + cut) % step), stride(step), taps(ceil_div(kernel - rest, step)), outputs((size - first + step - 1) / step), none(taps < 1) {
      if (none) taps = 1;
      pad = taps - 1 - (first + cut) / step;
    }
    /// The kernel's tap in place p of the turned one; -1 for none.
    [[nodiscard]] int tap(int p) const { return none ? -1 : rest + stride * (taps - 1 - p); }
  };
  [[nodiscard]] static std::int8_t tap(extent2 kernel, const luna::convolution& c, int o, int k, int p, int q) {
    if (p < 0 || q < 0) return 0;
    const int group = o / c.wide(), from = (group * c.deep() + k) * c.wide() + o % c.wide();
    return c.weight.as<const std::int8_t>()[(detail::at(from) * detail::at(kernel.h) + detail::at(p)) * detail::at(kernel.w) + detail::at(q)];
  }

  std::vector<conv_s8> parts_;
};

}  // namespace lnn::simd
