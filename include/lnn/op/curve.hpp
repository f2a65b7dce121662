// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/curve_map.hpp"
#include "pointwise.hpp"

namespace lnn::detail {

/// What functions of one number share: one activation of any shape, no parameter.
struct curve_operator {
  static constexpr auto fields = field_list();

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict&) const { return in[0]; }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
};

/// y = f(x) everywhere.
void each_value(const auto& c, const auto& f) {
  each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) c.out[0][i] = f(c.in[0][i]);
  });
}

/// Adds slope(x) * dy everywhere.  Outputs are not asked: in quantized training they are rounded, and a slope
/// made from them would be 0 or twice too large where the function flattens (quantization.md 5.9).
void each_slope(const auto& c, const auto& slope) {
  if (!c.grad_in[0]) return;
  each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) c.grad_in[0][i] += slope(c.in[0][i]) * c.grad_out[0][i];
  });
}

/// The chip's function everywhere; `exponent` is that of its values.
void each_integer(const auto& c, luna::curve_function f, int exponent) {
  const luna::requantizer to{
      .out = c.out[0], .shift = exponent - c.out[0].exponent, .rule = accumulator::exact, .watch = c.watch};
  each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
    luna::map_curve(to, f, c.on.unit, c.in[0], first, last);
  });
}

}  // namespace lnn::detail
