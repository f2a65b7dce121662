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
template <class Ops, class Build>
constexpr graph_size measure() {
  const graph<Ops> net = build_graph<Ops>(Build{});
  const graph_view<Ops> v = net.view();
  return {v.nodes.size(), v.edges.size(), v.inputs.size(), v.outputs.size(), v.problems.size()};
}
/// True for a function without captures that runs in a constant expression.
template <class Ops, class Build>
concept constant_build = std::is_empty_v<Build> && std::is_default_constructible_v<Build> &&
                         requires { typename std::integral_constant<std::size_t, measure<Ops, Build>().nodes>; };

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
/// The same function works at run time; with captures, or when it cannot run in a constant expression, the result is
/// a graph<Ops>.  Own operators: describe<lnn::builtin::with<my_op>>(...).
template <class Ops = builtin, class Build>
constexpr auto describe(const Build& build) {
  if constexpr (detail::constant_build<Ops, Build>) {
    constexpr detail::graph_size size = detail::measure<Ops, Build>();
    described<Ops, size> net;
    const graph<Ops> grown = detail::build_graph<Ops>(build);
    const graph_view<Ops> v = grown.view();
    // an array without elements has no address for std::copy to be silent about
    const auto copy = [](const auto& from, auto& to) {
      for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i];
    };
    copy(v.nodes, net.nodes);
    copy(v.edges, net.edges);
    copy(v.inputs, net.inputs);
    copy(v.outputs, net.outputs);
    if constexpr (size.problems > 0) copy(v.problems, net.problems);
    return net;
  } else {
    return detail::build_graph<Ops>(build);
  }
}

/// Anything that can be looked at as a network.
template <class Net>
concept network_like = requires(const Net& net) { { net.view() } -> std::same_as<graph_view<typename Net::ops>>; };

}  // namespace lnn
