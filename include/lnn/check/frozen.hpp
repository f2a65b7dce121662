// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/frozen.hpp"
#include "check.hpp"

namespace lnn {

/// Types and exponents of a frozen model: operands of one type, operators that keep a grid keep it, no shift to the
/// left.  Tensors are taken to exist (require_consistent); real numbers at the ends are not asked.
template <class Ops>
void check_grids(const frozen<Ops>& m, verdict& found) {
  const auto tensor = [&](int e) -> const auto& { return m.edges[static_cast<std::size_t>(e)]; };
  for (const auto& l : m.layers) {
    found.layer = l.name;
    const auto &x = tensor(l.inputs.front()), &y = tensor(l.output);
    if (x.type == dtype::float32 || y.type == dtype::float32) continue;
    int sum = 0, least = x.exponent;
    for (int e : l.inputs) {
      found.equal(network_rules::element_type, bits_of(tensor(e).type), bits_of(x.type));
      sum += tensor(e).exponent;
      least = std::min(least, tensor(e).exponent);
    }
    if (!l.parameters.empty()) sum += l.parameters[0].exponent();
    switch (visit_op(l.op, [](const auto& op) { return std::remove_cvref_t<decltype(op)>::grid_rule; })) {
      case grid::keep:
        found.equal(network_rules::kept_type, bits_of(y.type), bits_of(x.type));
        found.equal(network_rules::kept_exponent, y.exponent, x.exponent);
        break;
      case grid::at_most_sum: found.at_least(network_rules::left_shift, sum - y.exponent, 0); break;
      case grid::at_most_min: found.at_least(network_rules::left_shift, least - y.exponent, 0); break;
      case grid::source:
      case grid::real: break;
    }
    if (l.parameters.size() > 1) found.equal(network_rules::bias_exponent, l.parameters[1].exponent(), sum);
  }
}

/// What a frozen model breaks on a chip: check_grids, the memory of its parameters, every layer's hardware rules.
/// Findings name layers of `m`, which must outlive them.
template <class Ops>
[[nodiscard]] verdict check(const frozen<Ops>& m, const chip& on, verdict found = {}) {
  check_grids(m, found);
  check_parameter_bytes(static_cast<long long>(m.parameter_bytes()), on, found);
  for (const auto& l : m.layers) {
    list<shape, 16> in;
    for (int e : l.inputs) in.push_back(m.edges[static_cast<std::size_t>(e)].dims);
    found.layer = l.name;
    visit_op(l.op, [&](const auto& op) { op.check(std::span<const shape>(in.data(), in.size()), on, found); });
  }
  return found;
}

}  // namespace lnn
