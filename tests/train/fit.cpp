// SPDX-License-Identifier: Apache-2.0
#include <lnn/train/fit.hpp>

#include <cmath>
#include <lnn/train/checkpoint.hpp>
#include <lnn/train/synthetic.hpp>

#include "rig.hpp"
#include "scratch.hpp"

namespace test_fit {

using namespace rig;
using scratch::has;
using scratch::message;

namespace {

network small(int side = 28, int classes = 10, bool alone = false) {
  return lnn::describe([=](auto& n) {
    auto x = n("pool", lnn::avg_pool2d{}, n.input({1, 1, side, side}));
    x = n("conv1", lnn::conv2d{.out = 6, .stride = {2, 2}, .bias = false}, x);
    x = n("norm1", lnn::batch_norm{}, x);
    x = n("relu1", lnn::relu{}, x);
    auto y = n("deep", lnn::conv2d{.out = 6, .pad = 1, .group = 6}, x);
    y = n("norm2", lnn::batch_norm{}, y);
    x = n("sum", lnn::add{}, x, y);
    x = n("relu2", lnn::relu{}, x);
    if (alone) x = n("norm3", lnn::batch_norm{}, x);
    x = n("flat", lnn::flatten{}, x);
    x = n("head", lnn::linear{.out = classes}, x);
  });
}

/// Trains through all stages.
struct course {
  network net = small();
  lnn::dataset data = lnn::synthetic_images(160, 3);
  lnn::training t;
  std::vector<double> losses;

  explicit course(bool adam = false, bool learned = false, bool alone = false) : net(small(28, 10, alone)) {
    t.parameters = lnn::init(net.view(), 1);
    if (adam) t.rule = lnn::optimizer(lnn::adam{.weight_decay = 0.01F});
    else t.rule = lnn::optimizer(lnn::sgd{.momentum = 0.9F, .weight_decay = 1e-4F});
    rate = adam ? 0.003 : 0.02;
    if (learned) policy.method = lnn::range_method::tqt;
  }
  void run(stage s, int epochs, int threads = 1) {
    lnn::loader loader(data, {.batch = 20, .seed = t.seed, .augment = {.shift = 1}});
    if (s == stage::integer && t.grids.entries().empty()) t.grids = calibrate(net.view(), t, loader, 3, policy);
    fit(s, net.view(), t, loader,
        {.epochs = epochs, .rate = lnn::schedule::cosine(rate), .show = nullptr,
         .after_epoch = [this](const lnn::epoch_result& r) { losses.push_back(r.loss); }},
        threads);
  }
  [[nodiscard]] std::string bytes() const { return bytes_of(net.view(), t); }

