// SPDX-License-Identifier: Apache-2.0
//
// Sequences: a gru and an lstm learn to tell chirps apart, tones that rise, fall or turn round while they sound, from
// generated spectra of 24 time steps.  Each network is trained in real numbers, then with the integers of VENUS in its
// forward pass, and frozen.  At the end the frozen lstm hears a chirp one time step at a time, its state handed on from
// call to call, and must say what it said of the whole.
#include <cstdio>
#include <lnn/lnn.hpp>
#include <lnn/sim/machine.hpp>

#include "chirps.hpp"

namespace {

using chirps::bands, chirps::classes, chirps::steps;
constexpr int hidden = 16;

/// The layer's last state, not its outputs over time, goes to the classifier.
template <class Layer>
constexpr auto network_of = lnn::describe([](auto& net) {
  auto x = net.input("spectra", {1, 1, steps, bands});
  x = net("frames", lnn::reshape{{0, steps, bands}}, x);
  x = net("memory", Layer{.hidden = hidden, .final_state = true}, x)[1];
  x = net("last", lnn::flatten{}, x);
  net("classes", lnn::linear{.out = classes}, x);
});
constexpr auto gru_network = network_of<lnn::gru>;
constexpr auto lstm_network = network_of<lnn::lstm>;
static_assert(lnn::check(gru_network, lnn::venus).clean() && lnn::check(lstm_network, lnn::venus).clean());

/// Trains, quantizes and freezes.
template <class Net>
auto learn(const char* name, const Net& net, const chirps::sets& data, bool* kept, lnn::pool& workers) {
  const lnn::channel_statistics normal = lnn::statistics_of(data.train);
  lnn::loader train(data.train, {.batch = 50, .normal = normal}), test(data.test, {.batch = 100, .normal = normal, .training = false});
  lnn::training now;
  now.parameters = lnn::init(net, 3);
  now.rule = lnn::adam{};
  lnn::fit(net, now, train, lnn::float_stage{}, {.epochs = 6, .rate = lnn::schedule::constant(0.004)}, workers);
  const double real = lnn::evaluate(net, now, test, lnn::float_stage{}, classes, workers).accuracy();
  now.grids = lnn::calibrate(net, now, train, 8, lnn::quantization{}, workers);
  const double rounded = lnn::evaluate(net, now, test, lnn::integer_stage{}, classes, workers).accuracy();
  lnn::fit(net, now, train, lnn::integer_stage{}, {.epochs = 16, .rate = lnn::schedule::cosine(0.005)}, workers);
  const double trained = lnn::evaluate(net, now, test, lnn::integer_stage{}, classes, workers).accuracy();
  std::printf("%-5s float %.1f %%, rounded to integers %.1f %%, trained with them %.1f %%\n", name, 100 * real, 100 * rounded,
              100 * trained);
  *kept = trained > real - 0.01;
  return lnn::freeze(net, now.parameters, now.grids);
}

/// Runs the frozen lstm over one chirp step by step; returns how many numbers of its state differ from those of the whole.
template <class Ops>
std::size_t stream(const lnn::frozen<Ops>& model, const lnn::dataset& data, lnn::pool& workers) {
  lnn::sim::machine<lnn::simd::kernels, Ops> machine(model, workers);
  const lnn::channel_statistics normal = lnn::statistics_of(data);
  lnn::loader one(data, {.batch = 1, .normal = normal, .training = false});
  lnn::tensor<float> x;
  std::vector<int> label;
  one.fill(0, x, label, workers);
  machine.run(x.flatten());

  const auto& layer = model.layers[1];  // behind the reshape
  lnn::lstm step = std::get<lnn::lstm>(layer.op);
  step.initial_state = true;
  const lnn::integer_tensor& frames = machine.edge(static_cast<std::size_t>(layer.inputs[0]));
  const lnn::integer_tensor& last = machine.edge(static_cast<std::size_t>(layer.output) + 1);
  const lnn::fixed_grid cells = *step.output_grid(2, *model.target);
  lnn::integer_tensor now(lnn::dtype::int8, {1, 1, bands}, frames.exponent()), y(lnn::dtype::int8, {1, 1, hidden}, 7),
      h = y, c(lnn::integer_of(cells.bits), {1, 1, hidden}, cells.exponent);
  for (std::size_t t = 0; t < steps; ++t) {
    std::copy_n(frames.template as<std::int8_t>() + t * bands, bands, now.template as<std::int8_t>());
    std::vector<lnn::integer_view> in{now.access(), h.access(), c.access()};
    for (const lnn::integer_tensor& p : layer.parameters) in.push_back(p.access());
    const lnn::integer_view out[] = {y.access(), h.access(), c.access()};  // the states take the place of the old ones
    step.integer(lnn::integer_call<lnn::simd::kernels>{in, out, *model.target, false, nullptr, workers});
  }
  std::size_t differ = 0;
  for (std::size_t i = 0; i < h.size(); ++i) differ += h.access().at(i) != last.access().at(i);
  return differ;
}

}  // namespace

int main() {
  try {
    lnn::pool workers(0);
    const chirps::sets data;
    bool gru = false, lstm = false;  // within a point of the float network
    (void)learn("gru", gru_network, data, &gru, workers);
    const auto model = learn("lstm", lstm_network, data, &lstm, workers);
    const std::size_t differ = stream(model, data.test, workers);
    std::printf("step by step the frozen lstm ends in a state in which %zu of %d numbers differ\n", differ, hidden);
    return differ == 0 && gru && lstm ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}
