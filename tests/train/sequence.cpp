// SPDX-License-Identifier: Apache-2.0
// Layers over sequences in training: those with several weights, with biases at exponents of their own, with indices.
#include "rig.hpp"

namespace test_sequence {

using namespace rig;

namespace {

/// Rows of features, mixed by attention and by products with themselves.
network mixing() {
  network n;
  const wire x = n("rows", lnn::reshape{{0, 6, 8}}, n.input({1, 1, 6, 8}));
  const wire a = n("norm", lnn::layer_norm{}, x);
  const wire b = n("attention", lnn::multihead_attention{.out = 8, .heads = 2, .width = 4, .reach = 2, .q_scalar = 7}, a);
  const wire c = n("ffn", lnn::ffn{.hidden = 12, .out = 8}, n("sum", lnn::add{}, a, b));
  const wire d = n("likeness", lnn::bmm{}, c, n("turned", lnn::reshape{{0, 8, 6}}, c));
  const wire e = n("all", lnn::matmul{}, d, c);
  n("head", lnn::linear{.out = 3}, n("flat", lnn::flatten{}, n("ends", lnn::gather{{0, -1}, 1}, e)));
  n.finish();
  return n;
}

/// Words by their numbers.
network words() {
  network n;
  const wire x = n("table", lnn::embedding{.count = 256, .dim = 8}, n.input({1, 1, 1, 5}));
  const wire a = n("norm", lnn::layer_norm{.axes = 2}, n("rows", lnn::reshape{{0, 5, 8}}, x));
  const wire b = n("sparse", lnn::sparsified_ffn{.hidden = 16, .out = 6, .groups = 4}, n("flat", lnn::flatten{}, a));
  n("head", lnn::linear{.out = 3}, b);
  n.finish();
  return n;
}

}  // namespace

TEST_CASE("sequences: training in integers, evaluation and frozen execution are the same integers") {
  for (const bool learned : {false, true})
    for (const network& net : {mixing(), words()}) {
      const shape sample = net.view().edges[static_cast<std::size_t>(net.view().inputs[0])].dims;
      const lnn::dataset data = noise(24, {sample[1], sample[2], sample[3]}, 3, 7);
      lnn::channel_statistics plain;  // numbers of words as they are, images between 0 and 1
      plain.mean = {0};
      plain.deviation = {sample[2] == 1 ? 1.0F / 255 : 1.0F};
      lnn::loader loader(data, {.batch = 6, .normal = plain});
      lnn::training t;
      t.parameters = lively(net.view(), 3);
      lnn::quantization policy{.method = learned ? lnn::range_method::tqt : lnn::range_method::mom};
      policy.exceptions.push_back({"sparse", {8, 4}});
      t.grids = calibrate(net.view(), t, loader, 2, policy);
      t.rule = lnn::optimizer(lnn::sgd{.momentum = 0.9F});
      const lnn::params before = t.parameters;
      fit(stage::integer, net.view(), t, loader, {.epochs = 2, .rate = lnn::schedule::constant(0.01)});

      // every parameter was trained, but for those that only choose a group
      for (std::size_t i = 0; i < before.entries().size(); ++i) {
        const auto &was = before.entries()[i].value, &is = t.parameters.entries()[i].value;
        CAPTURE(before.entries()[i].name);
        const bool moved = !std::equal(was.begin(), was.end(), is.begin());
        CHECK(moved == (before.entries()[i].name.find(".mask_") == std::string::npos));
      }

      lnn::loader in_order(data, {.batch = 6, .normal = plain, .training = false});
      const std::vector<float> trained = outputs(stage::integer, net.view(), t, in_order);
      const model m = lnn::freeze(net.view(), t.parameters, t.grids, lnn::venus, lnn::hardware_rules::ignored);
      lnn::require_consistent(m, "memory");
      lnn::pool workers(1);
      tensor<float> batch;
      std::vector<int> labels;
      std::size_t at = 0;
      for (int b = 0; b < in_order.batches(); ++b) {
        in_order.fill(b, batch, labels, workers);
        const auto on_simd = run(m, batch.flatten(), false), on_luna = run(m, batch.flatten(), true);
        for (std::size_t e = 0; e < on_simd.size(); ++e) CHECK(on_simd[e] == on_luna[e]);
        const lnn::integer_tensor& y = on_luna[static_cast<std::size_t>(m.outputs[0])];
        for (std::size_t i = 0; i < y.size(); ++i, ++at)
          CHECK(static_cast<float>(y.access().at(i)) * lnn::power_of_two(-y.exponent()) == trained[at]);
      }
      CHECK(at == trained.size());
    }
}

}  // namespace test_sequence
