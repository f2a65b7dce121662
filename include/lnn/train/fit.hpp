// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/maths.hpp"
#include "goal.hpp"
#include "progress.hpp"
#include "schedule.hpp"
#include "stage.hpp"

namespace lnn {

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

/// One optimizer step with the gradients on the tape.
template <class Kernels>
void update(program<Kernels>& p, training& t, float rate) {
  t.rule.begin_step();
  for (const auto& b : p.parameters)
    if (b.var->grad) t.rule.update(b.entry->name, b.entry->value.flatten(), b.var->grad, rate, b.entry->kind == role::weight, &p.tape.workers());
  for (const auto& r : p.ranges) {
    float& learned = std::get<tqt>(r.range->range).learned;
    t.rule.update(sentence(r.range->name, ".range"), flat<float>(&learned, {1}), flat<const float>(r.gradient, {1}), rate, false);
  }
}

/// The first parameter or learned range with an element that is infinite or not a number; integers would hide it.
inline std::string_view not_finite(const training& t) {
  for (const auto& e : t.parameters.entries())
    for (const float v : e.value)
      if (!maths::isfinite(v)) return e.name;
  for (const scale& s : t.grids.entries())
    if (!maths::isfinite(s.log2_reach())) return s.name;
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
      if (!maths::isfinite(now)) {
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
  const graph<Ops> fused = detail::fused_for(stage, net, t);
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

}  // namespace lnn
