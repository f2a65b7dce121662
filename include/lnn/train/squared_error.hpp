// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/algorithm.hpp"
#include "../core/error.hpp"
#include "../core/maths.hpp"
#include "../tensor/flat.hpp"

namespace lnn {

/// How far outputs are from what was wanted, over any number of batches.
class squared_error {
 public:
  template <class T>
  void add(flat<const T> y, flat<const T> wanted) {
    if (!(y.dims == wanted.dims))
      fail("squared error: outputs ", y.dims, " and targets ", wanted.dims, " must have the same shape");
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double target = static_cast<double>(wanted[i]), off = static_cast<double>(y[i]) - target;
      error_ += off * off;
      if (count_ == 0) first_ = target;
      const double moved = target - first_;  // sums of squares around a number that occurs lose no digits
      sum_ += moved;
      squares_ += moved * moved;
      count_ += 1;
    }
  }

  /// Mean squared error; 0 before the first number.
  [[nodiscard]] double mean() const { return count_ > 0 ? error_ / count_ : 0; }
  /// Population variance of the targets.
  [[nodiscard]] double variance() const {
    return count_ > 0 ? std::max(squares_ / count_ - sum_ / count_ * (sum_ / count_), 0.0) : 0;
  }
  /// 1 - mean / variance, the share of the targets' variance that the outputs account for; targets that do not vary are
  /// met (1) or not (0).
  [[nodiscard]] double explained() const {
    if (variance() > 0) return 1 - mean() / variance();
    return mean() > 0 ? 0 : 1;
  }
  /// 10 log10 (peak^2 / mean) in decibel, for targets from 0 to `peak`; infinite where there is no error.
  [[nodiscard]] double psnr(double peak = 1) const { return 10 * maths::log10(peak * peak / mean()); }

 private:
  double error_ = 0, sum_ = 0, squares_ = 0, first_ = 0, count_ = 0;
};

}  // namespace lnn
