// SPDX-License-Identifier: Apache-2.0
//
// Sounds with convolutions along time, for ARCS: bands of a spectrum are the channels of conv1d layers with folded batch
// norms, and the mean over time goes to the classifier.  It tells generated chirps apart.
#include <cstdio>
#include <lnn/lnn.hpp>

#include "chirps.hpp"

namespace {

constexpr const lnn::chip& target = lnn::arcs;

constexpr auto network = lnn::describe([](auto& net) {
  auto x = net.input("spectra", {1, 1, chirps::steps, chirps::bands});
  x = net("frames", lnn::reshape{{0, chirps::steps, chirps::bands}}, x);
  x = net("bands", lnn::transpose{{0, 2, 1}}, x);
  x = net("conv1", lnn::conv1d{.out = 16, .kernel = 5, .pad = 2}, x);
  x = net("relu1", lnn::relu{}, net("norm1", lnn::batch_norm{}, x));
  x = net("conv2", lnn::conv1d{.out = 24, .kernel = 3, .stride = 2, .pad = 1}, x);
  x = net("relu2", lnn::relu{}, net("norm2", lnn::batch_norm{}, x));
  x = net("conv3", lnn::conv1d{.out = 32, .kernel = 3, .pad = 1}, x);
  x = net("relu3", lnn::relu{}, net("norm3", lnn::batch_norm{}, x));
  x = net("image", lnn::reshape{{0, 32, 1, -1}}, x);
  x = net("mean", lnn::avg_pool2d::global(), x);
  net("classes", lnn::linear{.out = chirps::classes}, net("flat", lnn::flatten{}, x));
});
static_assert(lnn::runs_on<network, target>);

}  // namespace

/// Trains in real numbers, then in the chip's integers, and compares the frozen network with training.
int main() {
  try {
    lnn::pool workers(0);
    const chirps::sets data;
    const lnn::channel_statistics normal = lnn::statistics_of(data.train);
    lnn::loader train(data.train, {.batch = 50, .normal = normal}), test(data.test, {.batch = 100, .normal = normal, .training = false});
    const lnn::integer_stage integers{.target = &target};
    lnn::training now;
    now.parameters = lnn::init(network, 3);
    now.rule = lnn::adam{};
    lnn::fit(network, now, train, lnn::float_stage{}, {.epochs = 5, .rate = lnn::schedule::cosine(0.004)}, workers);
    const double real = lnn::evaluate(network, now, test, lnn::float_stage{}, chirps::classes, workers).accuracy();
    now.grids = lnn::calibrate(network, now, train, 8, lnn::quantization{}, workers);
    const double rounded = lnn::evaluate(network, now, test, integers, chirps::classes, workers).accuracy();
    lnn::fit(network, now, train, integers, {.epochs = 4, .rate = lnn::schedule::cosine(0.002)}, workers);
    const double trained = lnn::evaluate(network, now, test, integers, chirps::classes, workers).accuracy();
    std::printf("on generated chirps, %s: float %.1f %%, rounded to integers %.1f %%, trained with them %.1f %%\n",
                std::string(target.name).c_str(), 100 * real, 100 * rounded, 100 * trained);

    const auto model = lnn::freeze(network, now.parameters, now.grids, target);
    lnn::sim::machine machine(model, workers);
    std::size_t differ = 0;
    lnn::run_over(network.view(), now, test, integers, workers, [&](auto& program, auto) {
      machine.run(program.input->value);
      for (std::size_t e = 0; e < model.edges.size(); ++e) differ += !(program.integers[e].values == machine.edge(e));
    });
    std::printf("frozen: %zu layer outputs differ from training\n", differ);
    return differ == 0 && trained > real - 0.01 ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}
