// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/grad/loss.hpp>
#include <lnn/grad/tape.hpp>
#include <lnn/op/registry.hpp>
#include <lnn/simd/kernels.hpp>
#include <cmath>
#include <string>

namespace test_tape {

namespace {

using tape = lnn::basic_tape<double, lnn::simd::kernels>;
using lnn::shape;
using lnn::tensor;

/// y = x^3, an operator that nobody registered: what a user brings along.
struct cube {
  static constexpr std::string_view name = "cube";
  [[nodiscard]] int inputs() const { return 1; }
  [[nodiscard]] shape result(std::span<const shape> in, lnn::verdict&) const { return in[0]; }
  [[nodiscard]] std::size_t saved(std::span<const shape> in) const { return in[0].size(); }
  void forward(const auto& c) const {
    for (std::size_t i = 0; i < c.in[0].size(); ++i) {
      c.saved[i] = c.in[0][i] * c.in[0][i];
      c.out[0][i] = c.saved[i] * c.in[0][i];
    }
  }
  void backward(const auto& c) const {
    for (std::size_t i = 0; i < c.in[0].size(); ++i) c.grad_in[0][i] += 3 * c.saved[i] * c.grad_out[0][i];
  }
};

void set(tape::var& v, std::initializer_list<double> values) { std::copy(values.begin(), values.end(), v.value.begin()); }

template <class Action>
std::string message(Action action) {
  try {
    action();
  } catch (const lnn::error& e) {
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("tape: values, gradients and repetition with other data") {
  lnn::pool workers(1);
  tape t(workers);
  auto& x = t.input({1, 2});
  auto& w = t.make({1, 2});
  auto& b = t.make({1});
  set(x, {2, 3});
  set(w, {5, 7});
  set(b, {11});
  auto& y = t.apply(lnn::linear{.out = 1}, x, w, b);
  CHECK(y.value[0] == 2 * 5 + 3 * 7 + 11);
  t.backward(y);
  CHECK(w.grad[0] == 2);
  CHECK(w.grad[1] == 3);
  CHECK(b.grad[0] == 1);
  CHECK_FALSE(x.grad);

  set(x, {-1, 4});
  t.forward();
  CHECK(y.value[0] == -5 + 28 + 11);
  t.backward(y);  // from zero again, not on top
  CHECK(w.grad[0] == -1);
  CHECK(b.grad[0] == 1);
}

TEST_CASE("tape: a leaf looks at memory elsewhere, also at another one later") {
  lnn::pool workers(1);
  tape t(workers);
  tensor<double> here({3}, {1, 2, 3}), there({3}, {-4, 5, -6});
  auto& x = t.leaf(here.flatten());
  auto& y = t.apply(lnn::relu{}, x);
  CHECK(y.value[2] == 3);
  x.value = there.flatten();
  t.forward();
  CHECK(y.value[0] == 0);
  CHECK(y.value[1] == 5);
  t.backward(y);
  CHECK(x.grad[0] == 0);
  CHECK(x.grad[1] == 1);
  CHECK(here[0] == 1);
}

TEST_CASE("tape: a variable that is read several times collects all gradients") {
  lnn::pool workers(1);
  tape t(workers);
  auto& x = t.make({2});
  set(x, {3, -2});
  auto& square = t.apply(lnn::mul{}, x, x);
  auto& y = t.apply(lnn::add{}, square, x);  // x^2 + x
  t.backward(y);
  CHECK(x.grad[0] == 7);
  CHECK(x.grad[1] == -3);
}

TEST_CASE("tape: what needs no gradient computes none") {
  lnn::pool workers(1);
  tape t(workers);
  auto& x = t.input({4});
  auto& y = t.apply(lnn::relu{}, x);
  CHECK_FALSE(y.grad);  // nothing below wants one
  auto& w = t.make({4});
  auto& z = t.apply(lnn::mul{}, y, w);
  CHECK(static_cast<bool>(z.grad));
  set(x, {1, -1, 2, -2});
  t.forward();
  t.backward(z);
  CHECK(w.grad[0] == 1);
  CHECK(w.grad[1] == 0);
  auto& fixed = t.leaf(w.value, false);
  CHECK_FALSE(fixed.grad);
}

TEST_CASE("tape: an operator of the user's own") {
  lnn::pool workers(1);
  tape t(workers);
  auto& x = t.make({3});
  set(x, {2, -1, 0.5});
  auto& y = t.apply(cube{}, x);
  CHECK(y.value[0] == 8);
  t.backward(y);
  CHECK(x.grad[0] == 12);
  CHECK(x.grad[1] == 3);
  CHECK(x.grad[2] == 0.75);
}

TEST_CASE("tape: shapes that do not fit are one sentence") {
  lnn::pool workers(1);
  tape t(workers);
  auto& x = t.make({2, 3});
  auto& y = t.make({4, 5});
  auto& w = t.make({7, 4});
  CHECK(message([&] { t.apply(lnn::add{}, x, y); }).find("2x3") != std::string::npos);
  CHECK(message([&] { t.apply(lnn::add{}, x); }).find("add: 1 inputs, expected 2") != std::string::npos);
  CHECK(message([&] { t.apply(lnn::linear{.out = 7, .bias = false}, x); }) == "linear: 0 parameters, expected 1");
  CHECK(message([&] { t.apply(lnn::linear{.out = 7, .bias = false}, x, w); }) == "linear: weight is 7x4, expected 7x3");
}

TEST_CASE("tape: running statistics move in training only") {
  lnn::pool workers(1);
  tape t(workers);
  t.training = false;
  auto& x = t.make({4, 1});
  set(x, {1, 2, 3, 6});
  auto& gamma = t.make({1});
  auto& beta = t.make({1});
  auto& mean = t.make({1}, false);
  auto& var = t.make({1}, false);
  gamma.value[0] = var.value[0] = 1;
  auto& y = t.apply(lnn::batch_norm{.eps = 0, .momentum = 0.25F}, x, gamma, beta, mean, var);
  CHECK(y.value[3] == 6);
  CHECK(mean.value[0] == 0);
  t.training = true;
  t.forward();
  CHECK(mean.value[0] == doctest::Approx(0.25 * 3));
  CHECK(var.value[0] == doctest::Approx(0.75 + 0.25 * 3.5));
  CHECK(y.value[3] == doctest::Approx(3 / std::sqrt(3.5)));
}

}  // namespace test_tape
