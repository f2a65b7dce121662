// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "pointwise.hpp"

namespace lnn {

/// Where the elements of an output lie in the input, when every axis has a list of places of its own: padding
/// and resizing to the nearest element.  A place of -1 lies outside.
class gathered {
 public:
  /// place(axis, i): where along an axis of the input the i-th element of the output lies.
  template <class Place>
  gathered(const shape& in, const shape& out, const Place& place) : out_(out) {
    for (int a = 0; a < out.rank(); ++a)
      for (int i = 0; i < out[a]; ++i) {
        const int at = place(a, i);
        places_.push_back(at < 0 ? -1 : at * static_cast<std::ptrdiff_t>(in.span(a + 1, in.rank())));
      }
    if (out.rank() == 0) places_.push_back(0);
  }

  /// visit(y, x, places, n) for every run along the last axis: outputs y, y + 1, ... are the inputs x +
  /// places[0], ...; x is negative where the whole run lies outside.
  template <class Visit>
  void walk(const Visit& visit) const {
    const int last = out_.rank() - 1;
    const std::size_t rows = last < 0 ? 1 : out_.span(0, last), n = last < 0 ? 1 : out_.span(last, last + 1);
    const std::ptrdiff_t* const run = places_.data() + (places_.size() - n);
    for (std::size_t row = 0; row < rows; ++row) {
      std::ptrdiff_t x = 0;
      std::size_t rest = row, end = places_.size() - n;  // of the list of the axis at hand
      for (int a = last - 1; a >= 0; --a) {
        const auto extent = static_cast<std::size_t>(out_[a]);
        const std::ptrdiff_t at = places_[end - extent + rest % extent];
        x = at < 0 || x < 0 ? -1 : x + at;
        rest /= extent;
        end -= extent;
      }
      visit(row * n, x, run, n);
    }
  }

 private:
  shape out_;
  std::vector<std::ptrdiff_t> places_;  // the lists of all axes, in elements of the input
};

namespace detail {

template <class T>
void gather(const gathered& w, const T* x, T* y, T fill) {
  w.walk([&](std::size_t at, std::ptrdiff_t start, const std::ptrdiff_t* places, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[at + i] = start < 0 || places[i] < 0 ? fill : x[start + places[i]];
  });
}

/// The adjoint of gather: elements that were taken several times collect several gradients.
template <class T>
void gather_back(const gathered& w, const T* dy, T* dx) {
  w.walk([&](std::size_t at, std::ptrdiff_t start, const std::ptrdiff_t* places, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
      if (start >= 0 && places[i] >= 0) dx[start + places[i]] += dy[at + i];
  });
}

/// Integers, and `fill` where there are none, within the type.
inline void gather_integers(std::string_view op, const gathered& w, const integer_view& x,
                            const integer_view& y, std::int64_t fill) {
  require_type(op, y, x.type);
  with_element(x.type, [&](auto element) {
    using T = decltype(element);
    gather<T>(w, x.as<T>(), y.as<T>(), saturate<T>(fill));
  });
}

}  // namespace detail
}  // namespace lnn
