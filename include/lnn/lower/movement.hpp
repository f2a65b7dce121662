// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "wiring.hpp"

namespace lnn::lower {

/// Takes away slices that keep the whole tensor (packer.md 4.3).
[[nodiscard]] constexpr program remove_slices(program p) {
  if (!p.has("Slice")) return p;
  const wiring w(p);
  std::vector<char> gone(p.steps.size(), 0);
  for (std::size_t i = 0; i < p.steps.size(); ++i) {
    const step& s = p.steps[i];
    if (!is(s.op, "Slice") || s.as.count != 1 || p.at(s.inputs[0]).dims != p.at(s.outputs[0]).dims) continue;
    if (w.given[wiring::at(s.outputs[0])]) continue;  // an output keeps its name
    reconnect(p, s.outputs[0], s.inputs[0]);
    gone[i] = 1;
  }
  drop(p, gone);
  return p;
}

namespace detail {

/// True when a transposition moves nothing but axes of one element.
[[nodiscard]] constexpr bool keeps_order(const shape& x, const limit::numbers& perm) {
  int before = -1;
  for (int a : perm) {
    const int axis = normal_axis(a, x.rank());
    if (axis < 0 || axis >= x.rank()) return false;
    if (x[axis] == 1) continue;
    if (axis <= before) return false;
    before = axis;
  }
  return !perm.empty();
}

constexpr int add_shape(program& p, const step& s) {
  const shape& to = p.at(s.outputs[0]).dims;
  tensor t{.name = s.name, .dims = {to.rank()}, .type = dtype::int64, .from = origin::numbers};
  for (int d : to) t.numbers.push_back(d);
  return p.add(t);
}

}  // namespace detail

/// Transpositions that only move axes of one element become reshapes (packer.md 4.4).
[[nodiscard]] constexpr program transpose_to_reshape(program p) {
  for (step& s : p.steps) {
    if (!is(s.op, "Transpose") || !detail::keeps_order(p.at(s.inputs[0]).dims, s.as.perm)) continue;
    s.op = "Reshape";
    s.as = {.op = "Reshape"};
    s.layer = -1;
    s.inputs.push_back(detail::add_shape(p, s));
  }
  return p;
}

/// Of two reshapes in a row the first goes, when nobody else reads its result.
[[nodiscard]] constexpr program merge_reshapes(program p) {
  if (!p.has("Reshape")) return p;
  const wiring w(p);
  std::vector<char> gone(p.steps.size(), 0);
  for (std::size_t i = 0; i < p.steps.size(); ++i) {
    const step& first = p.steps[i];
    if (!is(first.op, "Reshape")) continue;
    const int next = w.only_reader(first.outputs[0]);
    if (next < 0 || !is(p.steps[wiring::at(next)].op, "Reshape")) continue;
    p.steps[wiring::at(next)].inputs[0] = first.inputs[0];
    gone[i] = 1;
  }
  drop(p, gone);
  return p;
}

}  // namespace lnn::lower
