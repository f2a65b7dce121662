// SPDX-License-Identifier: Apache-2.0
//
// Whole networks: one inference of the frozen model, and one step of training in real numbers and through the chip's integers
// (forward, backward, momentum), for batches of the size that ends the name.  A model.bin and its input can be given in the
// environment: LNN_MODEL, LNN_INPUT.  What surrounds them: the price of an operator on the tape, and of fake quantization.
//
//   networks --first-step NAME float|qat     one step instead, and what it took from the start of the process on
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cstdio>
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

/// A batch of noise and one step of training with it after the other.
class training_run {
 public:
  training_run(const nets::network& which, int samples, int threads, bool integers)
      : net_(which.make()), fused_(lnn::fuse(net_.view())), x_(noise(net_.view().edges[0].dims.with_batch(samples))), workers_(threads) {
    t_.parameters = lnn::init(net_.view(), 1);
    t_.rule = lnn::optimizer(lnn::sgd{.momentum = 0.9F});
    for (int i = 0; i < samples; ++i) labels_.push_back(i % 10);
    if (integers) t_.grids = any_scales(fused_);
    p_ = integers ? lnn::integer_program<lnn::simd::kernels>(fused_.view(), t_.parameters, t_.grids, x_.flatten(), workers_, lnn::arcs,
                                                             lnn::hardware_rules::ignored)
                  : lnn::float_program<lnn::simd::kernels>(net_.view(), t_.parameters, x_.flatten(), workers_);
    loss_ = &lnn::cross_entropy(p_->tape, p_->output(), std::span<const int>(labels_));
    p_->tape.training = true;
  }
  void step() {
    if (p_->settle) p_->settle();
    p_->tape.forward();
    p_->tape.backward(*loss_);
    lnn::detail::update(*p_, t_, 1e-4F);
  }
  [[nodiscard]] float loss() const { return loss_->value[0]; }

 private:
  nets::graph net_, fused_;
  lnn::training t_;
  lnn::tensor<float> x_;
  std::vector<int> labels_;
  lnn::pool workers_;
  lnn::owner<program> p_;
  lnn::variable<float>* loss_ = nullptr;
};

void train(benchmark::State& state, const nets::network& which, int samples, int threads, bool integers) {
  training_run run(which, samples, threads, integers);
  run.step();
  for (auto _ : state) {
    run.step();
    benchmark::DoNotOptimize(run.loss());
  }
}

int batch_of(std::string_view net) { return net == "ResNet18" || net == "LSTM" ? 32 : 64; }

int first_step(std::string_view name, bool integers) {
  for (const auto& net : nets::all)
    if (net.name == name) {
      training_run run(net, batch_of(name), 1, integers);
      run.step();
      rusage used{};
      getrusage(RUSAGE_SELF, &used);
      const auto ms = [](const timeval& t) { return 1e3 * static_cast<double>(t.tv_sec) + 1e-3 * static_cast<double>(t.tv_usec); };
      std::printf("%-5s %-9s first step after %7.1f ms of the processor, at most %6.1f MB of memory\n", integers ? "qat" : "float", net.name,
                  ms(used.ru_utime) + ms(used.ru_stime), static_cast<double>(used.ru_maxrss) * 1024e-6);
      return 0;
    }
  std::fprintf(stderr, "networks: there is no network %s\n", std::string(name).c_str());
  return 2;
}

/// Forward and backward through forty additions of sixteen numbers: an operation of the tape and little else.
void tape(benchmark::State& state) {
  constexpr int steps = 40;
  lnn::pool workers(1);
  lnn::basic_tape<float, lnn::simd::kernels> t(workers);
  auto& start = t.make({16});
  auto* x = &start;
  for (int i = 0; i < steps; ++i) x = &t.apply(lnn::add{}, *x, start);
  for (auto _ : state) {
    t.forward();
    t.backward(*x);
  }
  state.counters["per_operator"] = benchmark::Counter(static_cast<double>(state.iterations()) * steps, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// What a layer's grid costs beside its arithmetic: range, integers and mask of a million numbers, the numbers that the
/// integers stand for, and the gradient through the mask.
void fake_quantization(benchmark::State& state) {
  constexpr std::size_t n = std::size_t{1} << 20, piece = 16384;
  const auto x = noise({static_cast<int>(n)});
  std::vector<std::int8_t> q(n);
  std::vector<std::uint8_t> pass(n);
  std::vector<float> y(n), g(n, 1.0F), gx(n);
  const lnn::simd::isa path = lnn::simd::best();
  for (auto _ : state) {
    float low = 1, high = -1;
    for (std::size_t i = 0; i < n; i += piece) {
      lnn::simd::quantize_half_up(path, piece, x.data() + i, 6, q.data() + i);
      lnn::simd::watch_quantized(path, piece, x.data() + i, 6, -128, 127, pass.data() + i, low, high);
      lnn::simd::dequantize(path, piece, q.data() + i, 6, y.data() + i);
    }
    lnn::simd::masked(path, n, pass.data(), g.data(), gx.data());
    benchmark::DoNotOptimize(y.data());
    benchmark::DoNotOptimize(gx.data());
    benchmark::ClobberMemory();
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
  if (argc == 4 && std::string_view(argv[1]) == "--first-step") return first_step(argv[2], std::string_view(argv[3]) == "qat");
  benchmark::Initialize(&argc, argv);
  for (const auto& net : nets::all)
    for (const int threads : {1, 2}) {
      const auto real_time = [](auto* b) { b->UseRealTime()->Unit(benchmark::kMicrosecond); };
      const int batch = batch_of(net.name);
      for (const int samples : {1, batch})
        real_time(benchmark::RegisterBenchmark(text("infer", net.name, samples, threads).c_str(), infer, net, samples, threads));
      real_time(benchmark::RegisterBenchmark(text("float", net.name, batch, threads).c_str(), train, net, batch, threads, false));
      real_time(benchmark::RegisterBenchmark(text("qat", net.name, batch, threads).c_str(), train, net, batch, threads, true));
    }
  benchmark::RegisterBenchmark("tape/40 additions", tape)->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("fake_quantization/1M", fake_quantization)->Unit(benchmark::kMicrosecond);
  if (const char* file = std::getenv("LNN_MODEL"))
    if (const char* input = std::getenv("LNN_INPUT"))
      benchmark::RegisterBenchmark("model.bin", simulate, file, input)->Unit(benchmark::kMicrosecond);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
