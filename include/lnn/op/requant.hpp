// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/convert.hpp"
#include "../luna/row.hpp"
#include "quant.hpp"

namespace lnn {

/// The same numbers on another grid: other bits, another exponent.  In float training it changes nothing.
struct requant : detail::same_numbers {
  static constexpr std::string_view name = "requant";
  static constexpr std::string_view onnx_names[] = {"Requant"};
  static constexpr std::string_view arithmetic =
      "y = S_out(R(x, q_x - q_o)), S_out(x * 2^(q_o - q_x)) onto a finer grid";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::at_most;
  static constexpr auto fields = field_list();

  /// From 8 to 32 bits the engine shifts left by 24 at most without loss.
  [[nodiscard]] constexpr int greatest_exponent(const exponents& q) const { return q.in[0] + 24; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Requant"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::requant::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::requant::rules};

  /// y = S_out(R(x, q_x - q_o)), or x * 2^(q_o - q_x) clamped (luna_ops.md 3.25).
  template <class Call>
  void integer(const Call& c) const {
    const int q_x = c.in[0].exponent, q_o = c.out[0].exponent;
    const bool bytes = c.in[0].type == dtype::int8 && c.out[0].type == dtype::int8 && !c.watch;
    detail::each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
      constexpr std::size_t block = 1024;
      auto* x = Call::kernels::template scratch<std::int64_t>(0, block);
      auto* y = Call::kernels::template scratch<std::int64_t>(1, block);
      for (std::size_t at = first; at < last; at += block) {
        const std::size_t n = std::min(block, last - at);
        if (bytes && Call::kernels::rescale_s8(n, c.in[0].template as<const std::int8_t>() + at, q_x - q_o, -128, c.out[0].template as<std::int8_t>() + at)) continue;
        luna::load_row(c.in[0], at, 1, n, x);
        for (std::size_t i = 0; i < n; ++i) y[i] = rescale(x[i], q_x, q_o);
        luna::store_row(y, n, c.out[0], at);
        if (c.watch) c.watch->record(at, x, n, q_x, q_x - q_o);
      }
    });
  }
};
static_assert(operator_like<requant>);

}  // namespace lnn
