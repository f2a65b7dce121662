// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/reduce.hpp"
#include "../luna/row.hpp"
#include "lines.hpp"

namespace lnn {

/// The sum along one axis, which stays as an axis of 1.
struct sum {
  int axis = -1;

  [[nodiscard]] constexpr bool operator==(const sum&) const = default;
  static constexpr std::string_view name = "sum";
  static constexpr std::string_view onnx_names[] = {"iqSum"};
  static constexpr std::string_view arithmetic =
      "y = S_out(S32(R(sum x, q_x - q_o)))";
  static constexpr std::string_view evidence = "formula only; primitives compared";
  static constexpr grid grid_rule = grid::at_most_min;
  static constexpr auto fields =
      field_list(field{"dims", &sum::axis, "the axis that is summed up; negative from the end"});

  static constexpr rule axis_range{"sum.range", "axis", "", "use an axis of the input", "轴", "使用输入具有的轴"};

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

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("iqSum");
    f.axis = axis;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::sum::check(facts(t), on, found);
  }

  static constexpr auto all_rules = joined({&axis_range}, limit::sum::rules);
  static constexpr rule_list rules{all_rules};

  template <class Call>
  void forward(const Call& c) const {
    const lines x = cut(c.in[0].dims);
    x.each(c.workers, [&](std::size_t line, std::size_t first) {
      typename Call::scalar total{};
      for (std::size_t i = 0; i < x.n; ++i) total += c.in[0][first + i * x.step];
      c.out[0][line] = total;
    });
  }
  template <class Call>
  void backward(const Call& c) const {
    if (!c.grad_in[0]) return;
    const lines x = cut(c.in[0].dims);
    x.each(c.workers, [&](std::size_t line, std::size_t first) {
      for (std::size_t i = 0; i < x.n; ++i) c.grad_in[0][first + i * x.step] += c.grad_out[0][line];
    });
  }
  /// y = S_out(S32(R(sum x, q_x - q_o))) for every line (luna_ops.md 3.13, as intended).
  template <class Call>
  void integer(const Call& c) const {
    const lines x = cut(c.in[0].dims);
    const int q_x = c.in[0].exponent, q_o = c.out[0].exponent;
    x.each(c.workers, [&](std::size_t line, std::size_t first) {
      auto* row = Call::kernels::template scratch<std::int64_t>(0, x.n);
      luna::load_row(c.in[0], first, x.step, x.n, row);
      std::int64_t total = 0;
      for (std::size_t i = 0; i < x.n; ++i) total += row[i];
      const std::int64_t y = saturate<std::int32_t>(rescale(total, q_x, q_o));
      luna::store_row(&y, 1, c.out[0], line);
      if (c.watch) c.watch->record(line, &total, 1, q_x, q_x - q_o);
    });
  }

 private:
  [[nodiscard]] constexpr lines cut(const shape& x) const { return {x, normal_axis(axis, x.rank())}; }
};
static_assert(operator_like<sum>);

}  // namespace lnn
