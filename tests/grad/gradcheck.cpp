// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/grad/gradcheck.hpp>
#include <lnn/simd/kernels.hpp>
#include <cmath>
#include <limits>

namespace test_gradcheck {

namespace {

using lnn::shape;

enum class mistake { none, factor, sign_of_one, second_input, not_a_number };

/// y = a * sin(b) with a mistake in its gradient.
struct wave {
  mistake made = mistake::none;

  static constexpr std::string_view name = "wave";
  [[nodiscard]] int inputs() const { return 2; }
  [[nodiscard]] shape result(std::span<const shape> in, lnn::verdict&) const { return in[0]; }
  void forward(const auto& c) const {
    for (std::size_t i = 0; i < c.in[0].size(); ++i) c.out[0][i] = c.in[0][i] * std::sin(c.in[1][i]);
  }
  void backward(const auto& c) const {
    for (std::size_t i = 0; i < c.in[0].size(); ++i) {
      const double g = c.grad_out[0][i] * (made == mistake::factor ? 1.001 : 1.0);
      c.grad_in[0][i] += (made == mistake::sign_of_one && i == 2 ? -g : g) * std::sin(c.in[1][i]);
      if (made == mistake::not_a_number && i == 1) c.grad_in[0][i] = std::numeric_limits<double>::quiet_NaN();
      if (made != mistake::second_input) c.grad_in[1][i] += g * c.in[0][i] * std::cos(c.in[1][i]);
    }
  }
};

lnn::gradient_report check(mistake m) { return lnn::gradcheck<lnn::simd::kernels>(wave{m}, {{2, 3}, {2, 3}}); }

}  // namespace

TEST_CASE("gradcheck: accepts a right operator") {
  CHECK(check(mistake::none).within(1e-8));
}

TEST_CASE("gradcheck: finds a wrong one, and where") {
  CHECK_FALSE(check(mistake::factor).within(1e-5));
  const auto one = check(mistake::sign_of_one);
  CHECK_FALSE(one.within(1e-3));
  CHECK(one.input == 0);
  CHECK(one.element == 2);
  CHECK(check(mistake::second_input).input == 1);
  const auto nan = check(mistake::not_a_number);
  CHECK_FALSE(nan.within(1e9));
  CHECK(nan.element == 1);
}

TEST_CASE("gradcheck: the same seed gives the same report") {
  CHECK(check(mistake::factor).worst == check(mistake::factor).worst);
}

}  // namespace test_gradcheck
