// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdio>
#include <lnn/lnn.hpp>
#include <lnn/sim/machine.hpp>

/// What the examples about sounds learn from: generated spectra of tones that rise, fall or turn round while they sound.
namespace chirps {

constexpr int steps = 24, bands = 8, classes = 4;

/// Sample i is a chirp of class i mod 4 with random onset, length, range and noise; a pure function of (seed, i).
inline lnn::dataset make(std::size_t samples, std::uint64_t seed) {
  lnn::dataset out;
  out.sample = {1, steps, bands};
  out.class_names = {"rises", "falls", "rises and falls", "falls and rises"};
  for (std::size_t i = 0; i < samples; ++i) {
    lnn::random draw(seed, i);
    const auto between = [&](int low, int high) { return low + static_cast<int>(draw.below(static_cast<std::uint32_t>(high - low + 1))); };
    const int kind = static_cast<int>(i % classes), length = between(12, 20), onset = between(0, steps - length);
    const int low = between(0, 2), reach = between(4, bands - 1 - low);
    for (int t = 0; t < steps; ++t) {
      const int at = t - onset, half = length / 2;
      const int up = kind < 2 ? reach * at / (length - 1) : reach * (at < half ? at : length - 1 - at) / half;
      const int tone = kind % 2 == 0 ? low + up : low + reach - up;
      for (int band = 0; band < bands; ++band) {
        const int level = at < 0 || at >= length ? 0 : band == tone ? 150 : band == tone - 1 || band == tone + 1 ? 60 : 0;
        out.pixels.push_back(static_cast<std::uint8_t>(level + between(0, 50) + between(0, 50)));
      }
    }
    out.labels.push_back(kind);
  }
  return out;
}

struct sets {
  lnn::dataset train = make(4000, 1), test = make(1000, 2);
};

/// Trains a network in real numbers, then in the integers of a chip, and compares the frozen network with training.
/// Returns what main returns: 0 when the integers agree and keep within a point of the real numbers.
template <class Net>
int learn(const Net& network, const lnn::chip& target) {
  try {
    lnn::pool workers(0);
    const sets data;
    const lnn::channel_statistics normal = lnn::statistics_of(data.train);
    lnn::loader train(data.train, {.batch = 50, .normal = normal}), test(data.test, {.batch = 100, .normal = normal, .training = false});
    const lnn::integer_stage integers{.target = &target};
    lnn::training now;
    now.parameters = lnn::init(network, 3);
    now.rule = lnn::adam{};
    lnn::fit(network, now, train, lnn::float_stage{}, {.epochs = 5, .rate = lnn::schedule::cosine(0.004)}, workers);
    const double real = lnn::evaluate(network, now, test, lnn::float_stage{}, classes, workers).accuracy();
    now.grids = lnn::calibrate(network, now, train, 8, lnn::quantization{}, workers);
    const double rounded = lnn::evaluate(network, now, test, integers, classes, workers).accuracy();
    lnn::fit(network, now, train, integers, {.epochs = 4, .rate = lnn::schedule::cosine(0.002)}, workers);
    const double trained = lnn::evaluate(network, now, test, integers, classes, workers).accuracy();
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

}  // namespace chirps
