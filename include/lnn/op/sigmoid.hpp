// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/sigmoid.hpp"
#include "curve.hpp"

namespace lnn {

/// 1 / (1 + e^-x), any shape.
struct sigmoid : detail::curve_operator {
  static constexpr std::string_view name = "sigmoid";
  static constexpr std::string_view onnx_names[] = {"QSigmoid", "iqSigmoid"};
  static constexpr std::string_view arithmetic = "y = S_out(R(f(x), q_f - q_o)), f in 16 straight pieces";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs; formula on venusA";
  static constexpr grid grid_rule = grid::unit;

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("iqSigmoid"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::sigmoid::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::sigmoid::rules};

  template <class Call>
  void forward(const Call& c) const {
    detail::each_value(c, [](auto x) { return 1 / (1 + Call::kernels::exp(-x)); });
  }
  template <class Call>
  void backward(const Call& c) const {
    detail::each_slope(c, [](auto x) {
      const auto y = 1 / (1 + Call::kernels::exp(-x));
      return y * (1 - y);
    });
  }
  /// The table functions of luna_ops.md 2.4 behind an input brought to their exponent in either direction,
  /// one rounding; on ARCS and VENUSA for inputs of 16 and 32 bits too (decision 6 of engine_defects.md).
  template <class Call>
  void integer(const Call& c) const {
    detail::each_integer(c, &luna::sigmoid_of, luna::curve_output(c.on.unit));
  }
};
static_assert(operator_like<sigmoid>);

}  // namespace lnn
