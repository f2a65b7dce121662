// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "broadcast.hpp"

namespace lnn {

/// Two stacks of matrices a [..., m, n] and b [..., n, l] and how they meet: leading axes as numpy aligns
/// them, so that a matrix may be used several times.  Both have two axes at least.
class matrix_pairs {
 public:
  constexpr matrix_pairs(const shape& a, const shape& b)
      : m_(a[a.rank() - 2]), n_(a[a.rank() - 1]), l_(b[b.rank() - 1]), leading_(leading(a), leading(b)) {
    const shape &x = leading(a), &y = leading(b), &z = leading_.out();
    std::size_t step_a = 1, step_b = 1;
    for (int i = 1; i <= z.rank(); ++i) {
      const int left = i > x.rank() ? 1 : x[x.rank() - i], right = i > y.rank() ? 1 : y[y.rank() - i];
      a_[z.rank() - i] = left == 1 ? 0 : step_a;
      b_[z.rank() - i] = right == 1 ? 0 : step_b;
      step_a *= static_cast<std::size_t>(left);
      step_b *= static_cast<std::size_t>(right);
    }
    repeats_ = step_a != z.size() || step_b != z.size();
  }

  /// Where the i-th product finds its factors and leaves its result, in elements.
  struct place {
    std::size_t y, a, b;
  };
  [[nodiscard]] constexpr place operator[](int i) const {
    const shape& z = leading_.out();
    std::size_t rest = static_cast<std::size_t>(i), a = 0, b = 0;
    for (int axis = z.rank(); axis-- > 0;) {
      const auto d = static_cast<std::size_t>(z[axis]);
      a += rest % d * a_[axis];
      b += rest % d * b_[axis];
      rest /= d;
    }
    return {static_cast<std::size_t>(i) * result_size(), a * size(m_, n_), b * size(n_, l_)};
  }

  [[nodiscard]] constexpr bool fits() const { return leading_.fits(); }
  /// True when some matrix takes part in more than one product.
  [[nodiscard]] constexpr bool repeats() const { return repeats_; }
  [[nodiscard]] constexpr int count() const { return static_cast<int>(leading_.out().size()); }
  [[nodiscard]] constexpr int rows() const { return m_; }
  [[nodiscard]] constexpr int depth() const { return n_; }
  [[nodiscard]] constexpr int columns() const { return l_; }
  [[nodiscard]] constexpr std::size_t result_size() const { return size(m_, l_); }
  [[nodiscard]] constexpr shape result() const {
    shape out = leading_.out();
    out.append(m_);
    out.append(l_);
    return out;
  }

 private:
  [[nodiscard]] static constexpr shape leading(const shape& s) {
    shape out;
    for (int i = 0; i + 2 < s.rank(); ++i) out.append(s[i]);
    return out;
  }
  [[nodiscard]] static constexpr std::size_t size(int rows, int columns) {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  }

  int m_, n_, l_;
  broadcast2 leading_;
  std::size_t a_[shape::max_rank]{}, b_[shape::max_rank]{};
  bool repeats_ = false;
};

}  // namespace lnn
