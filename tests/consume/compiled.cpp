// SPDX-License-Identifier: Apache-2.0
// Trains, freezes and runs a network with kernels that are compiled once; the reference path says what must come out.
#include <cstdio>
#include <lnn/lnn.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/train/synthetic.hpp>

static_assert(LNN_COMPILED == 1, "lnn::compiled says so");

int main() {
  constexpr auto net = lnn::describe([](auto& n) {
    auto x = n.input({1, 1, 28, 28});
    x = n("conv", lnn::conv2d{.out = 8, .stride = {2, 2}}, x);
    x = n("act", lnn::relu{}, x);
    x = n("flat", lnn::flatten{}, x);
    n("fc", lnn::linear{.out = 10}, x);
  });
  const lnn::train_test data = lnn::synthetic(256, 64);
  lnn::pool workers(2);
  lnn::loader train(data.train, {.batch = 32});
  lnn::training t{.parameters = lnn::init(net, 1), .rule = lnn::sgd{}};
  lnn::fit(net, t, train, lnn::constrained_stage{}, {.epochs = 1}, workers);
  t.grids = lnn::calibrate(net, t, train, 4, lnn::quantization{}, workers);
  auto model = lnn::freeze(net, t.parameters, t.grids);

  lnn::sim::machine fast(model, workers);
  lnn::sim::machine<lnn::luna::kernels, decltype(model)::ops> law(model, workers);
  lnn::loader test(data.test, {.batch = 8, .training = false});
  lnn::tensor<float> batch;
  std::vector<int> labels;
  test.fill(0, batch, labels, workers);
  fast.run(batch.flatten());
  law.run(batch.flatten());
  int differ = 0;
  for (std::size_t i = 0; i < 80; ++i) differ += fast.output().as<std::int8_t>()[i] != law.output().as<std::int8_t>()[i];
  std::printf("80 outputs, %d differ\n", differ);
  return differ == 0 ? 0 : 1;
}
