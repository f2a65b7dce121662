// SPDX-License-Identifier: Apache-2.0
//
// Goals that need no other library: threads beside one thread, steps of QAT beside steps in real numbers, the simulator, the
// tape, fake quantization, the first step of a process.
//
//   goals [NETWORKS [MODEL INPUT]]     NETWORKS is the built benchmarks/networks, which makes the first steps
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "peers/measure.hpp"
#include "runs.hpp"

namespace {

using peers::compete, peers::line, peers::median_of;

/// One layer of a network as the simulator runs it.
class layer {
 public:
  layer(const lnn::conv2d& op, int side, int channels, int threads) : op_(op), workers_(threads) {
    lnn::verdict found;
    const lnn::shape x{1, channels, side, side};
    const lnn::shape y = op_.result({&x, 1}, found), w = op_.parameters({&x, 1})[0].dims;
    for (const lnn::shape& s : {x, w, lnn::shape{op_.out}, y}) {
      const bool bias = s.rank() == 1;
      values_.emplace_back(bias ? lnn::dtype::int32 : lnn::dtype::int8, s, bias ? 10 : 5);
      lnn::random draw(values_.size());
      for (std::size_t i = 0; i < s.size() && !bias; ++i) values_.back().as<std::int8_t>()[i] = static_cast<std::int8_t>(draw.below(256));
    }
    const lnn::integer_view in[] = {values_[0].access(), values_[1].access(), values_[2].access()}, out[] = {values_[3].access()};
    ready_ = lnn::sim::prepared_layer::of(op_, lnn::sim::layer_call{in, out, lnn::arcs, true, 6});
  }
  void run() { ready_->run(values_[0].as<const std::int8_t>(), values_[3].as<std::int8_t>(), workers_); }

