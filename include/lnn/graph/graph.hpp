// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../core/algorithm.hpp"
#include "../op/registry.hpp"
#include "network_rules.hpp"

namespace lnn {

/// A tensor that flows: made by a node, or an input of the network when `node` is -1.
struct edge {
  std::string_view name;  ///< of the layer that makes it
  shape dims{};
  int node = -1;
  int place = 0;          ///< which of the layer's outputs

  /// The tensor's own name: that of its layer, and ":1", ":2" behind it for further outputs.
  [[nodiscard]] std::string label() const { return place == 0 ? std::string(name) : sentence(name, ":", place); }
};

/// What a rewrite has put behind an operator, to be computed together with it.
struct fusion {
  bool relu = false;
  std::string_view batch_norm{};  ///< name of the batch norm that is folded into the weight; empty: none
  float eps = 1e-5F, momentum = 0.1F;
};

/// One operator in its place.  Parameters are not here: they are values found by name ("conv1.weight").
template <class Ops>
struct node {
  std::string_view name;
  typename Ops::any op{};
  list<int, 16> inputs{};  ///< edges
  int output = -1;         ///< edge of the first output; the others follow it
  int outputs = 1;
  fusion fused{};
};

/// A network to look at, whoever owns it: nodes in an order in which every input is made before it is used.
template <class Ops>
struct graph_view {
  using ops = Ops;
  std::span<const node<Ops>> nodes;
  std::span<const edge> edges;
  std::span<const int> inputs, outputs;
  std::span<const finding> problems;  ///< what the shape rules found while it was built

  [[nodiscard]] constexpr list<shape, 16> input_shapes(const node<Ops>& n) const {
    list<shape, 16> in;
    for (int e : n.inputs) in.push_back(edges[static_cast<std::size_t>(e)].dims);
    return in;
  }
  [[nodiscard]] constexpr list<shape, 16> output_shapes(const node<Ops>& n) const {
    list<shape, 16> out;
    for (int e = n.output; e < n.output + n.outputs; ++e) out.push_back(edges[static_cast<std::size_t>(e)].dims);
    return out;
  }
  /// What hardware rules are told of a layer whose operator is `op`.
  template <class Op>
  [[nodiscard]] constexpr layer_shapes shapes_of(const Op& op, const node<Ops>& n) const {
    const list<shape, 16> in = input_shapes(n), out = output_shapes(n);
    return layer_shapes(op, std::span(in.data(), in.size()), std::span(out.data(), out.size()));
  }
};

/// A network that grows: what `describe` hands to its function, what readers and rewrites make.  A value.
/// Names are views: literals, or strings made permanent with lnn::intern.
template <class Ops = builtin>
class graph {
 public:
  using ops = Ops;

  /// The result of a call, to be used as an input of later ones; of an operator with several outputs the first.
  struct wire {
    int edge = -1;
    int count = 1;
    /// Another output of the same call; beyond the last there is none, which is reported where it is used.
    constexpr wire operator[](int i) const { return {i >= 0 && i < count ? edge + i : -1}; }
  };

  /// An input of the network; axis 0 counts samples and is 1 in a description.
  constexpr wire input(std::string_view name, const shape& dims) {
    verdict found;
    found.layer = name;
    for (int d : dims)
      if (d < 1) {
        found.at_least(network_rules::input_extent, d, 1);
        break;
      }
    remember(found);
    inputs_.push_back(static_cast<int>(edges_.size()));
    edges_.push_back({name, dims, -1});
    return {inputs_.back()};
  }
  constexpr wire input(const shape& dims) { return input("input", dims); }

  /// Adds a layer: net("conv1", lnn::conv2d{.out = 16}, x).  Shapes that do not fit are remembered as findings and
  /// reported by check, fit and all others that take a network.
  template <operator_like Op, class... More>
    requires(Ops::template has<Op>)
  constexpr wire operator()(std::string_view name, const Op& op, wire x, More... more) {
    return add({.name = name, .op = typename Ops::any(std::in_place_type<Op>, op), .inputs = {x.edge, more.edge...}});
  }

  /// The same for a node made elsewhere; its output edge is new and named after it.
  constexpr wire add(node<Ops> n) {
    verdict found;
    found.layer = n.name;
    found.never(network_rules::inputs_limit, n.inputs.overflow());
    const bool lost = std::any_of(n.inputs.begin(), n.inputs.end(), [&](int e) { return !exists(e); });
    found.never(network_rules::no_such_input, lost);
    shape_list out;
    n.outputs = static_cast<int>(visit_op(n.op, [](const auto& op) { return outputs_of(op); }));
    if (!n.inputs.overflow() && known(n.inputs)) {
      const auto in = view().input_shapes(n);
      out = visit_op(n.op, [&](const auto& op) { return results_of(op, std::span<const shape>(in.data(), in.size()), found); });
    }
    remember(found);
    n.output = static_cast<int>(edges_.size());
    for (int i = 0; i < n.outputs; ++i) {
      const auto at = static_cast<std::size_t>(i);
      edges_.push_back({n.name, at < out.size() ? out[at] : shape{}, static_cast<int>(nodes_.size()), i});
    }
    nodes_.push_back(n);
    return {n.output, n.outputs};
  }

  /// Names a result of the network.  Without any, the last layer's output is the result.
  constexpr void output(wire w) {
    verdict found;
    found.layer = "output";
    found.never(network_rules::no_such_input, !exists(w.edge));
    remember(found);
    if (exists(w.edge)) outputs_.push_back(w.edge);
  }

  /// Completes a description: see output().
  constexpr void finish() {
    if (!outputs_.empty() || nodes_.empty()) return;
    for (int i = 0; i < nodes_.back().outputs; ++i) outputs_.push_back(nodes_.back().output + i);
  }

  [[nodiscard]] constexpr const shape& dims(wire w) const { return edges_[static_cast<std::size_t>(w.edge)].dims; }
  [[nodiscard]] constexpr graph_view<Ops> view() const { return {nodes_, edges_, inputs_, outputs_, problems_}; }
  constexpr operator graph_view<Ops>() const { return view(); }

 private:
  /// False behind a layer whose shape could not be computed: one mistake gives one finding.
  [[nodiscard]] constexpr bool known(const list<int, 16>& inputs) const {
    for (int e : inputs) {
      if (!exists(e)) return false;
      const edge& from = edges_[static_cast<std::size_t>(e)];
      if (from.dims.rank() == 0 && from.node >= 0) return false;
      for (int d : from.dims)
        if (d < 1) return false;
    }
    return true;
  }
  [[nodiscard]] constexpr bool exists(int e) const { return e >= 0 && static_cast<std::size_t>(e) < edges_.size(); }
  constexpr void remember(const verdict& found) {
    for (const finding& f : found.refused()) problems_.push_back(f);
  }

  std::vector<node<Ops>> nodes_;
  std::vector<edge> edges_;
  std::vector<int> inputs_, outputs_;
  std::vector<finding> problems_;
};

}  // namespace lnn
