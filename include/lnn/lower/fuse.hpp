// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/describe.hpp"

namespace lnn {

namespace detail {

/// How many layers and network results read each edge.
template <class Ops>
constexpr std::vector<int> readers_of(const graph_view<Ops>& net) {
  std::vector<int> readers(net.edges.size(), 0);  // libstdc++ 12 needs the 0 at compile time
  int* const of = readers.data();
  const int edges = static_cast<int>(net.edges.size());
  const auto count = [&](int e) {  // networks that are being checked may read what is not there
    if (e >= 0 && e < edges) ++of[e];
  };
  for (const node<Ops>*n = net.nodes.data(), *end = n + net.nodes.size(); n != end; ++n)
    for (int e : n->inputs) count(e);
  for (int e : net.outputs) count(e);
  return readers;
}

/// Rebuilds a network, leaving out the nodes that `absorb(node, producer)` takes into the node in front of them.
/// The producer is a copy that absorb may change; it is offered only when nobody else reads its output.
template <class Ops, class Absorb>
graph<Ops> absorb_followers(const graph_view<Ops>& net, const Absorb& absorb) {
  const std::vector<int> readers = readers_of(net);
  std::vector<node<Ops>> kept;
  std::vector<int> maker(net.edges.size(), -1);  // edge -> place in kept
  const auto make = [&](const node<Ops>& n, int place) {
    for (int i = 0; i < n.outputs; ++i) maker[static_cast<std::size_t>(n.output + i)] = place;
  };
  for (const node<Ops>& n : net.nodes) {
    const auto from = static_cast<std::size_t>(n.inputs[0]);
    if (n.inputs.size() == 1 && maker[from] >= 0 && readers[from] == 1 &&
        absorb(n, kept[static_cast<std::size_t>(maker[from])])) {
      make(n, maker[from]);
      continue;
    }
    make(n, static_cast<int>(kept.size()));
    kept.push_back(n);
  }
  graph<Ops> out;
  std::vector<int> made(kept.size(), -1), entry(net.edges.size(), -1);
  for (int e : net.inputs)
    entry[static_cast<std::size_t>(e)] = out.input(net.edges[static_cast<std::size_t>(e)].name, net.edges[static_cast<std::size_t>(e)].dims).edge;
  const auto now = [&](int e) {
    const int m = maker[static_cast<std::size_t>(e)];
    return m < 0 ? entry[static_cast<std::size_t>(e)] : made[static_cast<std::size_t>(m)] + net.edges[static_cast<std::size_t>(e)].place;
  };
  for (std::size_t i = 0; i < kept.size(); ++i) {
    node<Ops> n = kept[i];
    n.inputs = {};
    for (int e : kept[i].inputs) n.inputs.push_back(now(e));
    made[i] = out.add(n).edge;
  }
  for (int e : net.outputs) out.output({now(e)});
  return out;
}

}  // namespace detail

/// True when a batch norm can be folded into this layer: channels lie on axis 0 of its weight and on axis 1 of its
/// output, nothing bent lies between, and it has taken in nothing yet.
template <class Ops>
[[nodiscard]] constexpr bool takes_batch_norm(const graph_view<Ops>& net, const node<Ops>& layer) {
  if (layer.fused.relu || !layer.fused.batch_norm.empty()) return false;
  return visit_op(layer.op, [&](const auto& op) {
    if constexpr (!folds_batch_norm<std::remove_cvref_t<decltype(op)>>) return false;
    else {
      if (is_bent(op)) return false;
      const auto in = net.input_shapes(layer);
      return op.parameters(std::span<const shape>(in.data(), in.size()))[0].dims.rank() ==
             net.edges[static_cast<std::size_t>(layer.output)].dims.rank();
    }
  });
}

/// True for a batch norm that fold_batch_norm will take away; `readers` counts who reads each edge.
template <class Ops>
[[nodiscard]] constexpr bool folds_away(const graph_view<Ops>& net, const node<Ops>& n, std::span<const int> readers) {
  if (!op_if<batch_norm>(n.op) || n.inputs.size() != 1) return false;
  const auto from = static_cast<std::size_t>(n.inputs[0]);
  const int maker = net.edges[from].node;
  return maker >= 0 && readers[from] == 1 && takes_batch_norm(net, net.nodes[static_cast<std::size_t>(maker)]);
}

/// Puts every batch norm that only follows a convolution or a linear layer into that layer, to be folded into its
/// weight.  Parameters keep their names.  A linear layer with leading axes keeps its batch norm, whose channels are not
/// the layer's features.
template <class Ops>
[[nodiscard]] graph<Ops> fold_batch_norm(const graph_view<Ops>& net) {
  return detail::absorb_followers(net, [&](const node<Ops>& n, node<Ops>& before) {
    const batch_norm* bn = op_if<batch_norm>(n.op);
    if (!bn || !takes_batch_norm(net, before)) return false;
    before.fused.batch_norm = n.name;
    before.fused.eps = bn->eps;
    before.fused.momentum = bn->momentum;
    return true;
  });
}

/// Puts every relu that only follows an operator with a clamp at zero into that operator.
template <class Ops>
[[nodiscard]] graph<Ops> fuse_relu(const graph_view<Ops>& net) {
  return detail::absorb_followers(net, [](const node<Ops>& n, node<Ops>& before) {
    const bool can = visit_op(before.op, [](const auto& op) { return fuses_relu<std::remove_cvref_t<decltype(op)>>; });
    if (!op_if<relu>(n.op) || !can || before.fused.relu) return false;
    return before.fused.relu = true;
  });
}

/// The network as float training computes it: relus inside the operators that can take them.
template <class Ops>
[[nodiscard]] graph<Ops> join_relu(const graph_view<Ops>& net) {
  return detail::absorb_followers(net, [](const node<Ops>& n, node<Ops>& before) {
    const bool can = visit_op(before.op, [](const auto& op) { return joins_relu<std::remove_cvref_t<decltype(op)>>; });
    if (!op_if<relu>(n.op) || !can || before.fused.relu) return false;
    return before.fused.relu = true;
  });
}

/// The network as the quantized stages see it.
template <class Ops>
[[nodiscard]] graph<Ops> fuse(const graph_view<Ops>& net) {
  return fuse_relu(fold_batch_norm(net).view());
}

}  // namespace lnn
