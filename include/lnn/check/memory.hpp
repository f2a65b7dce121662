// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/graph.hpp"

namespace lnn {

/// Bytes of all parameters as the chips keep them: a byte for a weight, four for a bias.  Normalizations count as what
/// folding or quantizing makes of them: a factor and an offset per channel.
template <class Ops>
[[nodiscard]] constexpr long long parameter_bytes(const graph_view<Ops>& net) {
  long long bytes = 0;
  for (const node<Ops>& n : net.nodes) {
    if (net.edges[static_cast<std::size_t>(n.output)].dims.rank() == 0) continue;
    const auto in = net.input_shapes(n);
    visit_op(n.op, [&](const auto& op) {
      for (const parameter& p : op.parameters(std::span<const shape>(in.data(), in.size())))
        if (trained(p.kind))
          bytes += static_cast<long long>(p.dims.size()) * (p.kind == role::weight || p.kind == role::gain ? 1 : 4);
    });
  }
  return bytes;
}

constexpr void check_parameter_bytes(long long bytes, const chip& on, verdict& found) {
  found.layer = "network";
  found.at_most(network_rules::flash_bytes, bytes, on.memory.flash);
  // one error for one cause
  if (bytes <= on.memory.flash) found.at_most(network_rules::psram_bytes, bytes, on.memory.psram);
}

/// The memory of a whole network, as far as it follows from shapes: parameters in flash, and in the PSRAM into which
/// they are loaded.  A least bound: activations, their places in share memory and PSRAM, and the size of the model file
/// need a memory plan; its totals belong here too, with rules beside network_rules::psram_bytes.
template <class Ops>
constexpr void check_memory(const graph_view<Ops>& net, const chip& on, verdict& found) {
  check_parameter_bytes(parameter_bytes(net), on, found);
}

}  // namespace lnn
