// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../core/algorithm.hpp"
#include "../graph/scales.hpp"
#include "../lower/fuse.hpp"
#include "weights.hpp"

namespace lnn {

/// The grid of one edge of a fused network.
struct edge_grid {
  dtype type = dtype::int8;  ///< float32 in front of a quant and behind a dequant
  int exponent = 0;
  int entry = -1;            ///< place among the scales; -1: takes the grid of its input, or real numbers
  bool positive = false;     ///< only a relu looks at it, so that negative values need no room
};

namespace detail {

template <class Ops>
[[nodiscard]] grid grid_of(const node<Ops>& n) {
  return visit_op(n.op, [](const auto& op) { return std::remove_cvref_t<decltype(op)>::grid_rule; });
}

/// The inputs of the network that are places, not numbers: read by an operator as an index.
template <class Ops>
[[nodiscard]] std::vector<bool> index_edges(const graph_view<Ops>& net) {
  std::vector<bool> found(net.edges.size(), false);
  for (const node<Ops>& n : net.nodes) {
    const unsigned mask = visit_op(n.op, [](const auto& op) { return index_inputs_in(op); });
    for (std::size_t i = 0; i < n.inputs.size(); ++i)
      if (mask >> i & 1U) found[static_cast<std::size_t>(n.inputs[i])] = true;
  }
  return found;
}

}  // namespace detail

/// Walks a fused network in the order of the data and tells each edge's grid.  With `settle`, exponents in force are
/// first renewed from the ranges: the exponent that the range wants, but never so large that a shift of the chip's
/// arithmetic would be negative: at most q_x + q_w for products, at most the least input's for add and concat.
template <class Ops>
[[nodiscard]] std::vector<edge_grid> grids_of(const graph_view<Ops>& net, scales& all, bool settle, const chip& on = venus) {
  std::vector<edge_grid> out(net.edges.size());
  const auto own = [&](edge_grid& g, std::string_view name, int limit) {
    g.entry = all.place(name);
    scale& s = all.entries()[static_cast<std::size_t>(g.entry)];
    if (settle) s.exponent = std::min(s.wanted(), limit);
    g.type = integer_of(s.bits);
    g.exponent = s.exponent;
  };
  std::vector<bool> only_relu(net.edges.size(), true), read(net.edges.size(), false), real(net.edges.size(), false);
  for (const node<Ops>& n : net.nodes)
    for (int e : n.inputs) {
      read[static_cast<std::size_t>(e)] = true;
      if (!op_if<relu>(n.op)) only_relu[static_cast<std::size_t>(e)] = false;
      if (detail::grid_of(n) == grid::source) real[static_cast<std::size_t>(e)] = true;
    }
  const std::vector<bool> places = detail::index_edges(net);
  for (int e : net.outputs) only_relu[static_cast<std::size_t>(e)] = false;
  for (int e : net.inputs) {
    edge_grid& g = out[static_cast<std::size_t>(e)];
    if (real[static_cast<std::size_t>(e)]) g.type = dtype::float32;
    else if (places[static_cast<std::size_t>(e)]) g.type = dtype::int32;
    else own(g, net.edges[static_cast<std::size_t>(e)].name, greatest_exponent);
  }
  for (const node<Ops>& n : net.nodes) {
    edge_grid& g = out[static_cast<std::size_t>(n.output)];
    const auto in = [&](std::size_t i) -> const edge_grid& { return out[static_cast<std::size_t>(n.inputs[i])]; };
    list<int, 16> q_in;
    list<int, most_parameters> q_weight;
    for (std::size_t i = 0; i < n.inputs.size(); ++i) q_in.push_back(in(i).exponent);
    const grid rule = detail::grid_of(n);
    for (std::size_t i = 0; i < n.inputs.size(); ++i)
      if (in(i).type == dtype::float32 && rule != grid::source)
        fail(n.name, ": input ", net.edges[static_cast<std::size_t>(n.inputs[i])].name,
             " is real numbers; put a quant in front of it");
      else if (in(i).type != dtype::float32 && rule == grid::source)
        fail(n.name, ": input ", net.edges[static_cast<std::size_t>(n.inputs[i])].name,
             " is integers already; leave the quant out or put a dequant in front of it");
    for (const parameter& p : parts_of(net, n)) {
      edge_grid weight;
      if (scaled(p.kind)) own(weight, sentence(n.name, ".", p.name), greatest_exponent);
      q_weight.push_back(weight.exponent);
    }
    g.positive = n.fused.relu || (read[static_cast<std::size_t>(n.output)] && only_relu[static_cast<std::size_t>(n.output)]);
    switch (rule) {
      case grid::keep: g.type = in(0).type, g.exponent = in(0).exponent; break;
      case grid::at_most_sum:
      case grid::at_most_min:
      case grid::at_most:
        own(g, n.name, visit_op(n.op, [&](const auto& op) {
              return greatest_exponent_of(op, {{q_in.data(), q_in.size()}, {q_weight.data(), q_weight.size()}});
            }));
        break;
      case grid::unit:
        g.type = integer_of(all.policy.bits_of(n.name).activation);
        g.exponent = g.type == dtype::int8 ? 7 : 15;
        break;
      case grid::table:
        g.exponent = q_weight[0];
        g.type = dtype::int8;  // 4-bit elements are widened
        break;
      case grid::index: g.type = dtype::int32; break;
      case grid::source: own(g, n.name, greatest_exponent); break;
      case grid::real: g.type = dtype::float32; break;
    }
    for (int i = 1; i < n.outputs; ++i) {  // like the first, but for states that the chip keeps as it will
      edge_grid& further = out[static_cast<std::size_t>(n.output + i)];
      further = g;
      visit_op(n.op, [&](const auto& op) {
        if constexpr (requires { op.output_grid(std::size_t{}, on); })
          if (const auto fixed = op.output_grid(static_cast<std::size_t>(i), on))
            further = {.type = integer_of(fixed->bits), .exponent = fixed->exponent};
      });
    }
  }
  return out;
}

/// Scales for every edge and weight that needs one, before anything was observed.
template <class Ops>
[[nodiscard]] scales scales_for(const graph_view<Ops>& net, const quantization& policy) {
  scales all(policy);
  std::vector<bool> real(net.edges.size(), false);
  for (const node<Ops>& n : net.nodes)
    if (detail::grid_of(n) == grid::source) real[static_cast<std::size_t>(n.inputs[0])] = true;
  const std::vector<bool> places = detail::index_edges(net);
  for (int e : net.inputs)
    if (!real[static_cast<std::size_t>(e)] && !places[static_cast<std::size_t>(e)]) all.add(std::string(net.edges[static_cast<std::size_t>(e)].name), 8);
  for (const node<Ops>& n : net.nodes) {
    const layer_bits bits = policy.bits_of(n.name);
    for (const parameter& p : parts_of(net, n))
      if (scaled(p.kind)) all.add(sentence(n.name, ".", p.name), bits.weight);
    const grid rule = detail::grid_of(n);
    if (is_free(rule)) all.add(std::string(n.name), bits.activation);
  }
  return all;
}

}  // namespace lnn
