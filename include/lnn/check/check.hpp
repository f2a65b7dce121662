// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/describe.hpp"

namespace lnn {

/// What a network breaks: the shape rules that were broken while it was built, then every layer's hardware rules.
/// The same function at compile time and at run time; layers behind an unknown shape are not asked.
template <class Ops>
[[nodiscard]] constexpr verdict check(const graph_view<Ops>& net, const chip& on) {
  verdict found;
  for (const finding& f : net.problems) found.refuse(f);
  for (const node<Ops>& n : net.nodes) {
    if (net.edges[static_cast<std::size_t>(n.output)].dims.rank() == 0) continue;
    found.layer = n.name;
    const auto in = net.input_shapes(n);
    visit_op(n.op, [&](const auto& op) { op.check(std::span<const shape>(in.data(), in.size()), on, found); });
  }
  return found;
}
template <network_like Net>
[[nodiscard]] constexpr verdict check(const Net& net, const chip& on) {
  return check(net.view(), on);
}

/// Throws the first broken shape rule, or a name that is there twice, as one sentence; for everything that computes with a network.
template <class Ops>
void require_sound(const graph_view<Ops>& net) {
  if (!net.problems.empty()) fail(net.problems.front().sentence());
  if (net.nodes.empty()) fail("network: it has no layer; add one in the function given to describe");
  for (std::size_t i = 0; i < net.edges.size(); ++i)  // tensors, scales and parameters are found by name
    for (std::size_t k = 0; k < i; ++k)
      if (net.edges[i].name == net.edges[k].name)
        fail("network: two layers or inputs are called ", net.edges[i].name, "; give each a name of its own");
}

}  // namespace lnn
