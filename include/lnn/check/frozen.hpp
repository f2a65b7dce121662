// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/frozen.hpp"
#include "../lower/made_frozen.hpp"
#include "check.hpp"

namespace lnn {

/// Types and exponents around a layer of a frozen model: operands of one type, operators that keep a grid
/// keep it, no shift to the left.  Tensors are taken to exist (require_consistent); real numbers at the ends
/// are not asked.
template <class Ops>
void check_grids(const frozen<Ops>& m, const typename frozen<Ops>::layer& l, verdict& found) {
  const auto tensor = [&](int e) -> const auto& { return m.edges[static_cast<std::size_t>(e)]; };
  const auto &x = tensor(l.inputs.front()), &y = tensor(l.output);
  if (x.type == dtype::float32 || y.type == dtype::float32) return;
  visit_op(l.op, [&](const auto& op) {
    using Op = std::remove_cvref_t<decltype(op)>;
    const layer_exponents q(m, l, op);
    for (std::size_t i = 0; i < l.inputs.size(); ++i)
      if ((index_inputs_in(op) >> i & 1U) == 0 && !input_grid_of(op, i, *m.target))
        found.equal(network_rules::element_type, bits_of(tensor(l.inputs[i]).type), bits_of(x.type));
    switch (Op::grid_rule) {
      case grid::keep:
        found.equal(network_rules::kept_type, bits_of(y.type), bits_of(x.type));
        if (!moves_grid<Op>) found.equal(network_rules::kept_exponent, y.exponent, x.exponent);
        break;
      case grid::at_most_sum:
      case grid::at_most_min:
      case grid::at_most:
        if (!moves_grid<Op>) found.at_least(network_rules::left_shift, greatest_exponent_of(op, q.view()) - y.exponent, 0);
        break;
      case grid::unit:
      case grid::table:
      case grid::index:
      case grid::source:
      case grid::real: break;
    }
    for (std::size_t i = 0; i < l.parameters.size(); ++i)
      if (!q.scaled(i)) found.equal(network_rules::bias_exponent, l.parameters[i].exponent(), bias_exponent_of(op, i, q.view()));
  });
}

/// How a frozen model is going to be packed, as far as rules ask.
struct packing_plan {
  limit::packing limits{};
  std::vector<limit::memory> asked{};  ///< where each of the model's edges shall lie; empty: anywhere
};

/// What the hardware rules of a layer of a frozen model are told: shapes, widths, exponents and places.
template <class Ops>
class frozen_tensors {
 public:
  frozen_tensors(const frozen<Ops>& m, const typename frozen<Ops>::layer& l, const packing_plan& how) : limits_(how.limits) {
    limits_.symbolic = !m.symbols.empty();
    const auto operand = [&](int e) {
      const auto& t = m.edges[static_cast<std::size_t>(e)];
      return limit::operand{.dims = t.dims, .bits = bits_of(t.type), .scale = limit::exponent(t.exponent),
                            .asked = how.asked.empty() ? limit::memory::any : how.asked[static_cast<std::size_t>(e)],
                            .constant = t.value.has_value()};
    };
    for (int e : l.inputs) in_.push_back(operand(e));
    for (int i = 0; i < l.outputs; ++i) out_.push_back(operand(l.output + i));
    for (const integer_tensor& p : l.parameters)
      parameters_.push_back({.dims = p.dims(), .bits = bits_of(p.type()), .scale = limit::exponent(p.exponent())});
  }
  [[nodiscard]] layer_tensors view() const { return {in_, out_, parameters_, limits_}; }

 private:
  limit::packing limits_;
  std::vector<limit::operand> in_, out_, parameters_;
};

/// What the layers of a frozen model break on a chip: check_grids, and every layer's hardware rules; the
/// flash that its parameters need.  Findings name layers of `m`, which must outlive them.
template <class Ops>
[[nodiscard]] verdict check_layers(const frozen<Ops>& m, const chip& on, verdict found = {}, const packing_plan& how = {}) {
  check_parameter_bytes(static_cast<long long>(m.parameter_bytes()), on, found);
  for (const auto& l : m.layers) {
    found.layer = l.name;
    const std::size_t before = found.refused().size();
    check_grids(m, l, found);
    if (found.refused().size() > before) continue;  // one error for one cause
    const frozen_tensors tensors(m, l, how);
    visit_op(l.op, [&](const auto& op) { op.check(tensors.view(), on, found); });
  }
  return found;
}

/// Bytes of each kind of memory that `pack` allocates for a frozen model on a chip, constants included.
template <class Ops>
[[nodiscard]] plan::totals memory_of(const frozen<Ops>& m, const chip& on, limit::packing options = {}) {
  options.symbolic = !m.symbols.empty();
  return plan::packed_totals(lower::made(m), on, options);
}

/// What a frozen model breaks on a chip: check_layers, and when all of that holds the totals of the memory
/// plan with the packer's default options.
template <class Ops>
[[nodiscard]] verdict check(const frozen<Ops>& m, const chip& on, verdict found = {}) {
  found = check_layers(m, on, static_cast<verdict&&>(found));
  if (found.clean()) check_totals(memory_of(m, on), on, found);
  return found;
}

}  // namespace lnn
