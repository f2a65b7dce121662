// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "layer_step.hpp"

namespace lnn::lower {

/// A step as the rules and figures of the room limit ask for it: its attributes with the tensors of a
/// program.
class step_facts {
 public:
  constexpr step_facts(const program& p, const step& s) : facts_(s.as) {
    facts_.op = s.op;
    const bool recurrent = is(s.op, "LSTMInt") || is(s.op, "GRUInt");
    limit::operand* const constants[] = {&facts_.weight, recurrent ? &facts_.recurrent_weight : &facts_.bias,
                                         recurrent ? &facts_.bias : nullptr,
                                         recurrent ? &facts_.recurrent_bias : nullptr};
    std::size_t next = 0;
    for (int i : s.inputs) {
      const tensor& t = p.at(i);
      if (t.from == origin::parameter && next < 4 && constants[next])
        *constants[next++] = detail::operand_of(t);
      else if (t.from != origin::numbers)
        in_.push_back(detail::operand_of(t));
    }
    if (!s.outputs.empty()) facts_.out = detail::operand_of(p.at(s.outputs[0]));
  }
  /// Views this object.
  [[nodiscard]] constexpr limit::facts view() const {
    limit::facts f = facts_;
    f.in = in_;
    return f;
  }

 private:
  limit::facts facts_;
  std::vector<limit::operand> in_;
};

}  // namespace lnn::lower