  double rate;
  lnn::quantization policy{};
};

/// The same optimizer with a decay that drives every weight to infinity.
lnn::optimizer runaway(const lnn::optimizer& from) {
  lnn::optimizer o(lnn::sgd{.momentum = 0, .weight_decay = 1e6F});
  o.restore(from.steps(), from.slots());
  return o;
}

}  // namespace

TEST_CASE("fit: the loss falls through all stages, and the optimizer survives them") {
  for (const bool adam : {false, true}) {
    course c(adam);
    c.run(stage::real, 5);
    CHECK(c.t.stage == "float");
    CHECK(c.t.epoch == 5);
    CHECK(c.losses.back() < 0.8 * c.losses.front());
    CHECK(c.t.rule.steps() == 5 * 8);
    const auto slots = c.t.rule.slots().size();
    const double before = c.losses.back();
    c.run(stage::constrained, 2);
    CHECK(c.t.stage == "constrained");
    CHECK(c.t.epoch == 2);
    CHECK(c.t.rule.steps() == 7 * 8);
    CHECK(c.t.rule.slots().size() == slots);
    c.run(stage::integer, 3);
    CHECK(c.t.rule.steps() == 10 * 8);
    CHECK(c.t.rule.slots().size() == slots);
    CHECK(c.losses.back() < before + 0.1);
    CHECK(c.losses.size() == 10);
    // nothing left to do
    const std::string done = c.bytes();
    c.run(stage::integer, 3);
    CHECK(c.bytes() == done);
  }
}

TEST_CASE("fit: the same bits for one, two and three threads, in every stage") {
  for (const bool learned : {false, true}) {
    std::vector<std::string> all;
    for (const int threads : {1, 2, 3}) {
      course c(learned, learned, true);
      for (const stage s : stages) c.run(s, 1, threads);
      all.push_back(c.bytes());
    }
    CHECK(all[0] == all[1]);
    CHECK(all[0] == all[2]);
  }
}

TEST_CASE("fit: a loss that is no number stops with a sentence and the last good state") {
  for (const stage s : {stage::real, stage::constrained}) {
    course c;
    c.run(s, 1);
    const std::string good = c.bytes();
    c.rate = 1e6;
    c.t.rule = runaway(c.t.rule);
    CHECK(has(message([&] { c.run(s, 2); }), "the loss is"));
    CHECK(c.bytes() == good);
  }
  course c;  // integers hide it; the parameters tell
  c.run(stage::real, 1);
  c.run(stage::integer, 1);
  const std::string good = c.bytes();
  c.rate = 1e6;
  c.t.rule = runaway(c.t.rule);
  CHECK(has(message([&] { c.run(stage::integer, 3); }), "int8: "));
  CHECK(c.bytes() == good);
}

TEST_CASE("fit: data that do not fit the network") {
  course c;
  c.net = small(20);
  c.t.parameters = lnn::init(c.net.view(), 1);
  const std::string before = c.bytes();
  for (const stage s : stages)
    CHECK(message([&] { c.run(s, 1); }) == "input: the data are 20x1x28x28 but the network takes 20x1x20x20");
  CHECK(c.bytes() == before);
  course few;
  few.net = small(28, 4);
  few.t.parameters = lnn::init(few.net.view(), 1);
  CHECK(has(message([&] { few.run(stage::real, 1); }), "expected 0 to 3; the network has 4 outputs"));
  course other;
  other.t.parameters = lnn::init(small(28, 5).view(), 1);
  CHECK(message([&] { other.run(stage::real, 1); }) ==
        "params: head.weight is 5x216 but the layer takes 10x216; these parameters belong to another network");
  course uncalibrated;
  lnn::loader loader(uncalibrated.data, {.batch = 20});
  CHECK(has(message([&] { fit(stage::integer, uncalibrated.net.view(), uncalibrated.t, loader, {}); }), "calibrate this network first"));
  lnn::loader partial(uncalibrated.data, {.batch = 30, .training = false});
  CHECK(has(message([&] { fit(stage::real, uncalibrated.net.view(), uncalibrated.t, partial, {}); }),
            "the last batch has 10 samples where the others have 30"));
}

TEST_CASE("fit: an unsound network is refused in the sentence of its first mistake") {
  const network bad = lnn::describe([bias = true](auto& n) {
    auto x = n("conv1", lnn::conv2d{.out = 3, .kernel = {40, 40}, .bias = bias}, n.input({1, 1, 28, 28}));
    n("head", lnn::linear{.out = 3}, n("flat", lnn::flatten{}, x));
  });
  const network twins = lnn::describe([out = 3](auto& n) {
    auto x = n("same", lnn::conv2d{.out = out}, n.input({1, 1, 28, 28}));
    n("same", lnn::relu{}, x);
  });
  lnn::training t;
  const auto data = lnn::synthetic_images(20);
  lnn::loader loader(data, {.batch = 10});
  CHECK(has(message([&] { fit(stage::real, bad.view(), t, loader, {}); }), "conv1: output height"));
  CHECK(has(message([&] { fit(stage::real, twins.view(), t, loader, {}); }), "same: is the name of more than one layer or input"));
}

TEST_CASE("evaluate: changes nothing, and takes a last partial batch of any size") {
  course c;
  for (const stage s : stages) {
    c.run(s, 1);
    const std::string before = c.bytes();
    const auto test = lnn::synthetic_images(50, 4);
    std::vector<std::vector<float>> seen;
    for (const int batch : {50, 16, 7, 1}) {
      lnn::loader loader(test, {.batch = batch, .training = false});
      seen.push_back(outputs(s, c.net.view(), c.t, loader));
      REQUIRE(seen.back().size() == 500);
      const auto found = evaluate(s, c.net.view(), c.t, loader, 10);
      std::size_t right = 0;
      for (std::size_t i = 0; i < 50; ++i)
        right += std::max_element(seen.back().begin() + static_cast<std::ptrdiff_t>(10 * i),
                                  seen.back().begin() + static_cast<std::ptrdiff_t>(10 * i + 10)) -
                         seen.back().begin() - static_cast<std::ptrdiff_t>(10 * i) ==
                     test.labels[i];
      CHECK(found.accuracy() == doctest::Approx(static_cast<double>(right) / 50));
    }
    for (std::size_t k = 1; k < seen.size(); ++k)
      for (std::size_t i = 0; i < 500; ++i) {
        if (s == stage::integer) CHECK(seen[k][i] == seen[0][i]);
        else CHECK(seen[k][i] == doctest::Approx(seen[0][i]).epsilon(1e-4).scale(1));
      }
    CHECK(c.bytes() == before);
  }
}

TEST_CASE("calibrate: any number of batches, either method, the mean of the batches' reaches") {
  course c;
  c.run(stage::real, 1);
  c.run(stage::constrained, 1);
  lnn::loader loader(c.data, {.batch = 20});
  for (const auto method : {lnn::range_method::mom, lnn::range_method::tqt})
    for (const auto how : {lnn::statistic::abs_max, lnn::statistic::top_10, lnn::statistic::w_like})
      for (const int batches : {1, 3, 8, 100}) {
        lnn::quantization policy;
        policy.method = method;
        policy.activations = how;
        policy.limits.weight_factor.reset();
        const std::string before = c.bytes();
        const lnn::scales s = calibrate(c.net.view(), c.t, loader, batches, policy);
        CHECK(c.bytes() == before);
        REQUIRE(s.entries().size() == 8);  // input, conv1, deep, head and their weights, sum; the poolings keep
        double mean = 0;
        const int used = std::min(batches, loader.batches());
        lnn::pool workers(1);
        for (int b = 0; b < used; ++b) {
          tensor<float> x;
          std::vector<int> labels;
          loader.fill(b, x, labels, workers);
          mean += static_cast<double>(lnn::reach_of(x.flatten(), how, false, 8)) / used;
        }
        const lnn::scale& input = s.of("input");
        CHECK(std::visit([](const auto& r) { return r.log2_reach(); }, input.range) == doctest::Approx(std::log2(mean)).epsilon(1e-5));
        for (const auto& e : s.entries()) {
          CHECK(e.exponent <= e.wanted());
          CHECK(std::holds_alternative<lnn::tqt>(e.range) == (method == lnn::range_method::tqt));
        }
        CHECK(s.of("conv1").exponent <= input.exponent + s.of("conv1.weight").exponent);
        CHECK(s.of("sum").exponent <= std::min(s.of("conv1").exponent, s.of("deep").exponent));
      }
  CHECK(has(message([&] { (void)calibrate(c.net.view(), c.t, loader, 0, {}); }), "0 batches, expected at least 1"));
}

TEST_CASE("calibrate: weights beyond the limit are clamped once, folded or not") {
  course c;
  auto& w = c.t.parameters.of("head", "weight").value;
  auto& folded = c.t.parameters.of("conv1", "weight").value;
  c.t.parameters.of("norm1", "gamma").value[2] = -2;
  w[3] = -50;
  folded[2 * 9 + 4] = 40;  // of the channel with the negative gain
  lnn::loader loader(c.data, {.batch = 20});
  const float limit = *lnn::clamps{}.weight_limit(w.flatten());
  const lnn::scales s = calibrate(c.net.view(), c.t, loader, 1, {});
  CHECK(w[3] == -limit);
  CHECK(folded[2 * 9 + 4] < 39);
  CHECK(folded[2 * 9 + 4] > 0);
  const tensor<float> after = w;
  const float reach = std::get<lnn::mom>(s.of("head.weight").range).running;
  CHECK(reach == limit);
}

TEST_CASE("freeze: uses the exponents in force, not what the ranges have come to ask for since") {
  course c;
  c.run(stage::real, 1);
  c.run(stage::integer, 1);
  const model before = lnn::freeze(c.net.view(), c.t.parameters, c.t.grids, lnn::venus, lnn::hardware_rules::ignored);
  for (auto& s : c.t.grids.entries()) s.set(1000);
  const model after = lnn::freeze(c.net.view(), c.t.parameters, c.t.grids, lnn::venus, lnn::hardware_rules::ignored);
  for (std::size_t e = 0; e < before.edges.size(); ++e) CHECK(before.edges[e].exponent == after.edges[e].exponent);
  for (std::size_t i = 0; i < before.layers.size(); ++i) CHECK(before.layers[i].parameters == after.layers[i].parameters);
  CHECK(before.parameter_bytes() == 6 * 9 + 6 * 4 + 6 * 9 + 6 * 4 + 2160 + 40);
  CHECK(before.layers[1].name == "conv1");
  CHECK(before.layers[1].relu);
  CHECK(before.target == &lnn::venus);
}

}  // namespace test_fit
