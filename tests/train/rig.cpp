// SPDX-License-Identifier: Apache-2.0
#include "rig.hpp"

#include <lnn/luna/kernels.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/train/checkpoint.hpp>

#include "scratch.hpp"

namespace rig {

namespace {

template <class Use>
void with_stage(stage s, const Use& use) {
  switch (s) {
    case stage::real: return use(lnn::float_stage{});
    case stage::constrained: return use(lnn::constrained_stage{});
    case stage::integer: return use(lnn::integer_stage{.rules = lnn::hardware_rules::ignored});  // random networks, for arithmetic
  }
}

template <class Kernels>
std::vector<lnn::integer_tensor> run_on(const model& m, lnn::flat<const float> batch) {
  lnn::pool workers(1);
  lnn::sim::machine<Kernels, lnn::builtin> chip(m, workers);
  chip.run(batch);
  std::vector<lnn::integer_tensor> out;
  for (std::size_t e = 0; e < m.edges.size(); ++e) out.push_back(chip.edge(e));
  return out;
}

}  // namespace

void fit(stage s, const view& net, lnn::training& t, lnn::loader& data, const lnn::fit_options& options, int threads,
         const lnn::classification& goal) {
  lnn::pool workers(threads);
  with_stage(s, [&](const auto& how) { lnn::fit(net, t, data, how, goal, options, workers); });
}
void reconstruct(stage s, const view& net, lnn::training& t, lnn::loader& data, const lnn::fit_options& options,
                 const lnn::reconstruction& goal) {
  lnn::pool workers(1);
  with_stage(s, [&](const auto& how) { lnn::fit(net, t, data, how, goal, options, workers); });
}
lnn::scales calibrate(const view& net, lnn::training& t, lnn::loader& data, int batches, const lnn::quantization& policy) {
  lnn::pool workers(1);
  return lnn::calibrate(net, t, data, batches, policy, workers);
}
std::vector<float> outputs(stage s, const view& net, lnn::training& t, lnn::loader& data) {
  lnn::pool workers(1);
  std::vector<float> all;
  with_stage(s, [&](const auto& how) {
    lnn::run_over(net, t, data, how, workers, [&](program& p, const lnn::mini_batch& batch) {
      CHECK(p.output().dims()[0] == batch.samples());
      all.insert(all.end(), p.output().value.begin(), p.output().value.end());
    });
  });
  return all;
}
lnn::confusion_matrix evaluate(stage s, const view& net, lnn::training& t, lnn::loader& data, int classes) {
  lnn::pool workers(1);
  lnn::confusion_matrix found(classes);
  with_stage(s, [&](const auto& how) {
    lnn::run_over(net, t, data, how, workers, [&](program& p, const lnn::mini_batch& batch) {
      found.add(lnn::flat<const float>(p.output().value), batch.labels);
    });
  });
  return found;
}

lnn::owner<program> real_program(const view& net, lnn::params& p, lnn::flat<float> batch, lnn::pool& workers) {
  return lnn::float_program<lnn::simd::kernels>(net, p, batch, workers);
}
lnn::owner<program> constrained_program(const view& fused, lnn::params& p, lnn::flat<float> batch, lnn::pool& workers,
                                             const lnn::clamps& limits) {
  return lnn::constrained_program<lnn::simd::kernels>(fused, p, batch, workers, limits);
}
lnn::owner<program> integer_program(const view& fused, lnn::params& p, lnn::scales& s, lnn::flat<float> batch,
                                         lnn::pool& workers) {
  return lnn::integer_program<lnn::simd::kernels>(fused, p, s, batch, workers, lnn::venus, lnn::hardware_rules::ignored);
}
lnn::owner<reference> reference_program(const view& fused, lnn::params& p, lnn::scales& s, lnn::flat<float> batch,
                                             lnn::pool& workers) {
  return lnn::integer_program<lnn::simd::reference_kernels>(fused, p, s, batch, workers, lnn::venus, lnn::hardware_rules::ignored);
}

std::vector<lnn::integer_tensor> run(const model& m, lnn::flat<const float> batch, bool on_luna) {
  return on_luna ? run_on<lnn::luna::kernels>(m, batch) : run_on<lnn::simd::kernels>(m, batch);
}

lnn::dataset noise(std::size_t samples, const shape& sample, int classes, std::uint64_t seed) {
  lnn::random draw(seed, 1);
  lnn::dataset d;
  d.sample = sample;
  for (std::size_t i = 0; i < samples * sample.size(); ++i) d.pixels.push_back(static_cast<std::uint8_t>(draw.below(256)));
  for (std::size_t i = 0; i < samples; ++i)
    d.labels.push_back(static_cast<std::int32_t>(draw.below(static_cast<std::uint32_t>(classes))));
  return d;
}

lnn::params lively(const view& net, std::uint64_t seed) {
  lnn::params p = lnn::init(net, seed);
  lnn::random draw(seed, 99);
  for (auto& e : p.entries())
    for (float& v : e.value) {
      if (e.kind == lnn::role::gain || e.kind == lnn::role::variance) v = draw.uniform(0.5F, 1.5F);
      if (e.kind == lnn::role::bias || e.kind == lnn::role::offset || e.kind == lnn::role::mean) v = draw.uniform(-0.5F, 0.5F);
      if (e.kind == lnn::role::gain && draw.below(5) == 0) v = -v;
    }
  return p;
}

std::string bytes_of(const view& net, const lnn::training& t) {
  const scratch::folder here;
  lnn::save_checkpoint(here.path("all"), net, t);
  return scratch::load(here.path("all"));
}

}  // namespace rig
