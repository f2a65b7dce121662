// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>

#include "goal.hpp"
#include "program.hpp"
#include "progress.hpp"
#include "schedule.hpp"
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

struct epoch_result {
  std::string stage;
  int epoch = 0;  ///< from 1
  double loss = 0;
  lnn::figure figure{};  ///< what the goal measured on the training data, while they were learned
  double seconds = 0, rate = 0;
};

struct fit_options {
  int epochs = 1;
  schedule rate = schedule::constant(0.01);
  progress* show = nullptr;  ///< a progress line, or silence
  /// Called after every epoch, with the training value as a checkpoint would store it.
  callback<const epoch_result&> after_epoch{};
};

namespace detail {

template <class Kernels, class Ops>
std::unique_ptr<program<Kernels>> lay_out(const float_stage&, const graph_view<Ops>& net, const graph<Ops>&, training& t,
                                          flat<float> batch, pool& workers) {
  return float_program<Kernels>(net, t.parameters, batch, workers);
}
template <class Kernels, class Ops>
std::unique_ptr<program<Kernels>> lay_out(const constrained_stage& s, const graph_view<Ops>&, const graph<Ops>& fused,
                                          training& t, flat<float> batch, pool& workers) {
  return constrained_program<Kernels>(fused.view(), t.parameters, batch, workers, s.limits);
}
template <class Kernels, class Ops>
std::unique_ptr<program<Kernels>> lay_out(const integer_stage& s, const graph_view<Ops>&, const graph<Ops>& fused,
                                          training& t, flat<float> batch, pool& workers) {
  return integer_program<Kernels>(fused.view(), t.parameters, t.grids, batch, workers, *s.target, s.rules);
}

/// One optimizer step with the gradients on the tape.
template <class Kernels>
void update(program<Kernels>& p, training& t, float rate) {
  t.rule.begin_step();
  for (const auto& b : p.parameters)
    if (b.var->grad) t.rule.update(b.entry->name, b.entry->value.flatten(), b.var->grad, rate, b.entry->kind == role::weight);
  for (const auto& r : p.ranges) {
    float& learned = std::get<tqt>(r.range->range).learned;
    t.rule.update(sentence(r.range->name, ".range"), flat<float>(&learned, {1}), flat<const float>(r.gradient, {1}), rate, false);
  }
}

/// The first parameter or learned range with an element that is infinite or not a number; integers would hide it.
inline std::string_view not_finite(const training& t) {
  for (const auto& e : t.parameters.entries())
    for (const float v : e.value)
      if (!std::isfinite(v)) return e.name;
  for (const scale& s : t.grids.entries())
    if (!std::isfinite(s.log2_reach())) return s.name;
  return {};
}

/// The epochs of a stage; `p` has been laid out for `batch`.
template <class Kernels, class Goal>
void train(std::string_view stage, program<Kernels>& p, training& t, loader& data, mini_batch& batch, const Goal& goal,
           const fit_options& options, pool& workers) {
  auto& loss = goal.loss(p.tape, p.output(), batch);
  p.tape.training = true;
  if (t.stage != stage) {
    t.stage = std::string(stage);
    t.epoch = 0;
  }
  const std::int64_t per_epoch = data.batches();
  for (; t.epoch < options.epochs;) {
    const training before = t;
    data.epoch(t.epoch);
    const double start = monotonic_seconds();
    if (options.show) options.show->begin(stage, t.epoch + 1, options.epochs, data.samples());
    running_mean mean_loss;
    auto measured = goal.measure();
    double rate = 0;
    for (int b = 0; b < data.batches(); ++b) {
      data.fill(b, batch, workers);
      rate = options.rate.at({t.epoch * per_epoch + b, options.epochs * per_epoch, per_epoch});
      if (p.settle) p.settle();
      p.tape.forward();
      const double now = static_cast<double>(loss.value[0]);
      if (!std::isfinite(now)) {
        t = before;
        fail(stage, ": the loss is ", now, " in epoch ", t.epoch + 1, ", batch ", b + 1,
             "; lower the learning rate (", rate, ") or clamp more tightly");
      }
      p.tape.backward(loss);
      update(p, t, static_cast<float>(rate));
      mean_loss.add(now, static_cast<double>(batch.samples()));
      measured.add(flat<const float>(p.output().value), batch);
      if (options.show)
        options.show->update(static_cast<std::size_t>(mean_loss.weight()), mean_loss.value(), measured.figure());
    }
    if (const std::string_view broken = not_finite(t); !broken.empty()) {
      const std::string name(broken);
      const int epoch = t.epoch + 1;
      t = before;
      fail(stage, ": ", name, " holds no finite numbers after epoch ", epoch, "; lower the learning rate (", rate,
           ") or clamp more tightly");
    }
    ++t.epoch;
    if (options.show) options.show->end(mean_loss.value(), measured.figure());
    if (options.after_epoch)
      options.after_epoch({std::string(stage), t.epoch, mean_loss.value(), measured.figure(), monotonic_seconds() - start, rate});
  }
}

}  // namespace detail

