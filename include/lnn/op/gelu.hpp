// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/gelu.hpp"
#include "curve.hpp"

namespace lnn {

/// x * Phi(x) with the normal distribution Phi, any shape (not its approximation by tanh).
struct gelu : detail::curve_operator {
  static constexpr std::string_view name = "gelu";
  static constexpr std::string_view onnx_names[] = {"QGelu"};
  static constexpr std::string_view arithmetic = "y = S_out(R(f(x), 27 - q_o)), f in 16 straight pieces";
  static constexpr std::string_view evidence = "formula only; primitive compared on venusA";
  static constexpr grid grid_rule = grid::at_most;

  [[nodiscard]] constexpr int greatest_exponent(const exponents&) const { return luna::gate_input; }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("QGelu"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::gelu::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::gelu::rules};

  template <class Call>
  void forward(const Call& c) const {
    detail::each_value(c, [](auto x) { return x * distribution<typename Call::kernels>(x); });
  }
  template <class Call>
  void backward(const Call& c) const {
    detail::each_slope(c, [](auto x) {
      constexpr double density = 0.398942280401432678;  // 1 / sqrt(2 pi)
      using T = decltype(x);
      return distribution<typename Call::kernels>(x) +
             x * static_cast<T>(density) * Call::kernels::exp(-x * x / 2);
    });
  }
  /// VENUSA's tables (luna_ops.md 2.4) at Q27, then the output's grid.  f(0) is not 0.  Other chips, which
  /// have no such tables, refuse the layer in check.
  template <class Call>
  void integer(const Call& c) const {
    detail::each_integer(c, &luna::gelu_of, luna::gate_input);
  }

 private:
  template <class Kernels>
  static auto distribution(auto x) {
    using T = decltype(x);
    return (1 + Kernels::erf(x * static_cast<T>(0.707106781186547524))) / 2;
  }
};
static_assert(operator_like<gelu>);

}  // namespace lnn
