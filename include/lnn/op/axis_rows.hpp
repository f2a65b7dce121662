// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/requantize.hpp"
#include "pointwise.hpp"

namespace lnn::detail {

/// A tensor as rows along one axis: element i of row r lies at first(r) + i * inner.
struct axis_rows {
  std::size_t outer, n, inner;

  axis_rows(const shape& x, int axis) {
    const int along = normal_axis(axis, x.rank());
    outer = x.span(0, along);
    n = static_cast<std::size_t>(x[along]);
    inner = x.span(along + 1, x.rank());
  }

  [[nodiscard]] std::size_t first(std::size_t row) const { return row / inner * n * inner + row % inner; }

  /// visit(first(r)) for every row, in any thread.
  void walk(auto& workers, const auto& visit) const {
    const std::size_t rows = n == 0 ? 0 : outer * inner;
    workers.ranges(rows, rows * n < 4096 ? 1 : fixed_pieces, [&](int, std::size_t row, std::size_t last) {
      for (; row < last; ++row) visit(first(row));
    });
  }

  /// Row from `first` on, one element after the other.
  template <class T>
  void gather(const T* from, std::size_t first, T* row) const {
    for (std::size_t i = 0; i < n; ++i) row[i] = from[first + i * inner];
  }
  /// The same of integers, brought to an exponent: S32(R(x, q - exponent)), to the left where q is the
  /// coarser one.
  void gather(const integer_view& from, std::size_t first, int exponent, std::int32_t* row) const {
    for (std::size_t i = 0; i < n; ++i)
      row[i] = saturate<std::int32_t>(rescale(from.at(first + i * inner), from.exponent, exponent));
  }
  /// Puts a row to its place through the requantizer.
  void scatter(const std::int32_t* row, std::size_t first, const luna::requantizer& to) const {
    if (inner == 1) return to.row(first, row, n, 0);
    for (std::size_t i = 0; i < n; ++i) to.row(first + i * inner, row + i, 1, 0);
  }
};

}  // namespace lnn::detail
