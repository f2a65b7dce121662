// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../lower/fuse.hpp"
#include "memory.hpp"

namespace lnn {

/// What is wrong with a network on any chip: what its builder found, then how the layers hang together.
template <class Ops>
constexpr void check_network(const graph_view<Ops>& net, verdict& found) {
  for (const finding& f : net.problems) found.refuse(f);
  found.layer = "network";
  found.never(network_rules::empty, net.nodes.empty());
  if (net.nodes.empty()) return;
  // tensors, scales and parameters are found by name
  std::vector<std::string_view> names;
  for (const edge& e : net.edges)
    if (e.place == 0) names.push_back(e.name);
  std::sort(names.begin(), names.end());
  for (std::size_t i = 1; i < names.size(); ++i) {
    found.layer = names[i];
    found.never(network_rules::duplicate_name, names[i] == names[i - 1] && (i == 1 || names[i] != names[i - 2]));
  }
  std::vector<char> used(net.edges.size(), 0);
  const auto use = [&](int e) {
    if (e >= 0 && static_cast<std::size_t>(e) < used.size()) used[static_cast<std::size_t>(e)] = 1;
  };
  for (const node<Ops>& n : net.nodes)
    for (int e : n.inputs) use(e);
  for (int e : net.outputs) use(e);
  if (net.outputs.empty()) use(net.nodes.back().output);  // as graph::finish will have it
  for (std::size_t e = 0; e < used.size();) {  // a layer with several outputs is used when one of them is
    found.layer = net.edges[e].name;
    bool any = used[e] != 0;
    for (++e; e < used.size() && net.edges[e].place > 0; ++e) any = any || used[e] != 0;
    found.never(network_rules::unused, !any);
  }
}

/// What a network breaks on a chip: check_network, the memory of the whole, then every layer's hardware rules.
/// The same function at compile time and at run time; layers behind an unknown shape are not asked.
/// A verdict of one's own as `found` chooses what is recorded.
template <class Ops>
[[nodiscard]] constexpr verdict check(const graph_view<Ops>& net, const chip& on, verdict found = {}) {
  check_network(net, found);
  check_memory(net, on, found);
  const std::vector<int> readers = detail::readers_of(net);
  for (const node<Ops>& n : net.nodes) {
    if (net.edges[static_cast<std::size_t>(n.output)].dims.rank() == 0) continue;
    if (folds_away(net, n, readers)) continue;  // no layer of its own on the chip
    found.layer = n.name;
    visit_op(n.op, [&](const auto& op) {
      const layer_shapes tensors = net.shapes_of(op, n);
      op.check(tensors.view(), on, found);
    });
  }
  return found;
}
template <network_like Net>
[[nodiscard]] constexpr verdict check(const Net& net, const chip& on, verdict found = {}) {
  return check(net.view(), on, static_cast<verdict&&>(found));
}

/// Throws the first of what check_network finds, as one sentence; for everything that computes with a network.
template <class Ops>
void require_sound(const graph_view<Ops>& net) {
  verdict found;
  check_network(net, found);
  if (!found.clean()) fail(spoken(found.refused().front()));
}

}  // namespace lnn
