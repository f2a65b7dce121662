// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "contract.hpp"

namespace lnn {

/// The dimensions of the input as numbers: the operator Shape of ONNX files.
struct shape_of {
  [[nodiscard]] constexpr bool operator==(const shape_of&) const = default;
  static constexpr std::string_view name = "shape_of";
  static constexpr std::string_view onnx_names[] = {"Shape"};
  static constexpr std::string_view arithmetic =
      "the dimensions";
  static constexpr std::string_view evidence = "formula only: no arithmetic";
  static constexpr grid grid_rule = grid::index;
  static constexpr auto fields = field_list();
  static constexpr rule_list rules{};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict&) const { return {in[0].rank()}; }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Shape"); }
  constexpr void check(const layer_tensors&, const chip&, verdict&) const {}

  template <class Call>
  void forward(const Call& c) const {
    for (int a = 0; a < c.in[0].dims.rank(); ++a)
      c.out[0][static_cast<std::size_t>(a)] = static_cast<typename Call::scalar>(c.in[0].dims[a]);
  }
  /// Dimensions do not move with the values.
  template <class Call>
  void backward(const Call&) const {}
  template <class Call>
  void integer(const Call& c) const {
    with_element(c.out[0].type, [&](auto element) {
      using T = decltype(element);
      for (int a = 0; a < c.in[0].dims.rank(); ++a)
        c.out[0].template as<T>()[a] = saturate<T>(c.in[0].dims[a]);
    });
  }
};
static_assert(operator_like<shape_of>);

}  // namespace lnn
