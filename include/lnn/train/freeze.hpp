// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../check/check.hpp"
#include "../graph/frozen.hpp"
#include "grids.hpp"
#include "weights.hpp"

namespace lnn {

/// Turns a network with parameters and scales into integers.  The exponents in force are used as they are, so the
/// frozen model computes what the last evaluation of quantization-aware training computed, integer for integer.
template <class Ops>
[[nodiscard]] frozen<Ops> freeze(const graph_view<Ops>& described, const params& values, const scales& grids,
                                 const chip& target = venus) {
  require_sound(described);
  const graph<Ops> fused = fuse(described);
  const graph_view<Ops> net = fused.view();
  params p = values;
  scales all = grids;
  const std::vector<edge_grid> grid = grids_of(net, all, false);

  frozen<Ops> out;
  out.target = &target;
  for (std::size_t e = 0; e < net.edges.size(); ++e)
    out.edges.push_back({std::string(net.edges[e].name), net.edges[e].dims, grid[e].type, grid[e].exponent});
  out.inputs.assign(net.inputs.begin(), net.inputs.end());
  out.outputs.assign(net.outputs.begin(), net.outputs.end());
  for (const node<Ops>& n : net.nodes) {
    typename frozen<Ops>::layer l{std::string(n.name), n.op, n.fused.relu, {n.inputs.begin(), n.inputs.end()}, n.output, {}};
    if (detail::has_weight(net, n)) {
      layer_weights w = weights_of(n, p);
      w.fold();
      const scale& s = all.of(sentence(n.name, ".weight"));
      const int q_x = grid[static_cast<std::size_t>(n.inputs[0])].exponent;
      l.parameters.emplace_back(integer_of(s.bits), w.used_weight().dims, s.exponent);
      quantize_weight(w.used_weight(), l.parameters.back().access());
      if (w.used_bias()) {
        l.parameters.emplace_back(dtype::int32, w.used_bias().dims, q_x + s.exponent);
        quantize_bias(w.used_bias(), l.parameters.back().access());
      }
    }
    out.layers.push_back(std::move(l));
  }
  return out;
}
template <network_like Net>
[[nodiscard]] auto freeze(const Net& net, const params& p, const scales& s, const chip& target = venus) {
  return freeze(net.view(), p, s, target);
}

}  // namespace lnn
