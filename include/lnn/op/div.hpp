// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/mul.hpp"
#include "../luna/divide.hpp"
#include "pairwise.hpp"

namespace lnn {

/// a / b, shapes equal or broadcast; the chips divide by a scalar (a tensor without axes) with a shift.
struct div {
  [[nodiscard]] constexpr bool operator==(const div&) const = default;
  static constexpr std::string_view name = "div";
  static constexpr std::string_view onnx_names[] = {"iqDiv"};
  static constexpr std::string_view arithmetic =
      "y = S_out(div(a, b, q_o + q_b - q_a)); by a scalar k: S_out(R(a, floor(log2 k) + q_a - q_b - q_o))";
  static constexpr std::string_view evidence = "formula only; primitives compared";
  static constexpr grid grid_rule = grid::at_most;
  static constexpr auto fields = field_list();

  [[nodiscard]] constexpr int inputs() const { return 2; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const broadcast2 b(in[0], in[1]);
    if (!b.fits()) found.same(limit::div::shapes, in[0], in[1]);
    return b.fits() ? b.out() : shape{};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  /// The division shifts by at most 28 (luna_ops.md 2.3).
  [[nodiscard]] constexpr int greatest_exponent(const exponents& q) const { return q.in[0] - q.in[1] + 28; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("iqDiv"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::div::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::div::rules};

  template <class Call>
  void forward(const Call& c) const {
    const broadcast2 both(c.in[0].dims, c.in[1].dims);
    both.walk([&](auto y, auto a, auto b, auto n, auto step_a, auto step_b) {
      detail::each_piece(c.workers, n, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
          c.out[0][y + i] = c.in[0][a + i * step_a] / c.in[1][b + i * step_b];
      });
    });
  }
  /// d(a / b) = da / b - db * a / b^2
  template <class Call>
  void backward(const Call& c) const {
    const broadcast2 both(c.in[0].dims, c.in[1].dims);
    both.walk([&](auto y, auto a, auto b, auto n, auto step_a, auto step_b) {
      for (std::size_t i = 0; i < n; ++i) {
        const auto divisor = c.in[1][b + i * step_b], part = c.grad_out[0][y + i] / divisor;
        if (c.grad_in[0]) c.grad_in[0][a + i * step_a] += part;
        if (c.grad_in[1]) c.grad_in[1][b + i * step_b] -= part * c.in[0][a + i * step_a] / divisor;
      }
    });
  }
  /// luna::quotient, or luna::divide_by_power for a divisor without axes.
  template <class Call>
  void integer(const Call& c) const {
    if (c.in[1].dims.rank() == 0 || c.in[1].type == dtype::float32) return by_scalar(c);
    const int whole = c.in[0].exponent - c.in[1].exponent, s = c.out[0].exponent - whole;
    detail::each_pair(c, [&](const std::int64_t* a, const std::int64_t* b, std::size_t y, std::size_t n) {
      auto* z = Call::kernels::template scratch<std::int64_t>(2, n);
      for (std::size_t i = 0; i < n; ++i)
        z[i] = luna::quotient(static_cast<std::int32_t>(a[i]), static_cast<std::int32_t>(b[i]), s,
                              c.on.engine.signed_zero);
      luna::store_row(z, n, c.out[0], y);
      if (!c.watch) return;
      auto* exact = Call::kernels::template scratch<float>(0, n);
      for (std::size_t i = 0; i < n; ++i)  // there is no exact value of a division by zero
        exact[i] = b[i] == 0 ? 0 : static_cast<float>(a[i]) / static_cast<float>(b[i]) * power_of_two(-whole);
      c.watch->record_real(y, exact, z, n);
    });
  }

 private:
  /// Integers keep their exponent; a real divisor, as files have it, counts at exponent 0.
  template <class Call>
  static void by_scalar(const Call& c) {
    const bool real = c.in[1].type == dtype::float32;
    if (c.in[1].size() != 1) fail("div: a real operand must be a scalar, not ", c.in[1].dims);
    const double divisor =
        real ? static_cast<double>(*c.in[1].template as<const float>()) : static_cast<double>(c.in[1].at(0));
    if (!(divisor > 0) || divisor > 0x1p62) fail("div: a scalar divisor must be positive, not ", divisor);
    int log2 = 0;
    for (double power = 1; power * 2 <= divisor; power *= 2) ++log2;
    for (double power = 1; power > divisor; power /= 2) --log2;
    const int q = c.in[0].exponent - (real ? 0 : c.in[1].exponent), q_o = c.out[0].exponent;
    detail::each_piece(c.workers, c.out[0].size(), [&](std::size_t first, std::size_t last) {
      constexpr std::size_t block = 1024;
      auto* x = Call::kernels::template scratch<std::int64_t>(0, block);
      auto* y = Call::kernels::template scratch<std::int64_t>(1, block);
      for (std::size_t at = first; at < last; at += block) {
        const std::size_t n = std::min(block, last - at);
        luna::load_row(c.in[0], at, 1, n, x);
        for (std::size_t i = 0; i < n; ++i) y[i] = luna::divide_by_power(x[i], log2, q, q_o);
        luna::store_row(y, n, c.out[0], at);
        if (c.watch) c.watch->record(at, x, n, q + log2, q + log2 - q_o);
      }
    });
  }
};
static_assert(operator_like<div>);

}  // namespace lnn
