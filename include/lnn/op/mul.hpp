// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/mul.hpp"
#include "../luna/requantize.hpp"
#include "broadcast.hpp"
#include "pointwise.hpp"

namespace lnn {

/// a * b, shapes equal or broadcast ([n, c, 1, 1] scales channels; a scalar scales all).
struct mul {
  [[nodiscard]] constexpr bool operator==(const mul&) const = default;
  static constexpr std::string_view name = "mul";
  static constexpr std::string_view onnx_names[] = {"QMul", "iqMul"};
  static constexpr std::string_view arithmetic =
      "y = S_out(R(a * b, q_a + q_b - q_o))";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::at_most_sum;
  static constexpr auto fields = field_list();

  [[nodiscard]] constexpr int inputs() const { return 2; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const broadcast2 b(in[0], in[1]);
    if (!b.fits()) found.same(limit::mul::shapes, in[0], in[1]);
    return b.fits() ? b.out() : shape{};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("iqMul"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::mul::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::mul::rules};

  template <class Call>
  void forward(const Call& c) const {
    broadcast2(c.in[0].dims, c.in[1].dims).walk([&](auto y, auto a, auto b, auto n, auto step_a, auto step_b) {
      detail::each_piece(c.workers, n, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
          c.out[0][y + i] = c.in[0][a + i * step_a] * c.in[1][b + i * step_b];
      });
    });
  }
  template <class Call>
  void backward(const Call& c) const {
    broadcast2(c.in[0].dims, c.in[1].dims).walk([&](auto y, auto a, auto b, auto n, auto step_a, auto step_b) {
      for (std::size_t i = 0; i < n; ++i) {
        if (c.grad_in[0]) c.grad_in[0][a + i * step_a] += c.grad_out[0][y + i] * c.in[1][b + i * step_b];
        if (c.grad_in[1]) c.grad_in[1][b + i * step_b] += c.grad_out[0][y + i] * c.in[0][a + i * step_a];
      }
    });
  }
  /// y = S_out(R(a * b, q_a + q_b - q_o)): one rounding (luna_ops.md 3.11).
  template <class Call>
  void integer(const Call& c) const {
    if (c.in[1].type == dtype::float32) return mul_real(c);
    const int exponent = c.in[0].exponent + c.in[1].exponent, shift = exponent - c.out[0].exponent;
    with_element(c.out[0].type, [&](auto element) {
      using T = decltype(element);
      T* out = c.out[0].template as<T>();
      broadcast2(c.in[0].dims, c.in[1].dims).walk([&](auto y, auto a, auto b, auto n, auto step_a, auto step_b) {
        detail::each_piece(c.workers, n, [&](std::size_t first, std::size_t last) {
          for (std::size_t i = first; i < last; ++i) {
            const std::int64_t exact = c.in[0].at(a + i * step_a) * c.in[1].at(b + i * step_b);
            out[y + i] = saturate<T>(rescale(exact, shift, 0));
            if (c.watch) c.watch->record(y + i, &exact, 1, exponent, shift);
          }
        });
      });
    });
  }

 private:
  /// A real scalar loses its fraction (luna_ops.md 3.11).
  template <class Call>
  void mul_real(const Call& c) const {
    if (c.in[1].size() != 1) fail("mul: a real operand must be a scalar, not ", c.in[1].dims);
    auto whole = static_cast<std::int32_t>(
        to_integer(static_cast<double>(*c.in[1].template as<const float>()), INT32_MIN, INT32_MAX));
    const integer_view in[] = {c.in[0], {&whole, dtype::int32, c.in[1].dims, c.in[1].exponent}};
    integer(Call{in, c.out, c.on, c.relu, c.watch, c.workers});
  }
};
static_assert(operator_like<mul>);

}  // namespace lnn
