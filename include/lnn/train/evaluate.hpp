// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "goal.hpp"
#include "stage.hpp"

namespace lnn {

/// Runs a stage's network over a data set in evaluation mode and calls look(program, mini_batch) after every batch, until
/// it answers false (it may also answer nothing).
template <class Kernels = simd::kernels, class Ops, class Stage, class Look>
void run_over(const graph_view<Ops>& net, training& t, loader& data, const Stage& stage, pool& workers, const Look& look) {
  const graph<Ops> fused = detail::fused_for(stage, net, t);
  mini_batch batch;
  owner<program<Kernels>> p;
  int samples = 0;
  for (int b = 0; b < data.batches(); ++b) {
    data.fill(b, batch, workers);
    if (!p || samples != batch.samples()) {
      samples = batch.samples();
      p = detail::lay_out<Kernels>(stage, net, fused, t, batch.input.flatten(), workers);
    }
    p->input->value = batch.input.flatten();
    p->tape.forward();
    if constexpr (std::is_void_v<decltype(look(*p, batch))>) look(*p, batch);
    else if (!look(*p, batch)) return;
  }
}

/// What a goal measures of a stage's network on a data set; its figure() is the number in short.
template <class Kernels = simd::kernels, network_like Net, class Stage, goal_like Goal>
[[nodiscard]] auto evaluate(const Net& net, training& t, loader& data, const Stage& stage, const Goal& goal, pool& workers) {
  auto measured = goal.measure();
  run_over<Kernels>(net.view(), t, data, stage, workers, [&](auto& p, const mini_batch& batch) {
    measured.add(flat<const float>(p.output().value), batch);
  });
  return measured;
}
/// Accuracy, as a confusion matrix, of a stage's network on a data set.
template <class Kernels = simd::kernels, class Ops, class Stage>
[[nodiscard]] confusion_matrix evaluate(const graph_view<Ops>& net, training& t, loader& data, const Stage& stage, int classes, pool& workers) {
  confusion_matrix found(classes);
  run_over<Kernels>(net, t, data, stage, workers, [&](auto& p, const mini_batch& batch) {
    found.add(flat<const float>(p.output().value), batch.labels);
  });
  return found;
}
template <class Kernels = simd::kernels, network_like Net, class Stage>
[[nodiscard]] confusion_matrix evaluate(const Net& net, training& t, loader& data, const Stage& stage, int classes, pool& workers) {
  return evaluate<Kernels>(net.view(), t, data, stage, classes, workers);
}

}  // namespace lnn
