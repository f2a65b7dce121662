// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "program.hpp"

/// Parts of steps that come from layers.
namespace lnn::lower::detail {

/// The attributes alone: tensors belong to the program.
constexpr limit::facts attributes_of(limit::facts f) {
  f.in = {};
  f.out = {};
  f.weight = f.bias = f.recurrent_weight = f.recurrent_bias = {.present = false};
  return f;
}

constexpr limit::operand operand_of(const tensor& t) {
  return {
      .dims = t.dims, .bits = bits_of(t.type), .scale = t.scale, .asked = t.asked, .constant = t.constant()};
}

/// Outputs that the engine writes whether or not the network has them: the states of recurrent layers.
constexpr void add_states(program& p, step& s, int hidden, int batch) {
  const std::size_t wanted = is(s.op, "LSTMInt") ? 3 : is(s.op, "GRUInt") ? 2 : 0;
  while (s.outputs.size() < wanted) {
    const bool first = s.outputs.size() == 1, gru = wanted == 2;
    tensor t{.dims = {1, gru ? batch : 1, hidden},
             .type = gru     ? dtype::float32
                     : first ? dtype::int8
                             : dtype::int32};
    t.scale = gru ? p.at(s.outputs[0]).scale : s.as.hidden.attribute();
    t.name.add(s.name).add(first ? "_h" : "_c");
    s.outputs.push_back(p.add(t));
  }
}

}  // namespace lnn::lower::detail