/// Trains a network on a data set through one stage, towards a goal (goal.hpp): epochs of shuffled mini-batches, the
/// optimizer of `t`, whose memory survives from stage to stage.  Continues behind the epochs that `t` has already done in
/// this stage.  The same seed gives the same bits whatever the number of threads.  Throws when the loss or a parameter is
/// not a finite number; `t` is then as it was after the last whole epoch.
template <class Kernels = simd::kernels, class Ops, class Stage, goal_like Goal>
void fit(const graph_view<Ops>& net, training& t, loader& data, const Stage& stage, const Goal& goal,
         const fit_options& options, pool& workers) {
  require_sound(net);
  const graph<Ops> fused = fuse(net);
  mini_batch batch;
  data.epoch(t.stage == Stage::name ? t.epoch : 0);
  data.fill(0, batch, workers);
  const auto samples = static_cast<std::size_t>(batch.samples());
  if (data.samples() != static_cast<std::size_t>(data.batches()) * samples)
    fail("fit: the last batch has ", data.samples() % samples, " samples where the others have ", samples,
         "; train with a loader that drops it (loader_options::training)");
  const auto p = detail::lay_out<Kernels>(stage, net, fused, t, batch.input.flatten(), workers);
  detail::train<Kernels>(Stage::name, *p, t, data, batch, goal, options, workers);
}
template <class Kernels = simd::kernels, network_like Net, class Stage, goal_like Goal>
void fit(const Net& net, training& t, loader& data, const Stage& stage, const Goal& goal, const fit_options& options, pool& workers) {
  fit<Kernels>(net.view(), t, data, stage, goal, options, workers);
}
/// The same for classification.
template <class Kernels = simd::kernels, class Net, class Stage>
void fit(const Net& net, training& t, loader& data, const Stage& stage, const fit_options& options, pool& workers) {
  fit<Kernels>(net, t, data, stage, classification{}, options, workers);
}

/// Runs a stage's network over a data set in evaluation mode and calls look(program, mini_batch) after every batch, until
/// it answers false (it may also answer nothing).
template <class Kernels = simd::kernels, class Ops, class Stage, class Look>
void run_over(const graph_view<Ops>& net, training& t, loader& data, const Stage& stage, pool& workers, const Look& look) {
  const graph<Ops> fused = fuse(net);
  mini_batch batch;
  std::unique_ptr<program<Kernels>> p;
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
template <class Kernels = simd::kernels, network_like Net, class Stage>
[[nodiscard]] confusion_matrix evaluate(const Net& net, training& t, loader& data, const Stage& stage, int classes, pool& workers) {
  confusion_matrix found(classes);
  run_over<Kernels>(net.view(), t, data, stage, workers, [&](auto& p, const mini_batch& batch) {
    found.add(flat<const float>(p.output().value), batch.labels);
  });
  return found;
}

/// Finds the scales of a network from any number of batches: runs it in real numbers with folded batch norms, looks at
/// every tensor's reach with the policy's statistic, and takes the mean over the batches.  Before that, weights beyond the
/// policy's limit are clamped in `t`, once (quantization.md 3.1, 3.6).
template <class Kernels = simd::kernels, class Ops>
[[nodiscard]] scales calibrate(const graph_view<Ops>& net, training& t, loader& data, int batches, const quantization& policy,
                               pool& workers) {
  require_sound(net);
  if (batches < 1) fail("calibrate: ", batches, " batches, expected at least 1");
  const graph<Ops> fused = fuse(net);
  scales all = scales_for(fused.view(), policy);
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
    return --left > 0;
  });
  for (std::size_t i = 0; i < reach.size(); ++i)
    if (reach[i].weight() > 0) all.entries()[i].set(static_cast<float>(reach[i].value()));
  for (const node<Ops>& n : fused.view().nodes)
    for_each_scaled(fused.view(), n, [&](const parameter& p, std::size_t i) {
      layer_weights w = weights_of(fused.view(), n, t.parameters);
      w.fold();
      scale& s = all.of(sentence(n.name, ".", p.name));
      s.set(reach_of(w.used(i), policy.weights, false, s.bits));
    });
  (void)grids_of(fused.view(), all, true);
  return all;
}
template <class Kernels = simd::kernels, network_like Net>
[[nodiscard]] scales calibrate(const Net& net, training& t, loader& data, int batches, const quantization& policy, pool& workers) {
  return calibrate<Kernels>(net.view(), t, data, batches, policy, workers);
}

}  // namespace lnn
