// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../check/check.hpp"
#include "grids.hpp"

namespace lnn {

/// What a fused network breaks on a chip once every tensor has its width and its exponent: the hardware rules of all
/// layers, as `check` asks them of shapes alone.
template <class Ops>
[[nodiscard]] verdict check_quantized(const graph_view<Ops>& net, const scales& all, std::span<const edge_grid> grid,
                                      const chip& on) {
  verdict found;
  check_parameter_bytes(parameter_bytes(net), on, found);
  const auto operand = [&](int e) {
    const auto at = static_cast<std::size_t>(e);
    limit::operand o{.dims = net.edges[at].dims, .bits = bits_of(grid[at].type)};
    if (grid[at].type != dtype::float32) o.scale = grid[at].exponent;
    return o;
  };
  for (const node<Ops>& n : net.nodes) {
    std::vector<limit::operand> in, out, parts;
    std::vector<int> q_in, q_part;
    for (int e : n.inputs) {
      in.push_back(operand(e));
      q_in.push_back(grid[static_cast<std::size_t>(e)].exponent);
    }
    for (int e = n.output; e < n.output + n.outputs; ++e) out.push_back(operand(e));
    for (const parameter& p : parts_of(net, n)) {
      const scale* s = scaled(p.kind) ? &all.of(sentence(n.name, ".", p.name)) : nullptr;
      q_part.push_back(s ? s->exponent : 0);
      parts.push_back({.dims = p.dims, .bits = s ? s->bits : 32, .scale = q_part.back()});
    }
    found.layer = n.name;
    visit_op(n.op, [&](const auto& op) {
      for (std::size_t i = 0; i < parts.size(); ++i)
        if (parts[i].bits == 32) parts[i].scale = bias_exponent_of(op, i, {q_in, q_part});
      op.check(layer_tensors{in, out, parts}, on, found);
    });
  }
  return found;
}

/// Whether quantized stages hold a network to its chip's limits.  Without, they compute what the chip's arithmetic would
/// be, for networks that will not run there.
enum class hardware_rules { enforced, ignored };

/// Throws the first thing that the chip cannot compute at all, so that it is said before time is spent on training.
/// Known defects of the reference engine do not stop training; `check` names them.
template <class Ops>
void require_chip(const graph_view<Ops>& net, const scales& all, std::span<const edge_grid> grid, const chip& on) {
  const verdict found = check_quantized(net, all, grid, on);
  for (const finding& f : found.refused())
    if (!f.what->defect) fail(spoken(f, on.name));
}

}  // namespace lnn
