// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "../core/algorithm.hpp"
#include "../core/shape.hpp"

namespace lnn {

/// How two shapes meet in an element-wise operator (numpy's rule: aligned at the last axis; an axis of 1 repeats).
/// Visits the result in C order as runs along its last axis.
class broadcast2 {
 public:
  constexpr broadcast2(const shape& a, const shape& b) {
    const int rank = std::max(a.rank(), b.rank());
    for (int i = 0; i < rank; ++i) {
      const int left = dim(a, i, rank), right = dim(b, i, rank);
      if (left != right && left != 1 && right != 1) fits_ = false;
      out_.append(left == 1 ? right : left);
    }
    std::ptrdiff_t step_a = 1, step_b = 1;
    for (int i = rank - 1; i >= 0; --i) {
      a_[i] = dim(a, i, rank) == 1 ? 0 : step_a;
      b_[i] = dim(b, i, rank) == 1 ? 0 : step_b;
      step_a *= dim(a, i, rank);
      step_b *= dim(b, i, rank);
    }
    same_ = a == b;
  }

  [[nodiscard]] constexpr bool fits() const { return fits_; }
  [[nodiscard]] constexpr bool same() const { return same_; }
  [[nodiscard]] constexpr const shape& out() const { return out_; }

  /// visit(y, a, b, n, step_a, step_b): n results from y on; operands start at a and b and advance by their steps.
  template <class Visit>
  constexpr void walk(Visit visit) const {
    const int last = out_.rank() - 1;
    const bool whole = same_ || last < 0;
    const std::size_t rows = whole ? 1 : out_.span(0, last), n = whole ? out_.size() : out_.span(last, last + 1);
    const auto step_a = whole ? std::size_t{1} : static_cast<std::size_t>(a_[last]);
    const auto step_b = whole ? std::size_t{1} : static_cast<std::size_t>(b_[last]);
    int place[shape::max_rank]{};
    std::ptrdiff_t a = 0, b = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      visit(row * n, static_cast<std::size_t>(a), static_cast<std::size_t>(b), n, step_a, step_b);
      for (int i = last - 1; i >= 0; --i) {  // the next row, counted as an odometer does
        a += a_[i];
        b += b_[i];
        if (++place[i] < out_[i]) break;
        a -= place[i] * a_[i];
        b -= place[i] * b_[i];
        place[i] = 0;
      }
    }
  }

 private:
  static constexpr int dim(const shape& s, int axis, int rank) {
    const int own = axis - (rank - s.rank());
    return own < 0 ? 1 : s[own];
  }

  shape out_{};
  std::ptrdiff_t a_[shape::max_rank]{}, b_[shape::max_rank]{};
  bool fits_ = true, same_ = false;
};

}  // namespace lnn
