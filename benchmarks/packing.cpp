// SPDX-License-Identifier: Apache-2.0
//
// What packing takes, from a frozen network in memory to the bytes of model.bin: rules, passes, the memory plan, weights in the
// chip's order.  Small networks that all chips take, and one with 11 million parameters on a chip with memory for these.
#include <cstdio>
#include <lnn/pack/pack.hpp>

#include "peers/measure.hpp"
#include "runs.hpp"

namespace {

/// Median seconds of nine runs, of which each takes long enough to be timed alone.
template <class Run>
double median_of_nine(const Run& run) {
  std::vector<double> took;
  for (int i = 0; i < 9; ++i) {
    const double begin = peers::seconds();
    run();
    took.push_back(peers::seconds() - begin);
  }
  std::sort(took.begin(), took.end());
  return took[4];
}

/// A network of 3x3 convolutions with 11 million parameters, which venus takes when it has flash and PSRAM enough.
nets::graph eleven_million() {
  nets::graph n;
  auto x = n.input("x", {1, 3, 32, 32});
  for (int i = 0; i < 20; ++i) {
    x = n(nets::named("relu", i), lnn::relu{}, n(nets::named("conv", i), lnn::conv2d{.out = i == 0 ? 64 : i == 1 ? 128 : 256, .pad = 1}, x));
    if (i < 3) x = n(nets::named("pool", i), lnn::max_pool2d{.kernel = {2, 2}, .stride = {2, 2}}, x);
  }
  n.output(n("classes", lnn::linear{.out = 10}, n("flat", lnn::flatten{}, n("mean", lnn::avg_pool2d::global(), x))));
  return n;
}

/// Prints a row for every chip of those given; returns the longest time, in seconds.
double rows(const char* name, const nets::graph& graph, std::initializer_list<lnn::chip> chips) {
  const auto scales = runs::any_scales(lnn::fuse(graph.view()));
  const auto parameters = lnn::init(graph.view(), 1);
  double longest = 0;
  for (lnn::chip on : chips) {
    on.memory.flash = on.memory.psram = 16 << 20;
    const auto model = lnn::freeze(graph.view(), parameters, scales, on);
    const lnn::packed once = lnn::pack(model, on, {.psram = on.memory.psram});
    const double took = median_of_nine([&] { static_cast<void>(lnn::pack(model, on, {.psram = on.memory.psram})); });
    std::printf("%-10s %-7s %10zu %12.0f %10.2f\n", name, std::string(on.name).c_str(), once.program.operations.size(), 1e-3 * static_cast<double>(once.bytes.size()), 1e3 * took);
    longest = std::max(longest, took);
  }
  return longest;
}

}  // namespace

int main() {
  std::printf("%-10s %-7s %10s %12s %10s\n", "", "chip", "operators", "model.bin KB", "ms");
  for (const auto& net : nets::all)
    if (const std::string_view name = net.name; name == "MLP" || name == "LeNet") rows(net.name, net.make(), {lnn::venus, lnn::arcs, lnn::venusA});
  peers::line("packing of 11 million parameters", "nothing", 1e3 * rows("11 M", eleven_million(), {lnn::venus}), 1000, "ms");
}
