// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/requantize.hpp"
#include "pointwise.hpp"

namespace lnn {

namespace detail {

/// Where integers begin and end, real numbers pass unchanged.
struct same_numbers {
  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict&) const { return in[0]; }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  constexpr void check(const layer_tensors&, const chip&, verdict&) const {}

  template <class Call>
  void forward(const Call& c) const {
    std::copy_n(c.in[0].data, c.in[0].size(), c.out[0].data);
  }
  template <class Call>
  void backward(const Call& c) const {
    if (c.grad_in[0]) Call::kernels::accumulate(c.grad_out[0].data, c.grad_in[0].data, c.in[0].size());
  }
};

}  // namespace detail

/// Real numbers onto an integer grid: S(floor(x * 2^q + 0.5)) (luna_ops.md 3.25).  In float training it changes
/// nothing; the grid is the output's, found by calibration.
struct quant : detail::same_numbers {
  static constexpr std::string_view name = "quant";
  static constexpr std::string_view onnx_names[] = {"Quant"};
  static constexpr std::string_view arithmetic =
      "y = S_out(floor(x * 2^q + 0.5))";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::source;
  static constexpr auto fields = field_list();

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Quant"); }

  static constexpr rule_list rules{};

  template <class Call>
  void integer(const Call& c) const {
    require_type(name, c.in[0], dtype::float32);
    const float* x = static_cast<const float*>(c.in[0].data);
    const int q = c.out[0].exponent;
    with_element(c.out[0].type, [&](auto element) {
      using T = decltype(element);
      constexpr integer_range range{std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
      detail::each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
        if (Call::kernels::quantize(last - first, x + first, q, c.out[0].template as<T>() + first, c.watch, first)) return;
        float low = std::numeric_limits<float>::max(), high = std::numeric_limits<float>::lowest();
        for (std::size_t i = first; i < last; ++i) {
          const float rounded = chip_quant(x[i], q);
          c.out[0].template as<T>()[i] = static_cast<T>(to_integer(static_cast<double>(rounded), range.low, range.high));
          low = std::min(low, x[i]);
          high = std::max(high, x[i]);
          if (!c.watch) continue;
          if (c.watch->pass)
            c.watch->pass[i] = rounded >= static_cast<float>(c.watch->open.low) && rounded <= static_cast<float>(c.watch->open.high);
          if (c.watch->exact) c.watch->exact[i] = x[i];
        }
        if (c.watch && first < last) c.watch->extremes(low, high);
      });
    });
  }
};
static_assert(operator_like<quant>);

/// Integers as real numbers: x * 2^-q.
struct dequant : detail::same_numbers {
  static constexpr std::string_view name = "dequant";
  static constexpr std::string_view onnx_names[] = {"Dequant"};
  static constexpr std::string_view arithmetic =
      "y = x * 2^-q";
  static constexpr std::string_view evidence = "formula only: x * 2^-q is exact";
  static constexpr grid grid_rule = grid::real;
  static constexpr auto fields = field_list();

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Dequant"); }

  static constexpr rule_list rules{};

  template <class Call>
  void integer(const Call& c) const {
    require_type(name, c.out[0], dtype::float32);
    const float unit = power_of_two(-c.in[0].exponent);
    float* y = static_cast<float*>(c.out[0].data);
    for (std::size_t i = 0; i < c.in[0].size(); ++i) y[i] = static_cast<float>(c.in[0].at(i)) * unit;
  }
};
static_assert(operator_like<dequant>);

}  // namespace lnn
