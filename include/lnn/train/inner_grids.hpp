// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../graph/describe.hpp"
#include "../graph/params.hpp"
#include "../graph/scales.hpp"
#include "../tensor/tensor.hpp"

namespace lnn {

/// An operator with 8-bit values inside it.  `inner_grids` names the attributes that are their exponents, and
/// look_inside(call, look), after forward, calls look(name, numbers) for each of them.  Calibration finds the exponents;
/// what was never anything but zero keeps the attribute that was described.
template <class Op>
concept has_inner_grids = requires { Op::inner_grids; };

namespace detail {

/// Calls use(op, name) for every exponent inside a layer.
template <class Any, class Use>
void for_each_inner(Any& any, const Use& use) {
  visit_op(any, [&](auto& op) {
    if constexpr (has_inner_grids<std::remove_cvref_t<decltype(op)>>)
      for (const std::string_view name : op.inner_grids) use(op, name);
  });
}
template <class Op, class Use>
void with_exponent(Op& op, std::string_view name, const Use& use) {
  for_each_field(op, [&](const auto& f, auto& value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, int>)
      if (f.name == name) use(value);
  });
}

}  // namespace detail

/// Adds a scale for every exponent inside the layers, as it is described.
template <class Ops>
void add_inner_grids(const graph_view<Ops>& net, scales& all) {
  for (const node<Ops>& n : net.nodes)
    detail::for_each_inner(n.op, [&](const auto& op, std::string_view name) {
      scale& s = all.add(sentence(n.name, ".", name), 8);
      detail::with_exponent(op, name, [&](int exponent) { s.exponent = exponent; });
    });
}

/// The network with the exponents inside its layers that the scales hold.
template <class Ops>
[[nodiscard]] graph<Ops> with_inner_grids(graph<Ops> net, const scales& all) {
  bool any = false;
  for (const node<Ops>& n : net.view().nodes) detail::for_each_inner(n.op, [&](const auto&, std::string_view) { any = true; });
  if (!any) return net;
  return widened<Ops>(net.view(), [&](node<Ops>& n) {
    detail::for_each_inner(n.op, [&](auto& op, std::string_view name) {
      const std::string known = sentence(n.name, ".", name);
      for (const scale& s : all.entries())
        if (s.name == known) detail::with_exponent(op, name, [&](int& exponent) { exponent = s.exponent; });
    });
  });
}

/// Runs the layers that have something inside on the values of their inputs and calls use(scale's name, numbers).
/// `edges` holds a variable for every edge of the network.
template <class Kernels, class Ops, class Variables, class Use>
void look_inside(const graph_view<Ops>& net, const Variables& edges, params& values, pool& workers, const Use& use) {
  for (const node<Ops>& n : net.nodes)
    visit_op(n.op, [&](const auto& op) {
      if constexpr (has_inner_grids<std::remove_cvref_t<decltype(op)>>) {
        std::vector<flat<const float>> in;
        std::vector<shape> shapes;
        for (int e : n.inputs) {
          in.push_back(edges[static_cast<std::size_t>(e)]->value);
          shapes.push_back(in.back().dims);
        }
        const std::span<const shape> given(shapes);
        for (const parameter& p : op.parameters(given)) in.push_back(values.of(n.name, p.name).value.flatten());
        verdict found;
        tensor<float> result(op.result(given, found)), kept({static_cast<int>(op.saved(given))});
        const flat<float> out = result.flatten();
        const forward_call<float, Kernels> call{in, {&out, 1}, {}, {kept.data(), kept.size()}, false, workers};
        op.forward(call);
        op.look_inside(call, [&](std::string_view name, flat<const float> x) { use(sentence(n.name, ".", name), x); });
      }
    });
}

}  // namespace lnn
