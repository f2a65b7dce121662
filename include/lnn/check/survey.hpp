// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../lower/fuse.hpp"
#include "ample.hpp"
#include "network.hpp"

namespace lnn {

/// A layer that stays a layer on the chips, and its tensors among those of a survey.
struct surveyed_layer {
  int node = 0;
  int twin = -1;  ///< an earlier layer of the same operator, attributes and shapes, of which every rule says the same
  std::size_t first = 0, inputs = 0, outputs = 0, parameters = 0;
};

/// Numbers about a network as a whole.
struct survey_sums {
  long long parameter_bytes = 0;  ///< normalizations count as what folding or quantizing makes of them
  ample_memory ample{};
};

/// What is asked about a network whatever the chip: found once, read for every chip.
template <class Ops>
struct survey_view {
  graph_view<Ops> net;
  std::span<const limit::operand> tensors;
  std::span<const surveyed_layer> layers;
  std::span<const finding> problems;  ///< what is wrong with it on any chip
  survey_sums sums{};

  [[nodiscard]] constexpr layer_tensors tensors_of(const surveyed_layer& l) const {
    const auto at = tensors.subspan(l.first, l.inputs + l.outputs + l.parameters);
    return {at.first(l.inputs), at.subspan(l.inputs, l.outputs), at.subspan(l.inputs + l.outputs)};
  }
};

/// How much of everything there is in a survey.
struct survey_size {
  std::size_t tensors = 0, layers = 0;
};

namespace detail {

/// Calls use(node, operator, parameters) for every node whose shapes are known.
template <class Ops, class Use>
constexpr void each_layer(const graph_view<Ops>& net, const Use& use) {
  // Plain pointers: to a compiler that evaluates this, every call of an iterator or an operator[] is a call.
  const edge* const edges = net.edges.data();
  for (const node<Ops>*n = net.nodes.data(), *end = n + net.nodes.size(); n != end; ++n) {
    if (edges[n->output].dims.rank() == 0) continue;
    const list<shape, 16> in = net.input_shapes(*n);
    visit_op(n->op, [&](const auto& op) { use(*n, op, op.parameters(std::span<const shape>(in.data(), in.size()))); });
  }
}

/// Whether an operator says itself when two are equal.  One that derives from such an operator does not: that would compare
/// what they share.
template <class Op>
concept comparable_operator = requires { static_cast<bool (Op::*)(const Op&) const>(&Op::operator==); };

/// Networks repeat their blocks: the nearest earlier layer like this one, of those that a block is from it; -1: none.
template <class Ops, class Op>
constexpr int twin_of(const graph_view<Ops>& net, const surveyed_layer* layers, int own, const node<Ops>& n, const Op& op) {
  if constexpr (comparable_operator<Op>) {
    constexpr int longest_block = 16;
    const edge* const edges = net.edges.data();
    for (int i = own - 1; i >= 0 && i >= own - longest_block; --i) {
      const node<Ops>& other = net.nodes.data()[layers[i].node];
      const Op* const same = op_if<Op>(other.op);
      if (!same || other.inputs.size() != n.inputs.size() || !(*same == op)) continue;
      bool shapes = true;
      for (std::size_t k = 0; k < n.inputs.size(); ++k) shapes = shapes && edges[n.inputs[k]].dims == edges[other.inputs[k]].dims;
      if (shapes) return layers[i].twin >= 0 ? layers[i].twin : i;
    }
  }
  return -1;
}

/// Fills the room, as far as it reaches, and returns how much of it would be needed.
template <class Ops>
constexpr survey_size take_survey(const graph_view<Ops>& net, survey_size room, limit::operand* tensors, surveyed_layer* layers,
                                  survey_sums& sums) {
  survey_size needed;
  sums = {};
  ample_sums ample;
  const std::vector<int> readers = readers_of(net);
  const edge* const edges = net.edges.data();
  each_layer(net, [&](const node<Ops>& n, const auto& op, const parameter_list& own) {
    for (const parameter& p : own) sums.parameter_bytes += stored_bytes(p);
    if (folds_away(net, n, readers)) return;  // no layer of its own on the chip
    const std::size_t first = needed.tensors, outputs = static_cast<std::size_t>(n.outputs);
    needed.tensors += n.inputs.size() + outputs + own.size();
    ++needed.layers;
    if (needed.tensors > room.tensors || needed.layers > room.layers) return;
    const int here = static_cast<int>(needed.layers) - 1;
    layers[here] = {static_cast<int>(&n - net.nodes.data()), twin_of(net, layers, here, n, op), first, n.inputs.size(), outputs, own.size()};
    limit::operand* next = tensors + first;
    for (int e : n.inputs) (next++)->dims = edges[e].dims;
    ample.add(net, n, scratch_of<std::remove_cvref_t<decltype(op)>>, own);
    for (const edge *e = edges + n.output, *end = e + n.outputs; e != end; ++e) (next++)->dims = e->dims;
    for (const parameter& p : own) (next++)->dims = p.dims;
  });
  sums.ample = ample.memory(net);
  return needed;
}

/// Room for most networks: a convolution has four tensors, a batch norm six.  Too little is found out and mended.
template <class Ops>
constexpr survey_size likely_room(const graph_view<Ops>& net) {
  return {6 * net.nodes.size(), net.nodes.size()};
}

}  // namespace detail

/// A survey that owns what it found, for networks that are not constants.
template <class Ops>
class survey {
 public:
  constexpr explicit survey(const graph_view<Ops>& net) : net_(net) {
    verdict found;
    check_network(net, found);
    problems_ = static_cast<verdict&&>(found).refused();
    survey_size room, needed = detail::likely_room(net);
    do {
      room = needed;
      tensors_.resize(room.tensors);
      layers_.resize(room.layers);
      needed = detail::take_survey(net, room, tensors_.data(), layers_.data(), sums_);
    } while (needed.tensors > room.tensors);
    layers_.resize(needed.layers);
  }
  [[nodiscard]] constexpr survey_view<Ops> view() const { return {net_, tensors_, layers_, problems_, sums_}; }

 private:
  graph_view<Ops> net_;
  std::vector<limit::operand> tensors_;
  std::vector<surveyed_layer> layers_;
  std::vector<finding> problems_;
  survey_sums sums_;
};

}  // namespace lnn
