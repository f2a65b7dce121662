// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <utility>
#include <vector>

#include "../core/algorithm.hpp"
#include "../core/shape.hpp"

namespace lnn {

/// One element of an axis takes `factor` times element `from` of the input's axis.
struct resampling_tap {
  int to, from;
  double factor;
};
using tap_list = std::vector<resampling_tap>;

/// Real numbers interpolated along one axis after the other: what Resize with mode linear or cubic does.
template <class T>
class resampled {
 public:
  /// taps(axis): the sums that make up an axis; none where the axis stays as it is.
  template <class Taps>
  resampled(const shape& in, const shape& out, const Taps& taps) : in_(in) {
    for (int a = 0; a < in.rank(); ++a)
      if (tap_list all = taps(a); !all.empty()) passes_.push_back({a, out[a], std::move(all)});
  }

  void apply(const T* x, T* y) const {
    std::vector<T> now(x, x + in_.size());
    shape dims = in_;
    for (const pass& p : passes_) {
      const extents e(dims, p);
      std::vector<T> next(e.outer * e.to * e.inner);
      for (std::size_t o = 0; o < e.outer; ++o)
        for (const resampling_tap& t : p.taps)
          add(&now[e.source(o, t)], &next[e.target(o, t)], e.inner, static_cast<T>(t.factor));
      now.swap(next);
      dims[p.axis] = p.extent;
    }
    std::copy(now.begin(), now.end(), y);
  }

  /// Adds to dx what dy is worth: the passes backwards, every sum turned round.
  void add_adjoint(const T* dy, T* dx) const {
    shape dims = in_;
    for (const pass& p : passes_) dims[p.axis] = p.extent;
    std::vector<T> now(dy, dy + dims.size());
    for (std::size_t i = passes_.size(); i-- > 0;) {
      const pass& p = passes_[i];
      dims[p.axis] = in_[p.axis];
      const extents e(dims, p);
      std::vector<T> before(e.outer * e.from * e.inner);
      for (std::size_t o = 0; o < e.outer; ++o)
        for (const resampling_tap& t : p.taps)
          add(&now[e.target(o, t)], &before[e.source(o, t)], e.inner, static_cast<T>(t.factor));
      now.swap(before);
    }
    for (std::size_t i = 0; i < now.size(); ++i) dx[i] += now[i];
  }

 private:
  struct pass {
    int axis, extent;
    tap_list taps;
  };
  struct extents {
    std::size_t outer, from, to, inner;
    extents(const shape& in, const pass& p)
        : outer(in.span(0, p.axis)),
          from(in.span(p.axis, p.axis + 1)),
          to(static_cast<std::size_t>(p.extent)),
          inner(in.span(p.axis + 1, in.rank())) {}
    [[nodiscard]] std::size_t source(std::size_t o, const resampling_tap& t) const {
      return (o * from + static_cast<std::size_t>(t.from)) * inner;
    }
    [[nodiscard]] std::size_t target(std::size_t o, const resampling_tap& t) const {
      return (o * to + static_cast<std::size_t>(t.to)) * inner;
    }
  };
  static void add(const T* x, T* y, std::size_t n, T factor) {
    for (std::size_t i = 0; i < n; ++i) y[i] += factor * x[i];
  }

  shape in_;
  std::vector<pass> passes_;
};

}  // namespace lnn
