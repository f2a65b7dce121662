// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <type_traits>

#include "graph.hpp"

namespace lnn {

namespace detail {

struct graph_size {
  std::size_t nodes, edges, inputs, outputs, problems;
  friend constexpr bool operator==(const graph_size&, const graph_size&) = default;
};

template <class Ops, class Build>
constexpr graph<Ops> build_graph(const Build& build) {
  graph<Ops> net;
  build(net);
  net.finish();
  return net;
}
/// What a description must have room for, and which alternatives of Ops::any its layers hold.
template <class Ops>
struct inventory {
  graph_size size;
  std::array<bool, std::variant_size_v<typename Ops::any>> used{};
};
template <class Ops, class Build>
constexpr inventory<Ops> measure() {
  const graph<Ops> net = build_graph<Ops>(Build{});
  const graph_view<Ops> v = net.view();
  inventory<Ops> found{{v.nodes.size(), v.edges.size(), v.inputs.size(), v.outputs.size(), v.problems.size()}};
  for (const node<Ops>& n : v.nodes) found.used[n.op.index()] = true;
  return found;
}
template <class Ops, class Build>
inline constexpr inventory<Ops> measured = measure<Ops, Build>();
/// True for a function without captures that runs in a constant expression.
template <class Ops, class Build>
concept constant_build = std::is_empty_v<Build> && std::is_default_constructible_v<Build> &&
                         requires { typename std::integral_constant<std::size_t, measure<Ops, Build>().size.nodes>; };

struct no_change {
  template <class Node>
  constexpr void operator()(Node&) const {}
};
/// The same layer in another set of operators, which must have its own.
template <class To, class From>
constexpr node<To> moved(const node<From>& n) {
  if constexpr (std::is_same_v<To, From>) {
    return n;
  } else {
    using any = typename To::any;
    const any op = visit_op(n.op, [](const auto& o) {
      using Op = std::remove_cvref_t<decltype(o)>;
      if constexpr (To::template has<Op>) return any(std::in_place_type<Op>, o);
      else return any();
    });
    return {n.name, op, n.inputs, n.output, n.outputs, n.fused};
  }
}

}  // namespace detail

/// A described network: exactly as large as it must be, without heap, fit for `constexpr auto` and for template
/// arguments by reference.
template <class Ops, detail::graph_size Size>
struct described {
  using ops = Ops;
  std::array<node<Ops>, Size.nodes> nodes{};
  std::array<edge, Size.edges> edges{};
  std::array<int, Size.inputs> inputs{};
  std::array<int, Size.outputs> outputs{};
  std::array<finding, Size.problems> problems{};

  [[nodiscard]] constexpr graph_view<Ops> view() const { return {nodes, edges, inputs, outputs, problems}; }
  constexpr operator graph_view<Ops>() const { return view(); }
};

/// A network as a value, said by ordinary code:
///
///     constexpr auto net = lnn::describe([](auto& n) {
///       auto x = n.input({1, 1, 28, 28});
///       x = n("conv1", lnn::conv2d{.out = 8}, x);
///       x = n("act1", lnn::relu{}, x);
///     });
///
/// The result knows no operators but those that it has, so whatever is done with it compiles no others; where all builtin
/// operators are compiled already (lnn::compiled), it knows these.
/// The same function works at run time; with captures, or when it cannot run in a constant expression, the result is
/// a graph<Ops>.  Own operators: describe<lnn::builtin::with<my_op>>(...).
template <class Ops = builtin, class Build>
constexpr auto describe(const Build& build) {
  if constexpr (detail::constant_build<Ops, Build>) {
    constexpr detail::graph_size size = detail::measured<Ops, Build>.size;
    using Own = std::conditional_t<size.nodes == 0 || compiled_once<Ops>, Ops, decltype(Ops::template used_in<detail::measured<Ops, Build>>())>;
    described<Own, size> net;
    const graph<Ops> grown = detail::build_graph<Ops>(build);
    const graph_view<Ops> v = grown.view();
    // an array without elements has no address for std::copy to be silent about
    const auto copy = [](const auto& from, auto& to) {
      for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i];
    };
    for (std::size_t i = 0; i < v.nodes.size(); ++i) net.nodes[i] = detail::moved<Own>(v.nodes[i]);
    copy(v.edges, net.edges);
    copy(v.inputs, net.inputs);
    copy(v.outputs, net.outputs);
    if constexpr (size.problems > 0) copy(v.problems, net.problems);
    return net;
  } else {
    return detail::build_graph<Ops>(build);
  }
}

/// A network in a larger set of operators, to be kept in one place with others; or a copy, changed by change(node).
template <class To, class From, class Change = detail::no_change>
[[nodiscard]] constexpr graph<To> widened(const graph_view<From>& net, const Change& change = {}) {
  graph<To> out;
  std::vector<int> place(net.edges.size(), -1);
  const auto at = [&](int e) -> int& { return place[static_cast<std::size_t>(e)]; };
  for (int e : net.inputs) {
    const edge& in = net.edges[static_cast<std::size_t>(e)];
    at(e) = out.input(in.name, in.dims).edge;
  }
  for (const node<From>& n : net.nodes) {
    node<To> made = detail::moved<To>(n);
    made.inputs = {};
    for (int e : n.inputs) made.inputs.push_back(at(e));
    change(made);
    const int first = out.add(made).edge;
    for (int i = 0; i < n.outputs; ++i) at(n.output + i) = first + i;
  }
  for (int e : net.outputs) out.output({at(e)});
  return out;
}

/// Anything that can be looked at as a network.
template <class Net>
concept network_like = requires(const Net& net) { { net.view() } -> std::same_as<graph_view<typename Net::ops>>; };

}  // namespace lnn
