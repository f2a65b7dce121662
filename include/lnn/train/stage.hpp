// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inner_grids.hpp"
#include "program.hpp"
#include "training.hpp"

namespace lnn {

/// What a stage does with the network.  A stage's name is what checkpoints and progress lines call it.
struct float_stage {
  static constexpr std::string_view name = "float";
};
struct constrained_stage {
  static constexpr std::string_view name = "constrained";
  clamps limits{};
};
/// Quantization-aware training: the forward pass is the integer kernel of `target`.  Needs calibrated scales.
struct integer_stage {
  static constexpr std::string_view name = "int8";
  const chip* target = &venus;
  hardware_rules rules = hardware_rules::enforced;  ///< what the chip cannot compute is refused before the first step
};

namespace detail {

/// The network that a stage lays out.
template <class Ops, class Stage>
graph<Ops> fused_for(const Stage&, const graph_view<Ops>& net, const training&) {
  return fuse(net);
}
template <class Ops>
graph<Ops> fused_for(const integer_stage&, const graph_view<Ops>& net, const training& t) {
  return with_inner_grids(fuse(net), t.grids);
}

template <class Kernels, class Ops>
owner<program<Kernels>> lay_out(const float_stage&, const graph_view<Ops>& net, const graph<Ops>&, training& t,
                                          flat<float> batch, pool& workers) {
  return float_program<Kernels>(net, t.parameters, batch, workers);
}
template <class Kernels, class Ops>
owner<program<Kernels>> lay_out(const constrained_stage& s, const graph_view<Ops>&, const graph<Ops>& fused,
                                          training& t, flat<float> batch, pool& workers) {
  return constrained_program<Kernels>(fused.view(), t.parameters, batch, workers, s.limits);
}
template <class Kernels, class Ops>
owner<program<Kernels>> lay_out(const integer_stage& s, const graph_view<Ops>&, const graph<Ops>& fused,
                                          training& t, flat<float> batch, pool& workers) {
  return integer_program<Kernels>(fused.view(), t.parameters, t.grids, batch, workers, *s.target, s.rules);
}

}  // namespace detail

}  // namespace lnn
