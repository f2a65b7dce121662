// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
#include <type_traits>

#include "../core/window.hpp"
#include "lane.hpp"

namespace lnn::simd {

/// Writes an image as the matrix whose product with weights [outputs][channels * taps] is their convolution:
/// columns[(channel * taps + tap) * out_size + output] = scale * (the input that `output` meets under `tap`),
/// 0 where it meets padding.  `image` is [channels][in.h][in.w].  `scale` applies when integers become
/// floating-point numbers.
template <class From, class To>
void im2col(const window2& window, int channels, const From* image, To* columns, To scale = To{1}) {
  const std::size_t out = window.out_size(), in = window.in_size();
  for (int c = 0; c < channels; ++c, image += in)
    for (int p = 0; p < window.kernel.h; ++p)
      for (int q = 0; q < window.kernel.w; ++q, columns += out) {
        std::size_t filled = 0;  // outputs up to here are written
        window.walk_tap(p, q, [&](const window2::run& r) {
          for (; filled < r.y; ++filled) columns[filled] = To{};
          const From* from = image + r.x;
          To* to = columns + r.y;
          filled = r.y + r.n;
          const auto copy = [&](std::size_t step) {
            for (std::size_t j = 0; j < r.n; ++j)
              if constexpr (std::is_same_v<From, To>)
                to[j] = from[j * step];
              else
                to[j] = static_cast<To>(from[j * step]) * scale;
          };
          if constexpr (std::is_same_v<From, To>)
            if (r.step == 1) return void(std::memcpy(to, from, r.n * sizeof(To)));
          if (r.step == 1)
            copy(1);
          else if (r.step == 2)
            copy(2);
          else
            copy(r.step);
        });
        for (; filled < out; ++filled) columns[filled] = To{};
      }
}

/// The adjoint of im2col: adds every column entry to the input it came from; `image` is
/// [channels][in.h][in.w].
template <class T>
void col2im(const window2& window, int channels, const T* columns, T* image) {
  const std::size_t out = window.out_size(), in = window.in_size();
  for (int c = 0; c < channels; ++c, image += in)
    window.walk([&](std::size_t tap, const window2::run& r) {
      const T* from = columns + (static_cast<std::size_t>(c) * window.taps() + tap) * out + r.y;
      T* to = image + r.x;
      if (r.step == 1)
        for (std::size_t j = 0; j < r.n; ++j) to[j] += from[j];
      else
        for (std::size_t j = 0; j < r.n; ++j) to[j * r.step] += from[j];
    });
}

}  // namespace lnn::simd
