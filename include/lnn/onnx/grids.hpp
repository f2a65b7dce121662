// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/frozen.hpp"
#include "attributes.hpp"

namespace lnn::onnx::detail {

/// Type and exponent of a tensor.
struct grid_of {
  dtype type = dtype::int8;
  int exponent = 0;
};

/// Where a layer's parameters count, as its attributes say: of a weight its scale and bits.
inline grid_of weight_grid(const spelled_node& n, std::string_view parameter, dtype stored) {
  const std::string_view name = parameter == "weight_ih" && n.number("scale_iw")   ? "scale_iw"
                                : parameter == "weight_hh" && n.number("scale_hw") ? "scale_hw"
                                                                                   : "scale_w";
  const double* scale = n.number(name);
  if (!scale) fail("attribute ", name, " is missing");
  grid_of g{stored, exponent_of(*scale, name)};
  const auto bits = bits_said(n, "w_bits");
  if (bits && *bits == 4 && stored == dtype::int8) g.type = dtype::int4;
  if (bits && *bits >= 8 && *bits != bits_of(stored))
    fail("attribute w_bits is ", *bits, " but ", parameter, " is ", lnn::name_of(stored));
  return g;
}

/// Where output `place` of a layer counts: what the attributes say, else what the operator and its operands prescribe.
template <class Op>
grid_of output_grid(const Op& op, const spelled_node& n, std::size_t place, const grid_of& x, const grid_of& weight, const chip& on) {
  if constexpr (requires { op.output_grid(place, on); })
    if (place > 0)
      if (const auto fixed = op.output_grid(place, on)) return {integer_of(fixed->bits), fixed->exponent};
  const auto bits = bits_said(n, Op::grid_rule == grid::source ? "x_bits" : "o_bits");
  const auto type = [&](dtype otherwise) { return bits ? integer_of(*bits) : otherwise; };
  const double* scale = n.number(Op::grid_rule == grid::source ? "scale_x" : "scale_o");
  const auto exponent = [&](int otherwise) { return scale ? exponent_of(*scale, Op::grid_rule == grid::source ? "scale_x" : "scale_o") : otherwise; };
  const auto need = [&] {
    if (!scale) fail("attribute ", Op::grid_rule == grid::source ? "scale_x" : "scale_o", " is missing");
    return exponent(0);
  };
  switch (Op::grid_rule) {
    case grid::source: return {type(dtype::int8), need()};
    case grid::real: return {dtype::float32, 0};
    case grid::index: return {dtype::int32, 0};
    case grid::table: return {type(weight.type == dtype::int4 ? dtype::int8 : weight.type), exponent(weight.exponent)};
    case grid::unit: {
      const dtype t = type(dtype::int8);
      return {t, exponent(bits_of(t) > 8 ? 15 : 7)};
    }
    case grid::keep:
      if constexpr (moves_grid<Op>) return {type(x.type), exponent(x.exponent)};
      if (scale && exponent(0) != x.exponent)
        fail("attribute scale_o is 2^", exponent(0), " but the operator keeps the input's 2^", x.exponent);
      return x;
    case grid::at_most_sum:
    case grid::at_most_min:
    case grid::at_most: break;
  }
  return {type(dtype::int8), need()};
}

}  // namespace lnn::onnx::detail
