// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/transpose.hpp"
#include "layer_step.hpp"
#include "wiring.hpp"

namespace lnn::lower {

/// Takes away slices that keep the whole tensor (packer.md 4.3).  Where one makes an output, what it reads takes its name.
[[nodiscard]] constexpr program remove_slices(program p) {
  if (!p.has("Slice")) return p;
  wiring w(p);
  std::vector<char> gone(p.steps.size(), 0);
  for (std::size_t i = 0; i < p.steps.size(); ++i) {
    const step& s = p.steps[i];
    const int whole = s.inputs[0], kept = s.outputs[0];
    if (!is(s.op, "Slice") || s.as.count != 1 || p.at(whole).dims != p.at(kept).dims) continue;
    if (w.given[wiring::at(kept)]) {
      if (w.maker[wiring::at(whole)] < 0 || w.given[wiring::at(whole)]) continue;  // that one keeps its own name
      p.at(whole).name = p.at(kept).name;
      w.given[wiring::at(whole)] = 1;
    }
    reconnect(p, kept, whole);
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

namespace detail {

/// Between the reshapes, for which `steps` gets the first one.
constexpr void merge_axes(program& p, step& s, std::vector<step>& steps) {
  const limit::transpose::detail::exchange few = limit::transpose::detail::merged(p.at(s.inputs[0]).dims, s.as.perm);
  const auto between = [&](int t, std::string_view word) {
    tensor made = p.at(t);
    made.edge = made.like = -1;
    made.name = p.at(s.outputs[0]).name;
    made.name.add(word);
    made.dims = {};
    return made;
  };
  tensor before = between(s.inputs[0], "_axes"), behind = between(s.outputs[0], "_turned");
  s.as.perm = {};
  for (int i = 0; i < few.rank; ++i) {
    before.dims.append(static_cast<int>(few.extent[i]));
    behind.dims.append(static_cast<int>(few.extent[few.from[i]]));
    s.as.perm.push_back(few.from[i]);
  }
  const auto reshape = [&](int from, int to) {
    step r{.name = p.at(to).name, .op = "Reshape", .inputs = {from}, .outputs = {to}, .as = {.op = "Reshape"}};
    r.inputs.push_back(add_shape(p, r));
    steps.push_back(r);
  };
  const int first = p.add(before), second = p.add(behind), to = s.outputs[0];
  reshape(s.inputs[0], first);
  s.inputs[0] = first;
  s.outputs[0] = second;
  s.layer = -1;
  steps.push_back(s);
  reshape(second, to);
}

}  // namespace detail

/// Transpositions that the engine computes in fewer axes only go between two reshapes.
[[nodiscard]] constexpr program reshape_transposes(program p, const chip& on, const limit::packing& limits) {
  if (limits.symbolic || !p.has("Transpose")) return p;
  limit::facts f{};
  f.options = limits;
  const auto share = [&](int t) { return f.in_share(detail::operand_of(p.at(t)), p.at(t).bytes()); };
  std::vector<step> steps;
  for (step& s : p.steps) {
    if (is(s.op, "Transpose") && !p.at(s.inputs[0]).constant() &&
        limit::transpose::wants_reshapes(p.at(s.inputs[0]).dims, s.as.perm, share(s.inputs[0]) && share(s.outputs[0]), on))
      detail::merge_axes(p, s, steps);
    else
      steps.push_back(static_cast<step&&>(s));
  }
  p.steps = static_cast<std::vector<step>&&>(steps);
  return merge_reshapes(static_cast<program&&>(p));
}

}  // namespace lnn::lower
