// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/reduce.hpp"
#include "../luna/row.hpp"
#include "../luna/variance.hpp"
#include "lines.hpp"

namespace lnn {

/// The variance along one axis, which stays as an axis of 1; of a single element it is 0.
struct variance {
  int axis = -1;
  bool unbiased = true;  ///< divides by n - 1, not by n

  [[nodiscard]] constexpr bool operator==(const variance&) const = default;
  static constexpr std::string_view name = "variance";
  static constexpr std::string_view onnx_names[] = {"iqVar"};
  static constexpr std::string_view arithmetic =
      "y = S_out(floor(v + 0.5)), v = (n sum x^2 - (sum x)^2) / (n (n - 1) 2^(2 q_x - q_o)) in float32";
  static constexpr std::string_view evidence =
      "recorded cases with the intended output; no engine computes it";
  static constexpr grid grid_rule = grid::at_most;
  static constexpr auto fields =
      field_list(field{"dim", &variance::axis, "the axis; negative from the end"},
                 field{"unbiased", &variance::unbiased, "divide by n - 1 instead of n"});

  static constexpr rule axis_range{"variance.range", "axis", "", "use an axis of the input", "轴", "使用输入具有的轴"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank(), along = normal_axis(axis, rank);
    found.within(axis_range, axis, -rank, rank - 1);
    if (along < 0 || along >= rank) return {};
    shape out = in[0];
    out[along] = 1;
    return out;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  /// That of a square.
  [[nodiscard]] constexpr int greatest_exponent(const exponents& q) const { return 2 * q.in[0]; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("iqVar");
    f.axis = axis;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::var::check(facts(t), on, found);
    found.never(limit::var::biased, !unbiased);
  }

  static constexpr auto all_rules = joined({&axis_range}, limit::var::rules);
  static constexpr rule_list rules{all_rules};

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    const lines x = cut(c.in[0].dims);
    x.each(c.workers, [&](std::size_t line, std::size_t first) {
      const T* row = c.in[0].data + first;
      const T mean = mean_of(row, x);
      T squares{};
      for (std::size_t i = 0; i < x.n; ++i) squares += (row[i * x.step] - mean) * (row[i * x.step] - mean);
      c.out[0][line] = squares / divisor<T>(x.n);
    });
  }
  /// d var / d x = 2 (x - mean) / divisor: the mean's own change cancels.
  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    if (!c.grad_in[0]) return;
    const lines x = cut(c.in[0].dims);
    x.each(c.workers, [&](std::size_t line, std::size_t first) {
      const T* row = c.in[0].data + first;
      T* to = c.grad_in[0].data + first;
      const T mean = mean_of(row, x), scale = T(2) * c.grad_out[0][line] / divisor<T>(x.n);
      for (std::size_t i = 0; i < x.n; ++i) to[i * x.step] += scale * (row[i * x.step] - mean);
    });
  }
  /// luna::variance of luna::spread, rounded to nearest (luna_ops.md 3.14, as VENUS intends it).
  template <class Call>
  void integer(const Call& c) const {
    const lines x = cut(c.in[0].dims);
    const int q_x = c.in[0].exponent, q_o = c.out[0].exponent;
    x.each(c.workers, [&](std::size_t line, std::size_t first) {
      auto* row = Call::kernels::template scratch<std::int64_t>(0, x.n);
      luna::load_row(c.in[0], first, x.step, x.n, row);
      const float v = luna::variance(luna::spread(row, x.n), x.n, unbiased, q_x, q_o);
      const std::int64_t y = to_integer(static_cast<double>(floor_real(v + 0.5F)), INT32_MIN, INT32_MAX);
      luna::store_row(&y, 1, c.out[0], line);
      const float exact = v * power_of_two(-q_o);
      if (c.watch) c.watch->record_real(line, &exact, &y, 1);
    });
  }

 private:
  [[nodiscard]] constexpr lines cut(const shape& x) const { return {x, normal_axis(axis, x.rank())}; }
  template <class T>
  [[nodiscard]] T divisor(std::size_t n) const {
    return static_cast<T>(n > 1 && unbiased ? n - 1 : n);
  }
  template <class T>
  [[nodiscard]] static T mean_of(const T* row, const lines& x) {
    T total{};
    for (std::size_t i = 0; i < x.n; ++i) total += row[i * x.step];
    return total / static_cast<T>(x.n);
  }
};
static_assert(operator_like<variance>);

}  // namespace lnn
