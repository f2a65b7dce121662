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

#include "runs.hpp"

namespace {

void infer(benchmark::State& state, const nets::network& which, int samples, int threads) {
  runs::inference one(which, samples, threads);
  for (auto _ : state) {
    one.run();
    benchmark::DoNotOptimize(one.output());
  }
}

void train(benchmark::State& state, const nets::network& which, int samples, int threads, bool integers) {
  runs::training run(which, samples, threads, integers);
  run.step();
  for (auto _ : state) {
    run.step();
    benchmark::DoNotOptimize(run.loss());
  }
}

int first_step(std::string_view name, bool integers) {
  for (const auto& net : nets::all)
    if (net.name == name) {
      runs::training run(net, runs::batch_of(name), 1, integers);
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

void tape(benchmark::State& state) {
  runs::additions chain;
  for (auto _ : state) chain.run();
  state.counters["per_operator"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * runs::additions::steps, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void fake_quantization(benchmark::State& state) {
  runs::fake_quantization one;
  for (auto _ : state) one.run();
}

void simulate(benchmark::State& state, const char* file, const char* input) {
  runs::simulation one(file, input);
  for (auto _ : state) one.run();
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
      const int batch = runs::batch_of(net.name);
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
