// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/gates.hpp"
#include "../luna/requantize.hpp"
#include "../luna/task.hpp"
#include "pointwise.hpp"
#include "recurrence.hpp"

namespace lnn::detail {

/// A recurrent layer in a chip's integers.  Whatever has been computed after a step is a function of the state
/// and the inputs that follow, so sequences may be cut anywhere.
template <class Call>
class integer_sequence {
  using K = typename Call::kernels;
  using course = recurrence::course;

 public:
  /// `state_exponent`: of h.  `cell`: what c counts in, 0 bits where there is none.
  integer_sequence(const recurrence& form, const Call& call, int state_exponent, fixed_grid cell = {})
      : form_(form),
        c_(call),
        q_h_(state_exponent),
        cell_(cell),
        width_(at(form.rows())),
        units_(at(form.hidden)) {}

  /// step(sums, c, h) takes one sequence a step further.  The products of all inputs are formed at once, those
  /// of the state step by step.
  template <class Step>
  void run(const Step& step) const {
    for (int d = 0; d < form_.directions(); ++d) {
      const course way = form_.along(d, c_.in[0].dims);
      const std::size_t n = at(way.batch);
      auto* p = K::template scratch<std::int32_t>(0, way.rows() * width_);
      auto* u = K::template scratch<std::int32_t>(1, n * (width_ + units_));
      std::int32_t* cells = u + n * width_;
      auto* h = K::template scratch<std::int8_t>(0, n * units_);
      take(way, 0, {8, q_h_}, h);
      if (form_.memory > 1) take(way, 1, cell_, cells);
      const integer_view state{h, dtype::int8, {way.batch, form_.hidden}, q_h_};
      product(way, 0, c_.in[0], static_cast<int>(way.rows()), p);
      for (int s = 0; s < way.time; ++s) {
        product(way, 1, state, way.batch, u);
        const int pieces = n * width_ < 4096 ? 1 : std::min(way.batch, fixed_pieces);
        c_.workers.ranges(n, pieces, [&](int, std::size_t first, std::size_t last) {
          for (std::size_t i = first; i < last; ++i) {
            const int b = static_cast<int>(i), length = form_.length(c_, b, way.time);
            const std::size_t row = way.row(b, way.when(s, length));
            const luna::gate_sums sums{.input = p + row * width_,
                                       .state = u + i * width_,
                                       .q_input = c_.in[0].exponent + c_.in[way.weight].exponent,
                                       .q_state = q_h_ + c_.in[way.weight + 1].exponent};
            if (s < length) step(sums, cells + i * units_, h + i * units_);
            give(h + i * units_, s < length ? units_ : 0, q_h_, c_.out[0], way.result(row));
          }
        });
      }
      for (int b = 0; form_.final_state && b < way.batch; ++b) {
        give(h + at(b) * units_, units_, q_h_, c_.out[1], way.state(b));
        if (form_.memory > 1) give(cells + at(b) * units_, units_, cell_.exponent, c_.out[2], way.state(b));
      }
    }
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

  /// n rows of one side's sums with bias, in 32 bits; a call may bring products with its weights.
  void product(const course& way, std::size_t side, const integer_view& x, int n, std::int32_t* y) const {
    const integer_view& weight = c_.in[way.weight + side];
    const luna::product task{
        .rows = n,
        .in = side == 0 ? way.features : form_.hidden,
        .out = form_.rows(),
        .x = x,
        .weight = weight,
        .bias = form_.bias ? c_.in[way.weight + 2 + side].template as<std::int32_t>() : nullptr};
    const luna::requantizer to{.out = {y, dtype::int32, {n, form_.rows()}, x.exponent + weight.exponent},
                               .rule = c_.on.linear.sum};
    if constexpr (requires { c_.multiply(std::size_t{}, task, to); }) c_.multiply(way.weight + side, task, to);
    else K::multiply(task, to, c_.workers);
  }
  /// Initial state m of all sequences on the grid that the cell works in; zeros where none is given.
  template <class To>
  void take(const course& way, int m, fixed_grid grid, To* to) const {
    for (int b = 0; b < way.batch; ++b)
      for (std::size_t k = 0; k < units_; ++k) {
        std::int64_t v = 0;
        if (form_.initial_state) {
          const integer_view& from = c_.in[form_.state_input(m)];
          v = rescale(from.at(way.state(b) + k), from.exponent, grid.exponent);
        }
        to[at(b) * units_ + k] = static_cast<To>(integer_range::of(grid.bits).clamp(v));
      }
  }
  /// Writes n numbers onto the grid of `to`, and zeros behind them up to a whole row.
  template <class From>
  void give(const From* from, std::size_t n, int exponent, const integer_view& to, std::size_t place) const {
    with_element(to.type, [&](auto element) {
      using T = decltype(element);
      T* y = to.as<T>() + place;
      if constexpr (std::is_same_v<T, From>)
        if (exponent == to.exponent) return static_cast<void>(std::fill(std::copy_n(from, n, y), y + units_, T{}));
      for (std::size_t k = 0; k < n; ++k) y[k] = saturate<T>(rescale(from[k], exponent, to.exponent));
      std::fill(y + n, y + units_, T{});
    });
  }

  recurrence form_;
  const Call& c_;
  int q_h_;
  fixed_grid cell_;
  std::size_t width_, units_;  ///< of a row of sums, and of a state
};

}  // namespace lnn::detail
