// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "evaluate.hpp"

namespace lnn {

/// Finds the scales of a network from any number of batches: runs it in real numbers with folded batch norms, looks at
/// every tensor's reach with the policy's statistic, inside layers too (inner_grids.hpp), and takes the mean over the
/// batches.  Before that, weights beyond the policy's limit are clamped in `t`, once (quantization.md 3.1, 3.6).
template <class Kernels = simd::kernels, class Ops>
[[nodiscard]] scales calibrate(const graph_view<Ops>& net, training& t, loader& data, int batches, const quantization& policy,
                               pool& workers) {
  require_sound(net);
  if (batches < 1) fail("calibrate: ", batches, " batches, expected at least 1");
  const graph<Ops> fused = fuse(net);
  scales all = scales_for(fused.view(), policy);
  add_inner_grids(fused.view(), all);
  for (const node<Ops>& n : fused.view().nodes)
    for_each_scaled(fused.view(), n, [&](const parameter& p, std::size_t i) {
      if (p.kind == role::weight) weights_of(fused.view(), n, t.parameters).clamp_once(policy.limits, i);
    });
  // real numbers in the places that will be integers: the constrained program without limits, in evaluation
  constrained_stage open;
  open.limits = {.activation = policy.limits.activation, .weight_factor = {}, .weight = {}, .bias = {}};
  const auto names = grids_of(fused.view(), all, false);
  std::vector<running_mean> reach(all.entries().size());
  int left = batches;
  run_over<Kernels>(net, t, data, open, workers, [&](auto& p, const mini_batch&) {
    for (std::size_t e = 0; e < names.size(); ++e)
      if (names[e].entry >= 0) {
        const auto i = static_cast<std::size_t>(names[e].entry);
        reach[i].add(static_cast<double>(reach_of(p.edges[e]->value, policy.activations, names[e].positive, all.entries()[i].bits)));
      }
    look_inside<Kernels>(fused.view(), p.edges, t.parameters, workers, [&](std::string_view name, flat<const float> x) {
      if (std::all_of(x.begin(), x.end(), [](float v) { return v == 0; })) return;  // tells nothing
      reach[static_cast<std::size_t>(all.place(name))].add(static_cast<double>(reach_of(x, policy.activations, false, 8)));
    });
    return --left > 0;
  });
  for (std::size_t i = 0; i < reach.size(); ++i)
    if (scale& s = all.entries()[i]; reach[i].weight() > 0) {
      s.set(static_cast<float>(reach[i].value()));
      s.exponent = s.wanted();
    }
  for (const node<Ops>& n : fused.view().nodes)
    for_each_scaled(fused.view(), n, [&](const parameter& p, std::size_t i) {
      layer_weights w = weights_of(fused.view(), n, t.parameters);
      w.fold();
      scale& s = all.of(sentence(n.name, ".", p.name));
      s.set(reach_of(w.used(i), policy.weights, false, s.bits));
    });
  (void)grids_of(with_inner_grids(fused, all).view(), all, true);
  return all;
}
template <class Kernels = simd::kernels, network_like Net>
[[nodiscard]] scales calibrate(const Net& net, training& t, loader& data, int batches, const quantization& policy, pool& workers) {
  return calibrate<Kernels>(net.view(), t, data, batches, policy, workers);
}

}  // namespace lnn
