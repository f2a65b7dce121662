// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/sigmoid.hpp"
#include "curve.hpp"

namespace lnn {

/// tanh(x), any shape.
struct tanh : detail::curve_operator {
  static constexpr std::string_view name = "tanh";
  static constexpr std::string_view onnx_names[] = {"QTanh", "iqTanh"};
  static constexpr std::string_view arithmetic = "y = S_out(R(f(x), q_f - q_o)), f in 16 straight pieces";
  static constexpr std::string_view evidence = "recorded simulator cases on venus; formula on arcs, venusA";
  static constexpr grid grid_rule = grid::unit;

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("iqTanh"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::tanh::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::tanh::rules};

  template <class Call>
  void forward(const Call& c) const {
    detail::each_value(c, [](auto x) { return Call::kernels::tanh(x); });
  }
  template <class Call>
  void backward(const Call& c) const {
    detail::each_slope(c, [](auto x) {
      const auto y = Call::kernels::tanh(x);
      return 1 - y * y;
    });
  }
  /// The table functions of luna_ops.md 2.4 behind an input brought to their exponent in either direction,
  /// one rounding; the engines leave the left shift out (D23), those of ARCS and VENUSA read other widths
  /// (D34).
  template <class Call>
  void integer(const Call& c) const {
    detail::each_integer(c, &luna::tanh_of, luna::curve_output(c.on.unit));
  }
};
static_assert(operator_like<tanh>);

}  // namespace lnn
