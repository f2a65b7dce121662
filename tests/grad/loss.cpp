// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/grad/loss.hpp>
#include <lnn/simd/kernels.hpp>
#include <string>
#include <vector>

namespace test_loss {

namespace {

using tape = lnn::basic_tape<double, lnn::simd::kernels>;

/// Mean of -sum of target * log softmax, written down as it is defined.
double textbook(const std::vector<double>& x, const std::vector<int>& labels, std::size_t classes, double smoothing) {
  double total = 0;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    double sum = 0;
    for (std::size_t k = 0; k < classes; ++k) sum += std::exp(x[r * classes + k]);
    for (std::size_t k = 0; k < classes; ++k) {
      const double hit = static_cast<int>(k) == labels[r] ? 1 - smoothing : 0;
      total -= (hit + smoothing / static_cast<double>(classes)) * std::log(std::exp(x[r * classes + k]) / sum);
    }
  }
  return total / static_cast<double>(labels.size());
}

template <class Loss>
void check_gradient(tape& t, tape::var& x, tape::var& loss, const Loss& value) {
  t.backward(loss);
  const std::vector<double> got(x.grad.begin(), x.grad.end());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double keep = x.value[i], h = 1e-6;
    x.value[i] = keep + h;
    const double up = value();
    x.value[i] = keep - h;
    const double down = value();
    x.value[i] = keep;
    CHECK(got[i] == doctest::Approx((up - down) / (2 * h)).epsilon(1e-7));
  }
}

std::string message(const auto& action) {
  try {
    action();
  } catch (const lnn::error& e) {
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("loss: cross entropy with and without smoothing") {
  lnn::random draw(5);
  for (const double smoothing : {0.0, 0.1, 0.5}) {
    lnn::pool workers(1);
    tape t(workers);
    auto& x = t.make({5, 4});
    for (double& v : x.value) v = static_cast<double>(draw.uniform(-3, 3));
    std::vector<int> labels{3, 0, 1, 1, 2};
    auto& loss = lnn::cross_entropy(t, x, std::span<const int>(labels), smoothing);
    const auto expected = [&] { return textbook({x.value.begin(), x.value.end()}, labels, 4, smoothing); };
    CHECK(loss.value[0] == doctest::Approx(expected()).epsilon(1e-12));
    check_gradient(t, x, loss, expected);
    labels[0] = 1;  // labels are looked at again
    t.forward();
    CHECK(loss.value[0] == doctest::Approx(expected()).epsilon(1e-12));
  }
}

TEST_CASE("loss: cross entropy of huge logits is finite") {
  lnn::pool workers(1);
  tape t(workers);
  auto& x = t.make({1, 3});
  x.value[0] = 1e4;
  x.value[1] = -1e4;
  const int label = 1;
  auto& loss = lnn::cross_entropy(t, x, std::span<const int>(&label, 1));
  CHECK(loss.value[0] == doctest::Approx(2e4));
  t.backward(loss);
  CHECK(x.grad[1] == doctest::Approx(-1));
  CHECK(x.grad[0] == doctest::Approx(1));
}

TEST_CASE("loss: mean squared error") {
  lnn::random draw(6);
  lnn::pool workers(1);
  tape t(workers);
  auto& x = t.make({2, 3});
  lnn::tensor<double> target({2, 3});
  for (double& v : x.value) v = static_cast<double>(draw.uniform(-3, 3));
  for (double& v : target) v = static_cast<double>(draw.uniform(-3, 3));
  auto& loss = lnn::mean_squared_error(t, x, lnn::flat<const double>(target.flatten()));
  const auto expected = [&] {
    double sum = 0;
    for (std::size_t i = 0; i < 6; ++i) sum += (x.value[i] - target[i]) * (x.value[i] - target[i]);
    return sum / 6;
  };
  CHECK(loss.value[0] == doctest::Approx(expected()).epsilon(1e-12));
  check_gradient(t, x, loss, expected);
}

TEST_CASE("loss: a pointwise loss of one's own, its target looked at again") {
  lnn::random draw(7);
  lnn::pool workers(1);
  tape t(workers);
  auto& x = t.make({3, 2, 2});
  lnn::tensor<double> target({3, 2, 2});
  for (double& v : x.value) v = static_cast<double>(draw.uniform(-3, 3));
  const auto huber = [](auto is, auto wanted) {
    const auto d = is - wanted;
    return std::abs(d) < 1 ? lnn::sloped{d * d / 2, d} : lnn::sloped{std::abs(d) - 0.5, d < 0 ? -1.0 : 1.0};
  };
  auto& loss = lnn::pointwise_loss(t, "huber", x, lnn::flat<const double>(target.flatten()), huber);
  const auto expected = [&] {
    double sum = 0;
    for (std::size_t i = 0; i < 12; ++i) {
      const double d = std::abs(x.value[i] - target[i]);
      sum += d < 1 ? d * d / 2 : d - 0.5;
    }
    return sum / 12;
  };
  for (const double moved : {0.0, 1.5}) {
    target.fill(moved);
    t.forward();
    CHECK(loss.value[0] == doctest::Approx(expected()).epsilon(1e-12));
    check_gradient(t, x, loss, expected);
  }
  lnn::tensor<double> other({12});
  CHECK(message([&] { lnn::pointwise_loss(t, "huber", x, lnn::flat<const double>(other.flatten()), huber); }) ==
        "huber: prediction 3x2x2 and target 12 must have the same shape");
}

TEST_CASE("loss: what does not fit is one sentence") {
  lnn::pool workers(1);
  tape t(workers);
  auto& x = t.make({2, 3});
  lnn::tensor<double> target({3, 2});
  std::vector<int> labels{0, 1, 2};
  CHECK(message([&] { lnn::cross_entropy(t, x, std::span<const int>(labels)); }) ==
        "cross_entropy: logits 2x3 and 3 labels; expected one label per row of [rows, classes]");
  labels = {0, 3};
  CHECK(message([&] { lnn::cross_entropy(t, x, std::span<const int>(labels)); }) ==
        "cross_entropy: label 3 in row 1, expected 0 to 2; the network has 3 outputs");
  labels = {-1, 2};
  CHECK_FALSE(message([&] { lnn::cross_entropy(t, x, std::span<const int>(labels)); }).empty());
  CHECK(message([&] { lnn::mean_squared_error(t, x, lnn::flat<const double>(target.flatten())); }) ==
        "mean_squared_error: prediction 2x3 and target 3x2 must have the same shape");
}

}  // namespace test_loss
