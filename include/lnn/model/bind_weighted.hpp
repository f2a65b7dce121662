// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "operands.hpp"

namespace lnn::model::detail {

/// Operators with weights: the first input is the activation, the others are the parameters in the library's order.
template <class Op>
bound weighted(const operands& o, const Op& op, std::size_t activations = 1) {
  bound b{.op = op, .facts = {.op = o.type()}};
  for (std::size_t i = 0; i < o.inputs(); ++i) (i < activations ? b.reads : b.weights).push_back(o.input(i));
  return b;
}

/// What convolutions end in.
template <class Op>
bound activated(const operands& o, Op op) {
  const int act = o.attribute("act_type");
  if (act == 2) op.slope = o.product_shift();
  if (op.slope < 0 || op.slope > 31) o.complain("has a slope of ", op.slope, ", expected 0 to 31");
  bound b = weighted(o, op);
  b.relu = act == 1;
  b.facts.group = op.group;
  return b;
}

inline void require_axes(const operands& o, int rank) {
  if (o.x().rank() != rank || o.y().rank() != rank)
    o.complain("turns ", o.x(), " into ", o.y(), ", expected ", rank, " axes");
}

inline bound bind_conv2d(const operands& o) {
  require_axes(o, 4);
  return activated(o, conv2d{.out = o.y()[1],
                             .kernel = {o.attribute("kernel", 0), o.attribute("kernel", 1)},
                             .stride = {o.attribute("stride", 0), o.attribute("stride", 1)},
                             .pad = {o.attribute("pad", 0), o.attribute("pad", 1), o.attribute("pad", 2), o.attribute("pad", 3)},
                             .dilation = {std::max(1, o.attribute("dilation", 0)), std::max(1, o.attribute("dilation", 1))},
                             .group = o.attribute("group"),
                             .bias = o.inputs() > 2});
}
inline bound bind_conv1d(const operands& o) {
  require_axes(o, 3);
  return activated(o, conv1d{.out = o.y()[1],
                             .kernel = o.attribute("kernel"),
                             .stride = o.attribute("stride"),
                             .pad = {o.attribute("pad", 0), o.attribute("pad", 1)},
                             .group = o.attribute("group"),
                             .bias = o.inputs() > 2});
}
inline bound bind_conv_transpose2d(const operands& o) {
  require_axes(o, 4);
  return activated(o, conv_transpose2d{.out = o.y()[1],
                                       .kernel = {o.attribute("kernel", 0), o.attribute("kernel", 1)},
                                       .stride = {o.attribute("stride", 0), o.attribute("stride", 1)},
                                       .pad = {o.attribute("pad", 0), o.attribute("pad", 1), o.attribute("pad", 2), o.attribute("pad", 3)},
                                       .dilation = {std::max(1, o.attribute("dilation", 0)), std::max(1, o.attribute("dilation", 1))},
                                       .output_padding = {o.attribute("output_padding", 0), o.attribute("output_padding", 1)},
                                       .group = o.attribute("group"),
                                       .bias = o.inputs() > 2});
}
inline bound bind_linear(const operands& o) {
  if (o.y().rank() == 0) o.complain("makes a scalar");
  return weighted(o, linear{.out = o.y()[o.y().rank() - 1], .bias = o.inputs() > 2});
}
inline bound bind_batch_norm(const operands& o) { return weighted(o, batch_norm{}); }
inline bound bind_layer_norm(const operands& o) {
  const shape& x = o.x();
  const std::size_t gains = o.x(1).size();
  const bool last = x.rank() > 0 && gains == static_cast<std::size_t>(std::max(x[x.rank() - 1], 0));
  return weighted(o, layer_norm{.axes = last ? 1 : 2});
}

/// Recurrent layers: x, perhaps the lengths, perhaps the state, then two weights and two biases.
template <class Op>
bound bind_recurrent(const operands& o) {
  Op op;
  const int memory = op.form().memory;
  if (o.inputs() < 5) o.complain("has ", o.inputs(), " inputs, expected at least 5");
  const std::size_t before = o.inputs() - 4;
  op.hidden = o.attribute("hidden_size");
  op.go_forward = o.attribute("direction") == 0;
  op.batch_first = o.attribute("layout") != 0;
  op.lengths = before > 1 && o.x(1).rank() <= 1;
  op.initial_state = before > (op.lengths ? 2U : 1U);
  op.final_state = o.outputs() > 1;
  op.state_exponent = o.exponent(o.output(op.final_state ? 1 : 0));
  if (static_cast<std::size_t>(op.inputs()) != before || (op.final_state && o.outputs() != static_cast<std::size_t>(1 + memory)))
    o.complain("has ", o.inputs(), " inputs and ", o.outputs(), " outputs, which is no form of it");
  return weighted(o, op, before);
}

inline bound bind_ffn(const operands& o) {
  return weighted(o, ffn{.hidden = o.x(1).rank() > 0 ? o.x(1)[0] : 0, .out = o.y()[o.y().rank() - 1], .middle = o.attribute("middle_scale")});
}

}  // namespace lnn::model::detail
