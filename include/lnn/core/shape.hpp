// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <initializer_list>

#include "algorithm.hpp"
#include "text.hpp"

namespace lnn {

/// An extent or an offset in the two axes of an image: kernels, strides, paddings, dilations.
struct extent2 {
  int h = 1, w = 1;
  friend constexpr bool operator==(const extent2&, const extent2&) = default;
};

/// Zeros (or "minus infinity" for maxima) added around an image before a window slides over it.
struct padding2 {
  int top = 0, left = 0, bottom = 0, right = 0;
  constexpr padding2() = default;
  constexpr padding2(int all) : top(all), left(all), bottom(all), right(all) {}
  constexpr padding2(int h, int w) : top(h), left(w), bottom(h), right(w) {}
  constexpr padding2(int t, int l, int b, int r) : top(t), left(l), bottom(b), right(r) {}
  friend constexpr bool operator==(const padding2&, const padding2&) = default;
};

/// The same along the one axis of a line of samples.
struct extent1 {
  int n = 1;
  constexpr extent1() = default;
  constexpr extent1(int length) : n(length) {}
  friend constexpr bool operator==(const extent1&, const extent1&) = default;
};
struct padding1 {
  int before = 0, behind = 0;
  constexpr padding1() = default;
  constexpr padding1(int both) : before(both), behind(both) {}
  constexpr padding1(int first, int last) : before(first), behind(last) {}
  friend constexpr bool operator==(const padding1&, const padding1&) = default;
};

/// The dimensions of a tensor in C order (last axis fastest).  At most eight axes; rank 0 is a scalar.
class shape {
 public:
  static constexpr int max_rank = 8;

  constexpr shape() = default;
  constexpr shape(std::initializer_list<int> dims) {
    for (int d : dims)
      if (rank_ < max_rank) dims_[rank_++] = d;
  }

  [[nodiscard]] constexpr int rank() const { return rank_; }
  [[nodiscard]] constexpr int operator[](int axis) const { return dims_[axis]; }
  constexpr int& operator[](int axis) { return dims_[axis]; }
  [[nodiscard]] constexpr const int* begin() const { return dims_; }
  [[nodiscard]] constexpr const int* end() const { return dims_ + rank_; }

  /// Number of elements; 1 for a scalar.
  [[nodiscard]] constexpr std::size_t size() const { return span(0, rank_); }

  /// Product of the dimensions of the axes [first, last).
  [[nodiscard]] constexpr std::size_t span(int first, int last) const {
    std::size_t n = 1;
    for (int i = first; i < last; ++i) n *= static_cast<std::size_t>(std::max(dims_[i], 0));
    return n;
  }

  constexpr void append(int dim) {
    if (rank_ < max_rank) dims_[rank_++] = dim;
  }

  /// The same dimensions with another number of samples in axis 0.
  [[nodiscard]] constexpr shape with_batch(int samples) const {
    shape s = *this;
    if (s.rank_ > 0) s.dims_[0] = samples;
    return s;
  }

  /// "1x3x28x28"
  [[nodiscard]] constexpr text<96> to_text() const {
    text<96> out;
    for (int i = 0; i < rank_; ++i) out.append(i ? "x" : "").append(dims_[i]);
    return rank_ ? out : text<96>{"scalar"};
  }

  friend constexpr bool operator==(const shape& a, const shape& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  int dims_[max_rank]{};
  int rank_ = 0;
};

[[nodiscard]] constexpr int ceil_div(int a, int b) { return a > 0 ? (a + b - 1) / b : a / b; }
[[nodiscard]] constexpr long long align_up(long long value, long long to) { return (value + to - 1) / to * to; }

/// Counts axes from the end when negative, as ONNX does: axis -1 is the last one.
[[nodiscard]] constexpr int normal_axis(int axis, int rank) { return axis < 0 ? axis + rank : axis; }

}  // namespace lnn
