// SPDX-License-Identifier: Apache-2.0
//
// Whole networks: one inference of the frozen model, and one step of training in real numbers and through the chip's integers
// (forward, backward, momentum), for batches of the size that ends the name.  A model.bin and its input can be given in the
// environment: LNN_MODEL, LNN_INPUT.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <lnn/core/random.hpp>
#include <lnn/lnn.hpp>
#include <lnn/model/reader.hpp>
#include <lnn/sim/engine.hpp>
#include <lnn/sim/machine.hpp>

#include "nets.hpp"

namespace {

using program = lnn::program<lnn::simd::kernels>;

lnn::tensor<float> noise(const lnn::shape& dims) {
  lnn::tensor<float> t(dims);
  lnn::random draw(1);
  for (float& v : t) v = draw.uniform(-1, 1);
  return t;
}

/// Scales that nobody calibrated: time does not depend on them.
lnn::scales any_scales(const lnn::graph<>& fused) {
  lnn::scales s = lnn::scales_for(fused.view(), {});
  for (auto& e : s.entries()) e.set(e.name.find("weight") == std::string::npos ? 2.0F : 1.0F);
  (void)lnn::grids_of(fused.view(), s, true);
  return s;
}

void infer(benchmark::State& state, const nets::network& which, int samples, int threads) {
  const auto net = which.make();
  const auto parameters = lnn::init(net.view(), 1);
  const auto model = lnn::freeze(net.view(), parameters, any_scales(lnn::fuse(net.view())), lnn::arcs, lnn::hardware_rules::ignored);
  lnn::pool workers(threads);
  lnn::sim::machine machine(model, workers);
  const auto x = noise(net.view().edges[0].dims.with_batch(samples));
  machine.run(x.flatten());  // memory is touched, weights are arranged
  for (auto _ : state) {
    machine.run(x.flatten());
    benchmark::DoNotOptimize(machine.output().access().data);
  }
}

void train(benchmark::State& state, const nets::network& which, int samples, int threads, bool integers) {
  const auto net = which.make();
  lnn::training t;
  t.parameters = lnn::init(net.view(), 1);
  t.rule = lnn::optimizer(lnn::sgd{.momentum = 0.9F});
  auto x = noise(net.view().edges[0].dims.with_batch(samples));
  std::vector<int> labels(static_cast<std::size_t>(samples));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int>(i % 10);
  lnn::pool workers(threads);
  const auto fused = lnn::fuse(net.view());
  if (integers) t.grids = any_scales(fused);
  const auto p = integers ? lnn::integer_program<lnn::simd::kernels>(fused.view(), t.parameters, t.grids, x.flatten(), workers, lnn::arcs, lnn::hardware_rules::ignored)
                          : lnn::float_program<lnn::simd::kernels>(net.view(), t.parameters, x.flatten(), workers);
  auto& loss = lnn::cross_entropy(p->tape, p->output(), std::span<const int>(labels));
  p->tape.training = true;
  const auto step = [&] {
    if (p->settle) p->settle();
    p->tape.forward();
    p->tape.backward(loss);
    lnn::detail::update(*p, t, 1e-4F);
  };
  step();
  for (auto _ : state) {
    step();
    benchmark::DoNotOptimize(loss.value[0]);
  }
}

void simulate(benchmark::State& state, const char* file, const char* input) {
  lnn::pool workers(1);
  const auto bytes = lnn::read_file(file), x = lnn::read_file(input);
  lnn::sim::engine<> engine(lnn::model::read(std::span<const std::uint8_t>(bytes)), workers);
  engine.feed(0, x);
  for (auto _ : state) engine.run();
}

std::string text(const char* what, const char* net, int samples, int threads) {
  return std::string(what) + "/" + net + "/" + std::to_string(samples) + (threads > 1 ? "/threads" + std::to_string(threads) : "");
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (const auto& net : nets::all)
    for (const int threads : {1, 2}) {
      const auto real_time = [](auto* b) { b->UseRealTime()->Unit(benchmark::kMicrosecond); };
      const std::string_view name = net.name;
      const int batch = name == "ResNet18" || name == "LSTM" ? 32 : 64;
      for (const int samples : {1, batch})
        real_time(benchmark::RegisterBenchmark(text("infer", net.name, samples, threads).c_str(), infer, net, samples, threads));
      real_time(benchmark::RegisterBenchmark(text("float", net.name, batch, threads).c_str(), train, net, batch, threads, false));
      real_time(benchmark::RegisterBenchmark(text("qat", net.name, batch, threads).c_str(), train, net, batch, threads, true));
    }
  if (const char* file = std::getenv("LNN_MODEL"))
    if (const char* input = std::getenv("LNN_INPUT"))
      benchmark::RegisterBenchmark("model.bin", simulate, file, input)->Unit(benchmark::kMicrosecond);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
