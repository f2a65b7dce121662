// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "curve.hpp"
#include "requantize.hpp"

namespace lnn::luna {

/// A function of one number on a chip: x at exponent q in, an exponent of the function's own out.
using curve_function = std::int64_t (*)(curves unit, std::int64_t x, int q);

[[nodiscard]] constexpr std::int64_t sigmoid_of(curves unit, std::int64_t x, int q) noexcept {
  return sigmoid_exact(unit, curve_argument(unit, x, q));
}
[[nodiscard]] constexpr std::int64_t tanh_of(curves unit, std::int64_t x, int q) noexcept {
  return tanh_exact(unit, curve_argument(unit, x, q));
}

/// gelu and swish at Q27: S32(R(slope * x + bias * 2^30, 27)), as the chip's library gives them and as
/// training sees them before the output's own grid (quantization.md 5.11).
[[nodiscard]] constexpr std::int64_t gate_of(const curve_pieces& table, std::int64_t x, int q) noexcept {
  const std::int64_t exact = gate_exact(table, saturate<std::int32_t>(rescale(x, q, gate_input)));
  return saturate<std::int32_t>(rescale(exact, gate_output, gate_input));
}
[[nodiscard]] constexpr std::int64_t gelu_of(curves, std::int64_t x, int q) noexcept {
  return gate_of(gelu_q27, x, q);
}
[[nodiscard]] constexpr std::int64_t swish_of(curves, std::int64_t x, int q) noexcept {
  return gate_of(swish_q27, x, q);
}

/// a * sigmoid(b) at exponent q + 15 with the gate R(sigmoid(b) at Q31, 16), a and b at exponent q
/// (luna_ops.md 3.21); VENUS' tables give the gate at Q15 themselves.
[[nodiscard]] constexpr std::int64_t gated(curves unit, std::int64_t a, std::int64_t b, int q) noexcept {
  return a * shift_half_up(sigmoid(unit, curve_argument(unit, b, q), 32), 16);
}

/// y = S_out(R(f(x), shift)) of elements [first, last).  Bytes have few values: where there are more elements
/// than those, f is asked once for each value.
inline void map_curve(const requantizer& to, curve_function f, curves unit, const integer_view& x,
                      std::size_t first, std::size_t last) {
  constexpr std::size_t some = 256;
  std::int64_t table[some], y[some];
  const bool listed = bits_of(x.type) <= 8 && last - first > some;
  if (listed)
    for (int v = -128; v < 128; ++v) table[v + 128] = f(unit, v, x.exponent);
  for (; first < last; first += some) {
    const std::size_t n = std::min(some, last - first);
    for (std::size_t i = 0; i < n; ++i) {
      const std::int64_t v = x.at(first + i);
      y[i] = listed ? table[v + 128] : f(unit, v, x.exponent);
    }
    to.row(first, y, n, 0);
  }
}

}  // namespace lnn::luna
