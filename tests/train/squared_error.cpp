// SPDX-License-Identifier: Apache-2.0
#include <lnn/core/random.hpp>
#include <lnn/train/squared_error.hpp>
#include <cmath>
#include <vector>

#include "scratch.hpp"

namespace test_squared_error {

TEST_CASE("squared error: as it is defined, whatever the batches and the targets' offset") {
  lnn::random draw(4);
  for (const float offset : {0.0F, 1000.0F}) {
    std::vector<float> y(60), wanted(60);
    for (std::size_t i = 0; i < 60; ++i) {
      wanted[i] = offset + draw.uniform(-2, 3);
      y[i] = wanted[i] + draw.uniform(-1, 1);
    }
    double mean = 0, mse = 0, variance = 0;
    for (const float w : wanted) mean += static_cast<double>(w) / 60;
    for (std::size_t i = 0; i < 60; ++i) {
      const double d = static_cast<double>(y[i]) - static_cast<double>(wanted[i]), v = static_cast<double>(wanted[i]) - mean;
      mse += d * d / 60;
      variance += v * v / 60;
    }
    for (const int batch : {60, 20, 4}) {
      lnn::squared_error e;
      for (int at = 0; at < 60; at += batch)
        e.add(lnn::flat<const float>(y.data() + at, {batch / 2, 2}), lnn::flat<const float>(wanted.data() + at, {batch / 2, 2}));
      CHECK(e.mean() == doctest::Approx(mse).epsilon(1e-12));
      CHECK(e.variance() == doctest::Approx(variance).epsilon(1e-9));
      CHECK(e.explained() == doctest::Approx(1 - mse / variance).epsilon(1e-9));
      CHECK(e.psnr(5) == doctest::Approx(10 * std::log10(25 / mse)).epsilon(1e-9));
    }
  }
}

TEST_CASE("squared error: targets that do not vary, no error, nothing at all, other shapes") {
  const float ones[] = {1, 1}, twos[] = {2, 2};
  lnn::squared_error none, off, met;
  CHECK(none.mean() == 0);
  off.add(lnn::flat<const float>(ones, {2}), lnn::flat<const float>(twos, {2}));
  CHECK(off.explained() == 0);
  met.add(lnn::flat<const float>(ones, {2}), lnn::flat<const float>(ones, {2}));
  CHECK(met.explained() == 1);
  CHECK(std::isinf(met.psnr()));
  CHECK(scratch::message([&] { met.add(lnn::flat<const float>(ones, {2}), lnn::flat<const float>(ones, {1, 2})); }) ==
        "squared error: outputs 2 and targets 1x2 must have the same shape");
}

}  // namespace test_squared_error
