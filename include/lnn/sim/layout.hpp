// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/algorithm.hpp"
#include "../tensor/integer_view.hpp"

namespace lnn::sim {

/// How the elements of a tensor of shape [n, c, rows, columns] lie: in that order, or with the channels innermost, as the fast
/// convolutions read and write them.  Its shape says [n, c, rows, columns] all the same.
enum class layout : unsigned char { channels_first, channels_last };

/// True where both layouts are the same bytes.
[[nodiscard]] inline bool same_either_way(const shape& dims) {
  return dims.rank() < 3 || dims[1] == 1 || dims.span(2, dims.rank()) == 1;
}

namespace detail {

/// Writes every image x [rows][columns] as y [columns][rows], in blocks that stay in the cache.
template <class T>
void turn(std::size_t images, std::size_t rows, std::size_t columns, const T* x, T* y) {
  constexpr std::size_t block = 16;
  for (std::size_t n = 0; n < images; ++n, x += rows * columns, y += rows * columns)
    for (std::size_t r0 = 0; r0 < rows; r0 += block)
      for (std::size_t c0 = 0; c0 < columns; c0 += block)
        for (std::size_t c = c0; c < std::min(columns, c0 + block); ++c)
          for (std::size_t r = r0; r < std::min(rows, r0 + block); ++r) y[c * rows + r] = x[r * columns + c];
}

}  // namespace detail

/// Bytes between the first element of a tensor and its end; four-bit elements lie one in a byte.
[[nodiscard]] inline std::size_t extent_of(const integer_view& v) { return v.type == dtype::int4 ? v.size() : bytes_of(v.type, v.size()); }

/// Copies the elements of a tensor from its other layout to layout `to`.
inline void rearrange(const integer_view& from, layout to, void* elements) {
  const auto images = static_cast<std::size_t>(from.dims[0]), channels = static_cast<std::size_t>(from.dims[1]);
  const std::size_t pixels = from.dims.span(2, from.dims.rank());
  with_element(from.type, [&](auto element) {
    using T = decltype(element);
    if (to == layout::channels_last) detail::turn(images, channels, pixels, from.as<const T>(), static_cast<T*>(elements));
    else detail::turn(images, pixels, channels, from.as<const T>(), static_cast<T*>(elements));
  });
}

}  // namespace lnn::sim