 private:
  lnn::conv2d op_;
  lnn::pool workers_;
  std::vector<lnn::integer_tensor> values_;
  lnn::owner<lnn::sim::prepared> ready_;
};

struct shape {
  const char* name;
  lnn::conv2d op;
  int side, channels;
};

/// As compete, in slices of many runs: a thread that slept while the other side had its turn takes some 50 us to wake, which
/// inferences and steps behind each other do not meet.
peers::contest compete_threads(const auto& two, const auto& one) { return compete(two, one, peers::wall_seconds, 21, 5e-3); }

/// What a second thread gains for work that shares nothing: two where the machine has a core to spare, less where it is busy.
double gain_of_independent_work() {
  lnn::pool workers(2);
  volatile unsigned sink = 0;
  const auto spin = [&](int) {
    unsigned x = 1;
    for (int i = 0; i < 100000; ++i) x = x * 1664525U + 1013904223U;
    sink = x;
  };
  return compete_threads([&] { workers.run(2, spin); }, [&] { spin(0), spin(1); }).ratio;
}

/// Nanoseconds for a message to the other processor and its answer: some 100 where they share a cache, more where they do not, as
/// hosts of virtual machines may change at any time.
int round_trip() {
  constexpr int rounds = 15, messages = 1000;
  lnn::pool workers(2);
  alignas(64) std::atomic<int> said{0};
  std::vector<double> each;
  workers.run(2, [&](int side) {
    for (int r = 0; r < rounds; ++r) {
      const double start = peers::wall_seconds();
      for (int i = r * messages; i < (r + 1) * messages; ++i) {
        while (said.load(std::memory_order_acquire) != 2 * i + side) {
        }
        said.store(2 * i + side + 1, std::memory_order_release);
      }
      if (side == 0) each.push_back((peers::wall_seconds() - start) / messages);
    }
  });
  std::nth_element(each.begin(), each.begin() + rounds / 2, each.end());
  return static_cast<int>(1e9 * each[rounds / 2]);
}

void threads(peers::table& results) {
  const shape large[] = {{"3x3 56x56x64->64", {.out = 64, .pad = 1}, 56, 64},
                         {"3x3 28x28x128->128", {.out = 128, .pad = 1}, 28, 128},
                         {"3x3 14x14x256->256", {.out = 256, .pad = 1}, 14, 256},
                         {"3x3 7x7x512->512", {.out = 512, .pad = 1}, 7, 512},
                         {"1x1 28x28x128->512", {.out = 512, .kernel = {1, 1}}, 28, 128}};
  const shape small[] = {{"1x1 25x25x64->64", {.out = 64, .kernel = {1, 1}}, 25, 64},
                         {"3x3 16x16x16->16", {.out = 16, .pad = 1}, 16, 16},
                         {"dw 3x3 14x14x64", {.out = 64, .pad = 1, .group = 64}, 14, 64},
                         {"3x3 32x32x64->64", {.out = 64, .pad = 1}, 32, 64}};
  const auto row = [&](const shape& s) {
    layer two(s.op, s.side, s.channels, 2), one(s.op, s.side, s.channels, 1);
    results.row(s.name, compete_threads([&] { two.run(); }, [&] { one.run(); }));
  };
  const std::string of = peers::text(" (independent loops gain ", static_cast<int>(100 * gain_of_independent_work() - 100), " %, a message and its answer take ", round_trip(), " ns)");
  const std::string layers = "two threads, layers of more than 100 us" + of, steps = "two threads, steps of training" + of;
  results.group(layers.c_str(), {.mean = 1.7});
  for (const shape& s : large) row(s);
  results.end();
  results.group("two threads, layers below", {.mean = 0.9, .least = 0.9});
  for (const shape& s : small) row(s);
  results.end();
  results.group(steps.c_str(), {.mean = 1.7});
  for (const auto& net : nets::all) {
    if (std::strcmp(net.name, "ResNet18") == 0) continue;  // seconds for every step
    runs::training two(net, runs::batch_of(net.name), 2, false), one(net, runs::batch_of(net.name), 1, false);
    results.row(net.name, compete([&] { two.step(); }, [&] { one.step(); }, peers::wall_seconds, 7, 0.01));
  }
  results.end();
}

void quantized_steps(peers::table& results) {
  for (const bool images : {true, false}) {
    results.group(images ? "QAT step, networks of convolutions" : "QAT step, MLP and LSTM", {.mean = images ? 1.0 : 1 / 1.2});
    for (const auto& net : nets::all) {
      if ((std::strcmp(net.name, "MLP") != 0 && std::strcmp(net.name, "LSTM") != 0) != images || std::strcmp(net.name, "ResNet18") == 0) continue;
      runs::training integers(net, runs::batch_of(net.name), 1, true), real(net, runs::batch_of(net.name), 1, false);
      results.row(net.name, compete([&] { integers.step(); }, [&] { real.step(); }, peers::seconds, 7, 0.01));
    }
    results.end();
  }
}

void first_steps(const char* program) {
  const struct {
    const char* net;
    const char* beside;
    double megabytes;
  } goals[] = {{"MLP", "Python and PyTorch, 1.7 s and 244 MB", 25}, {"LeNet", "Python and PyTorch, 300 MB", 90}, {"ResNet18", "Python and PyTorch, 670 MB", 450}};
  for (const auto& g : goals)
    for (const char* kind : {"float", "qat"}) {
      std::FILE* out = popen((std::string(program) + " --first-step " + g.net + " " + kind).c_str(), "r");
      double ms = 0, megabytes = 0;
      const bool read = out && std::fscanf(out, "%*s %*s first step after %lf ms of the processor, at most %lf MB", &ms, &megabytes) == 2;
      if (out) pclose(out);
      if (!read) continue;
      const std::string name = std::string(kind) + " " + g.net;
      if (std::strcmp(g.net, "MLP") == 0) line(("process start to first step, " + name).c_str(), g.beside, ms, 20, "ms");
      line(("memory of a first step, " + name).c_str(), g.beside, megabytes, g.megabytes, "MB");
    }
}

}  // namespace

int main(int argc, char** argv) {
  if ((argc != 1 && argc != 2 && argc != 4) || (argc > 1 && argv[1][0] == '-')) {
    std::fputs("usage: goals [NETWORKS [MODEL INPUT]]\n", stderr);
    return 2;
  }
  if (argc > 3) {
    runs::simulation one(argv[2], argv[3]);
    line("the vendor's ResNet-18 as model.bin, simulated", "the reference simulator, 187 to 276 ms", 1e3 * median_of([&] { one.run(); }), 1.25, "ms");
  }
  {
    runs::additions chain;
    line("one operator on the tape, forward and backward", "PyTorch, 5.9 us", 1e6 * median_of([&] { chain.run(); }) / runs::additions::steps, 0.5, "us");
    runs::fake_quantization one;
    line("fake quantization of a million numbers, forward and backward", "PyTorch, 10.9 ms", 1e3 * median_of([&] { one.run(); }), 0.5, "ms");
  }
  if (argc > 1) first_steps(argv[1]);
  {
    peers::table results("one thread");
    threads(results);
  }
  peers::table results("own float step");
  quantized_steps(results);
}
