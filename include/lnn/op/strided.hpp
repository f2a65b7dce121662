// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "../core/algorithm.hpp"
#include "pointwise.hpp"

namespace lnn {

/// Where the elements of an output lie in the input, when they lie at equal steps along every axis: slice,
/// flip, transpose, tile, expand, split and shuffle_channel are such walks.
class strided {
 public:
  /// `first`: the input's element that comes first in the output.
  constexpr explicit strided(std::ptrdiff_t first = 0) : first_(first) {}

  /// Appends an axis of the output, outermost first: `count` places that lie `step` elements of the input
  /// apart. Axes that continue each other become one, so that runs are as long as they can be.
  constexpr void axis(int count, std::ptrdiff_t step) {
    const auto n = static_cast<std::size_t>(std::max(count, 0));
    if (n == 1) return;
    if (rank_ > 0 && step_[rank_ - 1] == step * count) count_[rank_ - 1] *= n;
    else count_[rank_++] = n;
    step_[rank_ - 1] = step;
  }

  /// Elements of one run, and how many runs there are.
  [[nodiscard]] constexpr std::size_t run() const { return rank_ == 0 ? 1 : count_[rank_ - 1]; }
  [[nodiscard]] constexpr std::size_t runs() const {
    std::size_t n = 1;
    for (int i = 0; i + 1 < rank_; ++i) n *= count_[i];
    return n;
  }

  /// visit(y, x, n, step) for the runs [from, to): n outputs from y on are the inputs x, x + step, ...
  template <class Visit>
  constexpr void walk(std::size_t from, std::size_t to, Visit visit) const {
    std::size_t place[rooms]{}, rest = from;
    std::ptrdiff_t x = first_;
    for (int i = rank_ - 2; i >= 0; --i) {
      place[i] = rest % count_[i];
      rest /= count_[i];
      x += static_cast<std::ptrdiff_t>(place[i]) * step_[i];
    }
    const std::size_t n = run();
    const std::ptrdiff_t step = rank_ == 0 ? 1 : step_[rank_ - 1];
    for (std::size_t row = from; row < to; ++row) {
      visit(row * n, x, n, step);
      for (int i = rank_ - 2; i >= 0; --i) {  // the next run, counted as an odometer does
        x += step_[i];
        if (++place[i] < count_[i]) break;
        x -= static_cast<std::ptrdiff_t>(count_[i]) * step_[i];
        place[i] = 0;
      }
    }
  }

 private:
  static constexpr int rooms = 2 * shape::max_rank;  // tile gives every axis two
  std::size_t count_[rooms]{};
  std::ptrdiff_t step_[rooms]{}, first_ = 0;
  int rank_ = 0;
};

/// How many elements lie between neighbours along an axis of a tensor.
[[nodiscard]] constexpr std::ptrdiff_t step_of(const shape& dims, int axis) {
  return static_cast<std::ptrdiff_t>(dims.span(axis + 1, dims.rank()));
}

namespace detail {

template <class T>
void copy_runs(const strided& w, const T* x, T* y, std::size_t from, std::size_t to) {
  w.walk(from, to, [&](std::size_t at, std::ptrdiff_t start, std::size_t n, std::ptrdiff_t step) {
    const T* source = x + start;
    if (step == 1) std::copy_n(source, n, y + at);
    else
      for (std::size_t i = 0; i < n; ++i) y[at + i] = source[static_cast<std::ptrdiff_t>(i) * step];
  });
}

/// The same for elements that are known by their size only.
inline void copy_runs(const strided& w, const integer_view& x, const integer_view& y, std::size_t from,
                      std::size_t to) {
  switch (bits_of(x.type)) {
    case 16: return copy_runs(w, x.as<const std::uint16_t>(), y.as<std::uint16_t>(), from, to);
    case 32: return copy_runs(w, x.as<const std::uint32_t>(), y.as<std::uint32_t>(), from, to);
    case 64: return copy_runs(w, x.as<const std::uint64_t>(), y.as<std::uint64_t>(), from, to);
    default: return copy_runs(w, x.as<const std::uint8_t>(), y.as<std::uint8_t>(), from, to);
  }
}

void each_run(auto& workers, const strided& w, const auto& work) {
  const int pieces = w.run() * w.runs() < 4096 ? 1 : fixed_pieces;
  workers.ranges(w.runs(), pieces, [&](int, std::size_t first, std::size_t last) { work(first, last); });
}

/// Forward of an operator that moves elements: output `out` is a walk over the input.
template <class Call>
void move(const Call& c, const strided& w, std::size_t out = 0) {
  each_run(c.workers, w, [&](std::size_t first, std::size_t last) {
    copy_runs(w, c.in[0].data, c.out[out].data, first, last);
  });
}

/// Its adjoint: every output's gradient goes back to where the element came from.  Elements that were copied
/// several times collect several, so runs are taken in order.
template <class Call>
void move_back(const Call& c, const strided& w, std::size_t out = 0) {
  if (!c.grad_in[0]) return;
  const auto* dy = c.grad_out[out].data;
  w.walk(0, w.runs(), [&](std::size_t y, std::ptrdiff_t x, std::size_t n, std::ptrdiff_t step) {
    auto* dx = c.grad_in[0].data + x;
    if (step == 1) return Call::kernels::accumulate(dy + y, dx, n);
    for (std::size_t i = 0; i < n; ++i) dx[static_cast<std::ptrdiff_t>(i) * step] += dy[y + i];
  });
}

/// Integers move as they are; the exponent is the input's.
template <class Call>
void move_integers(std::string_view op, const Call& c, const strided& w, std::size_t out = 0) {
  require_type(op, c.out[out], c.in[0].type);
  each_run(c.workers, w, [&](std::size_t first, std::size_t last) {
    copy_runs(w, c.in[0], c.out[out], first, last);
  });
}

}  // namespace detail
}  // namespace lnn
