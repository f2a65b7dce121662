// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/graph.hpp"
#include "fuse.hpp"
#include "layer_step.hpp"

namespace lnn::lower {

namespace detail {

/// What a layer becomes a step of.
struct layer_place {
  int layer = -1;
  label name{};
  std::span<const int> inputs, outputs, parameters;  ///< tensors
  bool relu = false;
};

constexpr int add_numbers(program& p, const step& s, std::string_view what, const shape& dims, dtype type,
                          const list<long long, 16>& numbers) {
  tensor t{.dims = dims, .type = type, .from = origin::numbers, .numbers = numbers};
  t.name.add(s.name).add("_").add(what);
  return p.add(t);
}

/// Shapes, paddings and axes that the packer's operator takes as constant inputs.
template <class Op>
constexpr void add_constants(program& p, const Op& op, step& s) {
  const bool takes = is(s.op, "Reshape") || is(s.op, "iqPad") || is(s.op, "Slice") || is(s.op, "Tile") ||
                     is(s.op, "Expand") || is(s.op, "topN") || is(s.op, "Gather");
  if (!takes) return;
  const shape made = p.at(s.outputs[0]).dims;
  for_each_field(op, [&](const auto& f, const auto& value) {
    bool constant = is(f.name, "indices");
    if constexpr (requires { Op::constant_inputs; })
      for (const std::string_view name : Op::constant_inputs) constant = constant || name == f.name;
    const number_list all = numbers(value);
    if (!constant || (all.empty() && !is(f.name, "shape"))) return;
    if (is(s.op, "iqPad") && is(f.name, "value")) {
      s.inputs.push_back(add_numbers(p, s, f.name, {1}, p.at(s.inputs[0]).type, {s.as.fill}));
      return;
    }
    list<long long, 16> whole;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto n = static_cast<long long>(all[i]);
      const bool copied = is(s.op, "Reshape") && n == 0 && static_cast<int>(i) < made.rank();
      whole.push_back(copied ? made[static_cast<int>(i)] : n);
    }
    s.inputs.push_back(add_numbers(p, s, f.name, {static_cast<int>(whole.size())}, dtype::int64, whole));
  });
}

/// Adds the step of one layer; a relu that the engine's operator cannot take in becomes one behind it.
template <class Op>
constexpr void add_layer(program& p, const Op& op, const layer_tensors& t, const layer_place& at) {
  const limit::facts f = facts_of(op, t);
  step s{.name = at.name, .op = f.op, .layer = at.layer};
  s.as = attributes_of(f);
  const bool table_first = is(f.op, "Gather");
  if (table_first) s.inputs = at.parameters;
  for (int i : at.inputs) s.inputs.push_back(i);
  if (!table_first)
    for (int i : at.parameters) s.inputs.push_back(i);
  for (int o : at.outputs) s.outputs.push_back(o);
  if constexpr (
      requires { Op::constant_inputs; } || requires { op.indices; })
    add_constants(p, op, s);
  if constexpr (requires { op.slope; }) s.slope = op.slope;
  if constexpr (requires {
                  op.hidden;
                  op.batch_first;
                })
    add_states(p, s, op.hidden, t.x().rank() == 3 ? t.x()[op.batch_first ? 0 : 1] : 1);
  if (!at.relu) return p.steps.push_back(static_cast<step&&>(s));
  if (!is(f.op, "LinearInt")) {
    s.relu = true;
    return p.steps.push_back(static_cast<step&&>(s));
  }
  tensor bent = p.at(s.outputs[0]);
  bent.edge = -1;
  bent.name.add("_linear");
  const int between = p.add(bent), out = s.outputs[0];
  s.outputs[0] = between;
  p.steps.push_back(s);
  step r{.op = "Relu", .inputs = {between}, .outputs = {out}};
  r.name.add(s.name).add("_relu");
  r.as.op = r.op;
  p.steps.push_back(r);
}

/// A tensor of real numbers, and what it was moved from.
constexpr void set_real(program& p, int t) {
  for (std::size_t s = p.steps.size(); s-- > 0;)
    for (int o : p.steps[s].outputs) {
      if (o != t) continue;
      for (int all : p.steps[s].outputs) p.at(all).type = dtype::float32;
      t = p.steps[s].inputs[0];
    }
  p.at(t).type = dtype::float32;
}

/// Types that follow from operators: integers of 8 bits but where an operator prescribes others.
template <class Ops>
constexpr void set_types(program& p, const graph_view<Ops>& net, const node<Ops>& n,
                         std::span<const int> place, const chip& on) {
  visit_op(n.op, [&](const auto& op) {
    using Op = std::remove_cvref_t<decltype(op)>;
    for (std::size_t i = 0; i < n.inputs.size(); ++i) {
      const edge& from = net.edges[static_cast<std::size_t>(n.inputs[i])];
      tensor& t = p.at(place[static_cast<std::size_t>(n.inputs[i])]);
      if (Op::grid_rule == grid::source) set_real(p, place[static_cast<std::size_t>(n.inputs[i])]);
      if (from.node >= 0 || Op::grid_rule == grid::source) continue;
      if ((index_inputs_in(op) >> i & 1U) != 0)
        t.type = dtype::int32;
      else if (const auto fixed = input_grid_of(op, i, on))
        t.type = integer_of(fixed->bits), t.scale = fixed->exponent;
    }
    for (int i = 0; i < n.outputs; ++i) {
      tensor& t = p.at(place[static_cast<std::size_t>(n.output + i)]);
      if (Op::grid_rule == grid::index)
        t.type = dtype::int32;
      else if (Op::grid_rule == grid::real)
        t.type = dtype::float32;
      else if (Op::grid_rule == grid::keep)
        t.type = p.at(place[static_cast<std::size_t>(n.inputs[0])]).type;
      if constexpr (requires { op.output_grid(std::size_t{}, on); })
        if (const auto fixed = op.output_grid(static_cast<std::size_t>(i), on))
          t.type = integer_of(fixed->bits), t.scale = fixed->exponent;
    }
  });
}

}  // namespace detail

