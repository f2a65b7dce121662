// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/gelu.hpp"
#include "curve.hpp"

namespace lnn {

/// x / (1 + e^-x), any shape; SiLU to others.
struct swish : detail::curve_operator {
  static constexpr std::string_view name = "swish";
  static constexpr std::string_view onnx_names[] = {"QSwish"};
  static constexpr std::string_view arithmetic = "y = S_out(R(f(x), 27 - q_o)), f in 16 straight pieces";
  static constexpr std::string_view evidence = "formula only; primitive compared on venusA";
  static constexpr grid grid_rule = grid::at_most;

  [[nodiscard]] constexpr int greatest_exponent(const exponents&) const { return luna::gate_input; }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("QSwish"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::gelu::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::gelu::rules};

  template <class Call>
  void forward(const Call& c) const {
    detail::each_value(c, [](auto x) { return x / (1 + Call::kernels::exp(-x)); });
  }
  template <class Call>
  void backward(const Call& c) const {
    detail::each_slope(c, [](auto x) {
      const auto gate = 1 / (1 + Call::kernels::exp(-x));
      return gate + x * gate * (1 - gate);
    });
  }
  /// VENUSA's tables (luna_ops.md 2.4) at Q27, then the output's grid.  f(0) is not 0.  Other chips, which
  /// have no such tables, refuse the layer in check.
  template <class Call>
  void integer(const Call& c) const {
    detail::each_integer(c, &luna::swish_of, luna::gate_input);
  }
};
static_assert(operator_like<swish>);

}  // namespace lnn
