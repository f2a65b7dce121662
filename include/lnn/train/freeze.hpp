// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../check/check.hpp"
#include "../graph/frozen.hpp"
#include "hardware.hpp"
#include "inner_grids.hpp"
#include "weights.hpp"

namespace lnn {

/// Turns a network with parameters and scales into integers.  The exponents in force are used as they are, so the
/// frozen model computes what the last evaluation of quantization-aware training computed, integer for integer.  What the
/// chip cannot compute is refused.
template <class Ops>
[[nodiscard]] frozen<Ops> freeze(const graph_view<Ops>& described, const params& values, const scales& grids,
                                 const chip& target = venus, hardware_rules limits = hardware_rules::enforced) {
  require_sound(described);
  const graph<Ops> fused = with_inner_grids(fuse(described), grids);
  const graph_view<Ops> net = fused.view();
  params p = values;
  scales all = grids;
  const std::vector<edge_grid> grid = grids_of(net, all, false, target);
  if (limits == hardware_rules::enforced) require_chip(net, all, grid, target);

  frozen<Ops> out;
  out.target = &target;
  for (std::size_t e = 0; e < net.edges.size(); ++e)
    out.edges.push_back({net.edges[e].label(), net.edges[e].dims, grid[e].type, grid[e].exponent});
  out.inputs.assign(net.inputs.begin(), net.inputs.end());
  out.outputs.assign(net.outputs.begin(), net.outputs.end());
  for (const node<Ops>& n : net.nodes) {
    typename frozen<Ops>::layer l{std::string(n.name), n.op, n.fused.relu, {n.inputs.begin(), n.inputs.end()}, n.output, {}, n.outputs};
    if (const parameter_list parts = parts_of(net, n); !parts.empty()) {
      layer_weights w = weights_of(net, n, p);
      w.fold();
      std::vector<int> q_in, q_part;
      for (int e : n.inputs) q_in.push_back(grid[static_cast<std::size_t>(e)].exponent);
      for (const parameter& part : parts)
        q_part.push_back(scaled(part.kind) ? all.of(sentence(n.name, ".", part.name)).exponent : 0);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        const flat<const float> value = w.used(i);
        if (scaled(parts[i].kind)) {
          l.parameters.emplace_back(integer_of(all.of(sentence(n.name, ".", parts[i].name)).bits), value.dims, q_part[i]);
          quantize_weight(value, l.parameters.back().access());
        } else {
          const int q = visit_op(n.op, [&](const auto& op) { return bias_exponent_of(op, i, {q_in, q_part}); });
          l.parameters.emplace_back(dtype::int32, value.dims, q);
          quantize_bias(value, l.parameters.back().access());
        }
      }
    }
    out.layers.push_back(std::move(l));
  }
  return out;
}
template <network_like Net>
[[nodiscard]] auto freeze(const Net& net, const params& p, const scales& s, const chip& target = venus,
                          hardware_rules limits = hardware_rules::enforced) {
  return freeze(net.view(), p, s, target, limits);
}

}  // namespace lnn
