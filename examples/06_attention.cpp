// SPDX-License-Identifier: Apache-2.0
//
// An attention block for VENUSA: queries, keys and values by linear layers, softmax over their products, layer norms and a
// gelu, all of them the chip's integers in training.  It tells generated chirps apart.
#include <cstdio>
#include <lnn/lnn.hpp>

#include "chirps.hpp"

namespace {

constexpr const lnn::chip& target = lnn::venusA;

constexpr auto network = lnn::describe([](auto& net) {
  auto x = net.input("spectra", {1, 1, chirps::steps, chirps::bands});
  x = net("frames", lnn::reshape{{0, chirps::steps, chirps::bands}}, x);
  x = net("embed", lnn::linear{.out = 16}, x);
  const auto query = net("query", lnn::linear{.out = 16}, x), value = net("value", lnn::linear{.out = 16}, x);
  const auto key = net("turned", lnn::transpose{{0, 2, 1}}, net("key", lnn::linear{.out = 16}, x));
  const auto share = net("share", lnn::softmax{}, net("likeness", lnn::bmm{}, query, key));
  x = net("norm1", lnn::layer_norm{}, net("sum1", lnn::add{}, net("mixed", lnn::bmm{}, share, value), x));
  const auto wide = net("gelu", lnn::gelu{}, net("wide", lnn::linear{.out = 32}, x));
  x = net("norm2", lnn::layer_norm{}, net("sum2", lnn::add{}, net("narrow", lnn::linear{.out = 16}, wide), x));
  net("classes", lnn::linear{.out = chirps::classes}, net("flat", lnn::flatten{}, x));
});

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