/// A described network as a program: activations and weights of 8 bits, biases of 32, exponents unknown;
/// batch norms inside the layers in front of them where `check` has them there.  The network must have passed
/// check_network.
template <class Ops>
[[nodiscard]] constexpr program made(const graph_view<Ops>& net, const chip& on) {
  program p;
  p.tensors.reserve(3 * net.edges.size());
  p.steps.reserve(net.nodes.size());
  std::vector<int> place(net.edges.size(), -1);
  const auto at = [&](int e) -> int& { return place[static_cast<std::size_t>(e)]; };
  const auto add_edge = [&](int e) {
    const edge& from = net.edges[static_cast<std::size_t>(e)];
    tensor t{.dims = from.dims, .edge = e};
    t.name.add(from.name);
    if (from.place > 0) t.name.add(":").add(from.place);
    at(e) = p.add(t);
  };
  for (int e : net.inputs) {
    add_edge(e);
    p.inputs.push_back(at(e));
  }
  const std::vector<int> readers = lnn::detail::readers_of(net);
  std::vector<int> follower(net.nodes.size(), -1);  // the batch norm that a layer takes in
  for (std::size_t i = 0; i < net.nodes.size(); ++i)
    if (folds_away(net, net.nodes[i], readers))
      follower[static_cast<std::size_t>(net.edges[static_cast<std::size_t>(net.nodes[i].inputs[0])].node)] =
          static_cast<int>(i);
  std::vector<limit::operand> around;
  around.reserve(32);
  for (std::size_t i = 0; i < net.nodes.size(); ++i) {
    const node<Ops>& n = net.nodes[i];
    if (folds_away(net, n, readers)) {
      at(n.output) = at(n.inputs[0]);
      continue;
    }
    wires inputs, outputs, parameters;
    around.clear();
    for (int e : n.inputs) inputs.push_back(at(e));
    for (int o = 0; o < n.outputs; ++o) {
      add_edge(n.output + o);
      outputs.push_back(at(n.output + o));
    }
    detail::set_types(p, net, n, place, on);
    const bool biased = follower[i] >= 0 || !n.fused.batch_norm.empty();
    visit_op(n.op, [&](const auto& op) {
      for (int t : inputs) around.push_back(detail::operand_of(p.at(t)));
      for (int t : outputs) around.push_back(detail::operand_of(p.at(t)));
      const auto in = net.input_shapes(n);
      const auto add_parameter = [&](std::string_view name, const shape& dims, dtype type) {
        tensor t{.dims = dims,
                 .type = type,
                 .from = origin::parameter,
                 .layer = static_cast<int>(i),
                 .parameter = static_cast<int>(parameters.size())};
        t.name.add(n.name).add(".").add(name);
        parameters.push_back(p.add(t));
        around.push_back(detail::operand_of(t));
      };
      for (const parameter& q : op.parameters(std::span<const shape>(in.data(), in.size())))
        if (trained(q.kind)) add_parameter(q.name, q.dims, scaled(q.kind) ? dtype::int8 : dtype::int32);
      if (biased && parameters.size() == 1)
        add_parameter("bias", {p.at(parameters[0]).dims[0]}, dtype::int32);
      const std::span<const limit::operand> all = around;
      const layer_tensors tensors{all.first(inputs.size()), all.subspan(inputs.size(), outputs.size()),
                                  all.subspan(inputs.size() + outputs.size())};
      detail::add_layer(p, op, tensors,
                        {static_cast<int>(i), label(n.name), inputs, outputs, parameters, n.fused.relu});
    });
  }
  for (int e : net.outputs) p.outputs.push_back(at(e));
  return p;
}

}  // namespace lnn::lower
