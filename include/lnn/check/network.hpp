// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/graph.hpp"

namespace lnn {

/// What is wrong with a network on any chip: what its builder found, then how the layers hang together.
template <class Ops>
constexpr void check_network(const graph_view<Ops>& net, verdict& found) {
  for (const finding& f : net.problems) found.refuse(f);
  found.layer = "network";
  found.never(network_rules::empty, net.nodes.empty());
  if (net.nodes.empty()) return;
  // Plain pointers: to a compiler that evaluates this, every call of an iterator or an operator[] is a call.
  const edge* const edges = net.edges.data();
  const int count = static_cast<int>(net.edges.size());
  // tensors, scales and parameters are found by name
  std::vector<std::string_view> sorted(net.edges.size());
  std::string_view *const names = sorted.data(), *last = names;
  for (const edge* e = edges; e != edges + count; ++e)
    if (e->place == 0) *last++ = e->name;
  std::sort(names, last);
  for (const std::string_view* name = names + 1; name < last; ++name) {
    if (*name != name[-1]) continue;
    found.layer = *name;
    found.never(network_rules::duplicate_name, name == names + 1 || *name != name[-2]);
  }
  std::vector<char> flags(net.edges.size(), 0);
  char* const used = flags.data();
  const auto use = [&](int e) {
    if (e >= 0 && e < count) used[e] = 1;
  };
  for (const node<Ops>*n = net.nodes.data(), *end = n + net.nodes.size(); n != end; ++n)
    for (int e : n->inputs) use(e);
  for (int e : net.outputs) use(e);
  if (net.outputs.empty()) use(net.nodes.back().output);  // as graph::finish will have it
  for (int e = 0; e < count;) {  // a layer with several outputs is used when one of them is
    const int first = e;
    bool any = used[e] != 0;
    for (++e; e < count && edges[e].place > 0; ++e) any = any || used[e] != 0;
    found.layer = edges[first].name;
    if (!any) found.never(network_rules::unused, true);
  }
}

/// Throws the first of what check_network finds, as one sentence; for everything that computes with a network.
template <class Ops>
void require_sound(const graph_view<Ops>& net) {
  verdict found;
  check_network(net, found);
  if (!found.clean()) fail(spoken(found.refused().front()));
}

}  // namespace lnn
