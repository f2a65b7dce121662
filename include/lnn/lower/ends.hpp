// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "wiring.hpp"

namespace lnn::lower {

namespace detail {

/// True for steps that only move elements, through which an input finds its Quant.
[[nodiscard]] constexpr bool only_moves(std::string_view op) {
  return is(op, "Transpose") || is(op, "Reshape") || is(op, "Flatten") || is(op, "Gather") ||
         is(op, "Squeeze") || is(op, "Unsqueeze") || is(op, "Slice") || is(op, "Split");
}

/// Takes the real tensor `t` and those made of it by moving as integers, when all ways from it end in a Quant
/// of one grid; false, and nothing happened, when one does not.
constexpr bool take_integers(program& p, int t) {
  std::vector<int> open{t};
  int quant = -1;
  for (std::size_t i = 0; i < open.size(); ++i)
    for (std::size_t s = 0; s < p.steps.size(); ++s)
      for (int in : p.steps[s].inputs) {
        if (in != open[i]) continue;
        const step& reader = p.steps[s];
        if (is(reader.op, "Shape")) continue;
        if (only_moves(reader.op)) {
          for (int o : reader.outputs) open.push_back(o);
          continue;
        }
        if (!is(reader.op, "Quant")) return false;
        if (quant < 0) quant = reader.outputs[0];
        const tensor &a = p.at(quant), &b = p.at(reader.outputs[0]);
        if (a.type != b.type || a.scale.is != b.scale.is || a.scale.value != b.scale.value) return false;
      }
  if (quant < 0) return false;
  for (int o : p.outputs)
    for (int real : open)
      if (o == real) return false;
  for (int real : open) {
    p.at(real).type = p.at(quant).type;
    p.at(real).scale = p.at(quant).scale;
  }
  return true;
}

}  // namespace detail

/// Integers instead of real numbers at the ends: a Quant behind an input and a Dequant in front of an output
/// go, and the input or output becomes the integer tensor (packer.md 4.2).  An input keeps its name, an
/// output has that of the integers.
[[nodiscard]] constexpr program remove_ends(program p) {
  if (!p.has("Quant") && !p.has("Dequant")) return p;
  std::vector<char> gone(p.steps.size(), 0);
  for (std::size_t i = 0; i < p.inputs.size(); ++i) {
    if (p.at(p.inputs[i]).type != dtype::float32) continue;
    static_cast<void>(detail::take_integers(p, p.inputs[i]));
  }
  for (std::size_t s = 0; s < p.steps.size(); ++s) {
    const step& q = p.steps[s];
    if (!is(q.op, "Quant") || p.at(q.inputs[0]).type == dtype::float32) continue;
    gone[s] = 1;
    reconnect(p, q.outputs[0], q.inputs[0]);
  }
  for (int& o : p.outputs)
    for (std::size_t s = 0; s < p.steps.size(); ++s) {
      const step& q = p.steps[s];
      if (is(q.op, "Dequant") && q.outputs[0] == o) o = q.inputs[0];
    }
  const wiring w(p);
  for (std::size_t s = 0; s < p.steps.size(); ++s)
    if (is(p.steps[s].op, "Dequant") && w.readers[wiring::at(p.steps[s].outputs[0])] == 0) gone[s] = 1;
  drop(p, gone);
  return p;
}

}  // namespace lnn::lower
