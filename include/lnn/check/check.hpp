// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "memory.hpp"

namespace lnn {

/// What a network breaks on a chip: what check_network finds, parameters that no model file holds, every
/// layer's hardware rules, and when all of them hold the totals of the memory plan. The same function at
/// compile time and at run time; layers behind an unknown shape are not asked. A verdict of one's own as
/// `found` chooses what is recorded.
template <class Ops>
[[nodiscard]] constexpr verdict check(const survey_view<Ops>& asked, const chip& on, verdict found = {}) {
  for (const finding& f : asked.problems) found.refuse(f);
  check_parameter_bytes(asked.sums.parameter_bytes, on, found);
  const node<Ops>* const nodes = asked.net.nodes.data();
  std::vector<int> silence(asked.layers.size(), 0);  // layers of which nothing is to be said, nor of their twins
  int* silent = silence.data();
  for (const surveyed_layer *l = asked.layers.data(), *end = l + asked.layers.size(); l != end; ++l, ++silent) {
    if (l->twin >= 0 && silence.data()[l->twin] && !found.keep_passed) continue;
    const std::size_t before = found.refused().size() + found.advice().size();
    found.layer = nodes[l->node].name;
    visit_op(nodes[l->node].op, [&](const auto& op) { op.check(asked.tensors_of(*l), on, found); });
    *silent = found.refused().size() + found.advice().size() == before;
  }
  if (found.clean() && !is_ample(asked.sums.ample, on, found)) check_memory(asked.net, on, found);
  return found;
}
namespace detail {
/// Not constexpr, so that a program that is linked to lnn::compiled does not bring it again.
template <class Ops>
verdict check_at_run_time(const graph_view<Ops>& net, const chip& on, verdict found) {
  return check(survey<Ops>(net).view(), on, static_cast<verdict&&>(found));
}
}  // namespace detail
template <class Ops>
[[nodiscard]] constexpr verdict check(const graph_view<Ops>& net, const chip& on, verdict found = {}) {
  if constexpr (compiled_once<Ops>)
    if (!std::is_constant_evaluated()) return detail::check_at_run_time(net, on, static_cast<verdict&&>(found));
  return check(survey<Ops>(net).view(), on, static_cast<verdict&&>(found));
}
template <network_like Net>
[[nodiscard]] constexpr verdict check(const Net& net, const chip& on, verdict found = {}) {
  return check(net.view(), on, static_cast<verdict&&>(found));
}

}  // namespace lnn
