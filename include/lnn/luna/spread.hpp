// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/algorithm.hpp"
#include "task.hpp"

namespace lnn::luna {

// A transposed convolution as the engines compute it (luna_ops.md 2.1.1, 2.1.2): a convolution with stride 1
// of the input whose pixels lie a stride apart, zeros between them, by kernels turned by 180 degrees.

/// Extents of an image that is spread so.
[[nodiscard]] constexpr extent2 spread(extent2 in, extent2 stride) {
  return {(in.h - 1) * stride.h + 1, (in.w - 1) * stride.w + 1};
}

/// The window over the spread image whose outputs are those of a transposed convolution; `backward` is its
/// adjoint, which leads from those outputs (`in`) back to the inputs (`out`).
[[nodiscard]] constexpr window2 transposed(const window2& backward) {
  const auto &k = backward.kernel, &d = backward.dilation;
  const auto& p = backward.pad;
  return {.in = spread(backward.out, backward.stride),
          .kernel = k,
          .stride = {1, 1},
          .dilation = d,
          .pad = {d.h * (k.h - 1) - p.top, d.w * (k.w - 1) - p.left, 0, 0},  // behind, `out` is told instead
          .out = backward.in};
}

/// Spreads one plane.
template <class T>
void spread_plane(extent2 in, extent2 stride, const T* x, T* to) {
  const extent2 wide = spread(in, stride);
  std::fill_n(to, static_cast<std::ptrdiff_t>(wide.h) * wide.w, T{});
  for (int i = 0; i < in.h; ++i)
    for (int j = 0; j < in.w; ++j)
      to[static_cast<std::ptrdiff_t>(i * stride.h) * wide.w + j * stride.w] =
          x[static_cast<std::ptrdiff_t>(i) * in.w + j];
}

/// Weights [in, out / groups, taps] as [out, in / groups, taps], every kernel turned by 180 degrees: within a
/// group, kernel (k, o) becomes (o, k).
template <class T>
void turn_kernels(int groups, int deep, int wide, int taps, const T* weight, T* to) {
  const std::ptrdiff_t all = taps;
  for (int g = 0; g < groups; ++g, weight += deep * wide * all)
    for (int o = 0; o < wide; ++o)
      for (int k = 0; k < deep; ++k, to += all) {
        const T* from = weight + (k * wide + o) * all;
        std::reverse_copy(from, from + all, to);
      }
}

}  // namespace lnn::luna
