// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/relu.hpp"
#include "../luna/requantize.hpp"
#include "pointwise.hpp"

namespace lnn {

/// x where it is positive, x * 2^-slope elsewhere; any shape; keeps the exponent.
struct prelu {
  int slope = 3;

  [[nodiscard]] constexpr bool operator==(const prelu&) const = default;
  static constexpr std::string_view name = "prelu";
  static constexpr std::string_view onnx_names[] = {"PRelu", "Prelu"};
  static constexpr std::string_view arithmetic =
      "y = x < 0 ? S_out(R(x, s + slope)) : S_out(R(x, s)), s = q_x - q_o";
  static constexpr std::string_view evidence = "formula only: primitive compared on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::keep;
  static constexpr bool moves_grid = true;
  static constexpr auto fields =
      field_list(field{"slope", &prelu::slope, "right shift of negative numbers: a factor of 2^-slope"});

  static constexpr rule slope_range{
      "prelu.slope", "slope", "", "use a slope of 0 to 31: a factor of 2^-slope", "斜率",
      "使用 0 到 31 的斜率，即因子 2^-slope"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    found.within(slope_range, slope, 0, 31);
    return in[0];
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("PRelu"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::check_supported(facts(t).op, on, found);
  }

  static constexpr const rule* rules[] = {&slope_range, &limit::unsupported};

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    const T factor = static_cast<T>(power_of_two(-slope));
    detail::each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i)
        c.out[0][i] = c.in[0][i] > 0 ? c.in[0][i] : c.in[0][i] * factor;
    });
  }
  /// 2^-slope at 0.
  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    if (!c.grad_in[0]) return;
    const T factor = static_cast<T>(power_of_two(-slope));
    detail::each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i)
        c.grad_in[0][i] += c.in[0][i] > 0 ? c.grad_out[0][i] : c.grad_out[0][i] * factor;
    });
  }
  /// luna_ops.md 3.17; the exponents are equal in sound networks.
  template <class Call>
  void integer(const Call& c) const {
    const int shift = c.in[0].exponent - c.out[0].exponent;
    const luna::requantizer to{.out = c.out[0], .rule = accumulator::exact};
    detail::each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
      std::int64_t* const row = Call::kernels::template scratch<std::int64_t>(0, last - first);
      for (std::size_t i = first; i < last; ++i) row[i - first] = luna::prelu(c.in[0].at(i), shift, slope);
      to.row(first, row, last - first, 0);
    });
  }
};
static_assert(operator_like<prelu>);

}  // namespace lnn
