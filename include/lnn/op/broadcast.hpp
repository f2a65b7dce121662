// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstddef>

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
    if (same_ || out_.rank() == 0) {
      visit(std::size_t{0}, std::size_t{0}, std::size_t{0}, out_.size(), std::size_t{1}, std::size_t{1});
      return;
    }
    std::size_t y = 0;
    descend(0, 0, 0, y, visit);
  }

 private:
  static constexpr int dim(const shape& s, int axis, int rank) {
    const int own = axis - (rank - s.rank());
    return own < 0 ? 1 : s[own];
  }
  template <class Visit>
  constexpr void descend(int axis, std::ptrdiff_t a, std::ptrdiff_t b, std::size_t& y, Visit& visit) const {
    if (axis == out_.rank() - 1) {
      const auto n = static_cast<std::size_t>(out_[axis]);
      visit(y, static_cast<std::size_t>(a), static_cast<std::size_t>(b), n, static_cast<std::size_t>(a_[axis]),
            static_cast<std::size_t>(b_[axis]));
      y += n;
      return;
    }
    for (int i = 0; i < out_[axis]; ++i) descend(axis + 1, a + i * a_[axis], b + i * b_[axis], y, visit);
  }

  shape out_{};
  std::ptrdiff_t a_[shape::max_rank]{}, b_[shape::max_rank]{};
  bool fits_ = true, same_ = false;
};

}  // namespace lnn
