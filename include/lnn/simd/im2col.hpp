// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "phases.hpp"

namespace lnn::simd {

namespace detail {
template <class T>
struct plane_of_columns;
}

/// Writes an image as the matrix whose product with weights [outputs][channels * taps] is their convolution:
/// columns[(channel * taps + tap) * out_size + output] = the input that `output` meets under `tap`, 0 where it meets
/// padding.  `image` is [channels][in.h][in.w].  Of several images, `step` elements apart, the outputs of each follow those
/// of the one before it, in rows of images * out_size.
template <class From, class To>
void im2col(const window2& window, int channels, const From* image, To* columns, int images = 1, std::ptrdiff_t step = 0) {
  const detail::phases cut(window, images);
  const auto outputs = static_cast<std::ptrdiff_t>(window.out_size());
  To* plane = detail::scratch<detail::plane_of_columns<To>, To>(cut.size() + detail::at(detail::phases::slack));
  for (int c = 0; c < channels; ++c, image += window.in_size()) {
    cut.fill(image, step, plane);
    for (int p = 0; p < window.kernel.h; ++p)
      for (int q = 0; q < window.kernel.w; ++q, columns += images * outputs) cut.gather(plane + cut.offset(p, q), columns, outputs);
  }
}

/// The adjoint of im2col: adds every column entry to the input it came from.
template <class T>
void col2im(const window2& window, int channels, const T* columns, T* image, int images = 1, std::ptrdiff_t step = 0) {
  const detail::phases cut(window, images);
  const auto outputs = static_cast<std::ptrdiff_t>(window.out_size());
  T* plane = detail::scratch<detail::plane_of_columns<T>, T>(cut.size() + detail::at(detail::phases::slack));
  for (int c = 0; c < channels; ++c, image += window.in_size()) {
    std::fill_n(plane, cut.size(), T{});
    for (int p = 0; p < window.kernel.h; ++p)
      for (int q = 0; q < window.kernel.w; ++q, columns += images * outputs) cut.add_spread(columns, outputs, plane + cut.offset(p, q));
    cut.add_back(plane, image, step);
  }
}

}  // namespace lnn::simd
