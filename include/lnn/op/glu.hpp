// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/reduce.hpp"
#include "../luna/curve_map.hpp"
#include "pointwise.hpp"

namespace lnn {

/// a * sigmoid(b) with a and b the first and second half of x along one axis.
struct glu {
  int dim = -1;

  [[nodiscard]] constexpr bool operator==(const glu&) const = default;
  static constexpr std::string_view name = "glu";
  static constexpr std::string_view onnx_names[] = {"QGLU", "GluInt"};
  static constexpr std::string_view arithmetic = "y = S_out(R(a * R(sigmoid(b) at Q31, 16), 15 + q_x - q_o))";
  static constexpr std::string_view evidence = "recorded simulator cases on venusA; formula on venus, arcs";
  static constexpr grid grid_rule = grid::at_most;
  static constexpr auto fields =
      field_list(field{"dim", &glu::dim, "the axis that is halved; negative from the end"});

  static constexpr rule axis_range{
      "glu.dim", "axis", "", "use an axis of the input", "轴", "使用输入已有的轴"};
  static constexpr rule halves{
      "glu.halves", "the axis has an odd number of elements", "",
      "give the layer before an even number of outputs", "该轴的元素数为奇数", "让前一层输出偶数个元素"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank(), along = normal_axis(dim, rank);
    found.within(axis_range, dim, -rank, rank - 1);
    if (along < 0 || along >= rank) return {};
    found.never(halves, in[0][along] % 2 != 0);
    if (in[0][along] % 2 != 0) return {};
    shape out = in[0];
    out[along] /= 2;
    return out;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr int greatest_exponent(const exponents& q) const { return q.in[0] + 15; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("GluInt");
    f.axis = dim;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::glu::check(facts(t), on, found);
  }

  static constexpr const rule* shape_rules[] = {&axis_range, &halves};
  static constexpr auto rules = joined(shape_rules, limit::glu::rules);

  template <class Call>
  void forward(const Call& c) const {
    walk(c, c.in[0].dims, [&](std::size_t a, std::size_t b, std::size_t y, std::size_t n) {
      for (std::size_t i = 0; i < n; ++i)
        c.out[0][y + i] = c.in[0][a + i] / (1 + Call::kernels::exp(-c.in[0][b + i]));
    });
  }
  template <class Call>
  void backward(const Call& c) const {
    if (!c.grad_in[0]) return;
    walk(c, c.in[0].dims, [&](std::size_t a, std::size_t b, std::size_t y, std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) {
        const auto gate = 1 / (1 + Call::kernels::exp(-c.in[0][b + i]));
        c.grad_in[0][a + i] += gate * c.grad_out[0][y + i];
        c.grad_in[0][b + i] += c.in[0][a + i] * gate * (1 - gate) * c.grad_out[0][y + i];
      }
    });
  }
  /// luna_ops.md 3.21 along any axis.  ARCS' engine writes other bytes (D7), VENUS' has none, and that of
  /// VENUSA wants the last axis (D27).
  template <class Call>
  void integer(const Call& c) const {
    const integer_view x = c.in[0];
    const luna::requantizer to{.out = c.out[0],
                               .shift = x.exponent + 15 - c.out[0].exponent,
                               .rule = accumulator::exact,
                               .watch = c.watch};
    walk(c, x.dims, [&](std::size_t a, std::size_t b, std::size_t y, std::size_t n) {
      std::int64_t* const row = Call::kernels::template scratch<std::int64_t>(0, n);
      for (std::size_t i = 0; i < n; ++i)
        row[i] = luna::gated(c.on.unit, x.at(a + i), x.at(b + i), x.exponent);
      to.row(y, row, n, 0);
    });
  }

 private:
  /// visit(first of a, first of b, first of y, count) for blocks that lie together, in any thread.
  void walk(const auto& c, const shape& x, const auto& visit) const {
    const int along = normal_axis(dim, x.rank());
    const std::size_t half = x.span(along, x.rank()) / 2, outer = half == 0 ? 0 : x.span(0, along);
    const int pieces = outer * half < 4096 ? 1 : fixed_pieces;
    c.workers.ranges(outer, pieces, [&](int, std::size_t row, std::size_t last) {
      for (; row < last; ++row) visit(2 * row * half, (2 * row + 1) * half, row * half, half);
    });
  }
};
static_assert(operator_like<glu>);

}  // namespace lnn
