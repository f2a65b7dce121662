// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "pointwise.hpp"

namespace lnn {

/// A tensor as its lines along one axis: what sums, variances and searches walk.  Line i of the input belongs
/// to element i of an output whose axis is 1.
struct lines {
  std::size_t n;      ///< elements of a line
  std::size_t step;   ///< how far neighbours lie apart
  std::size_t count;  ///< lines

  constexpr lines(const shape& x, int axis)
      : n(x.span(axis, axis + 1)), step(x.span(axis + 1, x.rank())), count(x.span(0, axis) * step) {}

  /// The first element of a line.
  [[nodiscard]] constexpr std::size_t start(std::size_t line) const {
    return line / step * n * step + line % step;
  }

  /// Calls use(line, first element) for all lines, in any thread.
  template <class Workers, class Use>
  void each(Workers& workers, const Use& use) const {
    const int pieces = n * count < 4096 ? 1 : fixed_pieces;
    workers.ranges(count, pieces, [&](int, std::size_t from, std::size_t to) {
      for (std::size_t line = from; line < to; ++line) use(line, start(line));
    });
  }
};

}  // namespace lnn
