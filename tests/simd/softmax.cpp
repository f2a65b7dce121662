// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/simd/softmax.hpp>
#include <vector>

namespace test_softmax {

using namespace lnn::simd;

void on_every_path(const auto& test) {
  for (const isa path : all_isas)
    if (supported(path)) {
      CAPTURE(name_of(path));
      test(path);
    }
}

TEST_CASE("softmax of rows of every length equals the textbook's in double") {
  on_every_path([](isa path) {
    lnn::random draw(7);
    for (std::size_t n = 1; n <= 70; ++n) {
      std::vector<float> x(n), p(n + 1, 9.0F);
      std::vector<double> wanted(n);
      for (float& v : x) v = draw.uniform(-90, 30);
      double top = -1e9, sum = 0;
      for (const float v : x) top = std::max(top, static_cast<double>(v));
      for (std::size_t i = 0; i < n; ++i) sum += wanted[i] = std::exp(static_cast<double>(x[i]) - top);
      const float log_sum = softmax(path, x.data(), n, p.data());
      CHECK(static_cast<double>(log_sum) == doctest::Approx(std::log(sum)).epsilon(1e-5));
      for (std::size_t i = 0; i < n; ++i) CHECK(std::abs(static_cast<double>(p[i]) - wanted[i] / sum) <= 1e-6);
      CHECK(p[n] == 9.0F);
    }
  });
}

TEST_CASE("exponentials are right to 2e-7 of their value, 0 far below, and broken numbers stay broken") {
  on_every_path([](isa path) {
    std::vector<float> x(87000), e(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = -0.001F * static_cast<float>(i);
    (void)exponentials(path, x.data(), x.size(), 0.0F, e.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double wanted = std::exp(static_cast<double>(x[i]));
      REQUIRE(std::abs(static_cast<double>(e[i]) - wanted) <= 2e-7 * wanted);
    }
    const float odd[] = {-INFINITY, -88, -1e30F, 0, NAN};
    (void)exponentials(path, odd, 5, 0.0F, e.data());
    CHECK(e[0] == 0);
    CHECK(e[1] == 0);
    CHECK(e[2] == 0);
    CHECK(e[3] == 1);
    CHECK(std::isnan(e[4]));
  });
}

TEST_CASE("an exponential does not depend on its place in the row") {
  on_every_path([](isa path) {
    lnn::random draw(8);
    std::vector<float> x(40), all(40);
    for (float& v : x) v = draw.uniform(-20, 0);
    (void)exponentials(path, x.data(), x.size(), 0.5F, all.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      float one = 0;
      CHECK(exponentials(path, x.data() + i, 1, 0.5F, &one) == all[i]);
      CHECK(one == all[i]);
    }
  });
}

TEST_CASE("double takes the standard library's functions") {
  const double x[] = {1, 2, 4};
  double p[3];
  CHECK(softmax(best(), x, 3, p) == doctest::Approx(std::log(std::exp(-3.0) + std::exp(-2.0) + 1)));
  CHECK(p[0] + p[1] + p[2] == doctest::Approx(1));
}

}  // namespace test_softmax
