// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <lnn/core/parallel.hpp>
#include <lnn/core/random.hpp>
#include <lnn/train/optimizer.hpp>
#include <string>

namespace test_optimizer {

namespace {

using lnn::flat;
using lnn::optimizer;
using lnn::tensor;

/// Twelve steps of both, with other gradients and another rate each time.
template <class Textbook>
void compare(optimizer rule, bool decay, Textbook textbook) {
  lnn::random draw(9);
  constexpr std::size_t n = 7;
  tensor<float> w({7}), g({7});
  double v[n], memory[n][2] = {};
  for (std::size_t i = 0; i < n; ++i) v[i] = static_cast<double>(w[i] = draw.uniform(-1, 1));
  for (int step = 1; step <= 12; ++step) {
    const float rate = 0.1F / static_cast<float>(step);
    for (float& e : g) e = draw.uniform(-1, 1);
    rule.begin_step();
    rule.update("w", w.flatten(), g.flatten(), rate, decay);
    for (std::size_t i = 0; i < n; ++i) {
      textbook(v[i], memory[i], static_cast<double>(g[i]), static_cast<double>(rate), step);
      CHECK(static_cast<double>(w[i]) == doctest::Approx(v[i]).epsilon(2e-6));
    }
  }
  CHECK(rule.steps() == 12);
}

}  // namespace

TEST_CASE("optimizer: gradient descent with momentum, nesterov and decay") {
  for (const bool decay : {false, true})
    for (const bool nesterov : {false, true})
      for (const double momentum : {0.0, 0.9})
        compare(lnn::sgd{.momentum = static_cast<float>(momentum), .weight_decay = 0.01F, .nesterov = nesterov}, decay,
                [=](double& w, double* m, double g, double rate, int) {
                  const double m32 = static_cast<double>(static_cast<float>(momentum)), d = g + (decay ? 0.01 : 0) * w;
                  m[0] = m32 * m[0] + d;
                  w -= rate * (nesterov ? d + m32 * m[0] : m[0]);
                });
}

TEST_CASE("optimizer: Adam with decoupled decay") {
  for (const bool decay : {false, true})
    compare(lnn::adam{.weight_decay = 0.05F}, decay, [=](double& w, double* m, double g, double rate, int step) {
      m[0] = 0.9 * m[0] + 0.1 * g;
      m[1] = 0.999 * m[1] + 0.001 * g * g;
      const double first = m[0] / (1 - std::pow(0.9, step)), second = m[1] / (1 - std::pow(0.999, step));
      w -= rate * (first / (std::sqrt(second) + 1e-8) + (decay ? 0.05 : 0) * w);
    });
}

TEST_CASE("optimizer: memory belongs to the name, and can be carried over") {
  tensor<float> a({2}, {1, 2}), b({2}, {1, 2}), g({2}, {1, -1});
  optimizer one(lnn::sgd{.momentum = 0.5F});
  one.begin_step();
  one.update("a", a.flatten(), g.flatten(), 1, false);
  one.update("b", b.flatten(), g.flatten(), 1, false);
  REQUIRE(one.slots().size() == 2);
  CHECK(one.slots()[0].name == "a");
  CHECK(one.slots()[0].first[1] == -1);

  optimizer two(lnn::sgd{.momentum = 0.5F});
  two.restore(one.steps(), one.slots());
  CHECK(two.steps() == 1);
  two.begin_step();
  two.update("a", a.flatten(), g.flatten(), 1, false);
  CHECK(a[0] == 1 - 1 - 1.5F);  // the momentum was there
  CHECK(b[0] == 0);
  CHECK_FALSE(two.is_adam());
  CHECK(optimizer(lnn::adam{}).is_adam());

  tensor<float> wide({3});
  std::string message;
  try {
    two.update("a", wide.flatten(), wide.flatten(), 1, false);
  } catch (const lnn::error& e) {
    message = e.what();
  }
  CHECK(message == "optimizer: parameter a is 3 but its memory is 2; start a new optimizer");
}

TEST_CASE("optimizer: several threads move a large parameter to the same bits") {
  constexpr int n = 40'003;
  lnn::pool three(3);
  for (const optimizer& rule : {optimizer(lnn::sgd{.momentum = 0.9F, .weight_decay = 0.01F, .nesterov = true}), optimizer(lnn::adam{.weight_decay = 0.01F})}) {
    optimizer alone = rule, together = rule;
    lnn::random draw(7);
    tensor<float> a({n}), g({n});
    for (float& v : a) v = draw.uniform(-1, 1);
    tensor<float> b = a;
    for (int step = 0; step < 3; ++step) {
      for (float& v : g) v = draw.uniform(-1, 1);
      alone.begin_step();
      alone.update("w", a.flatten(), g.flatten(), 0.1F, true);
      together.begin_step();
      together.update("w", b.flatten(), g.flatten(), 0.1F, true, &three);
    }
    CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  }
}

}  // namespace test_optimizer
