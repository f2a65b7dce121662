// SPDX-License-Identifier: Apache-2.0
// A whole program, for the time that it takes to compile: describe, three stages, calibrate, freeze, run.
#include <lnn/lnn.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/train/synthetic.hpp>

int main() {
  constexpr auto net = lnn::describe([](auto& n) {
    auto x = n.input({1, 1, 28, 28});
    x = n("conv1", lnn::conv2d{.out = 8}, x);
    x = n("norm1", lnn::batch_norm{}, x);
    x = n("act1", lnn::relu{}, x);
    x = n("pool1", lnn::max_pool2d{.kernel = {2, 2}, .stride = {2, 2}}, x);
    x = n("flat", lnn::flatten{}, x);
    x = n("fc", lnn::linear{.out = 10}, x);
  });
  static_assert(lnn::check(net, lnn::venus).clean());

  const lnn::train_test data = lnn::synthetic(512, 256);
  lnn::pool workers(2);
  lnn::loader train(data.train, {.batch = 32}), test(data.test, {.batch = 64, .training = false});
  lnn::training t{.parameters = lnn::init(net, 1), .rule = lnn::sgd{}};
  lnn::fit(net, t, train, lnn::float_stage{}, {.epochs = 1}, workers);
  lnn::fit(net, t, train, lnn::constrained_stage{}, {.epochs = 1}, workers);
  t.grids = lnn::calibrate(net, t, train, 4, lnn::quantization{}, workers);
  lnn::fit(net, t, train, lnn::integer_stage{}, {.epochs = 1}, workers);
  const lnn::confusion_matrix found = lnn::evaluate(net, t, test, lnn::integer_stage{}, 10, workers);
  std::printf("%s", found.table().c_str());

  const auto model = lnn::freeze(net, t.parameters, t.grids);
  lnn::sim::machine chip(model, workers);
  lnn::tensor<float> batch;
  std::vector<int> labels;
  test.fill(0, batch, labels, workers);
  chip.run(batch.flatten());
  std::printf("%d\n", static_cast<int>(chip.output().as<std::int8_t>()[0]));
}
