// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "moved.hpp"

namespace test_variance {

using lnn::variance;
using namespace textbook;

TEST_CASE("variance: the textbook's, rounded to nearest, any axis") {
  lnn::random draw(3001);
  for (int i = 0; i < 150; ++i) {
    const shape x = any_shape(draw, 1, 4, 9);
    const int axis = pick(draw, -x.rank(), x.rank() - 1), along = lnn::normal_axis(axis, x.rank());
    const bool unbiased = i % 4 != 0;
    shape dims = x;
    dims[along] = 1;
    REQUIRE(result(variance{axis}, {x}) == dims);
    const int q_x = pick(draw, 0, 8), q_o = pick(draw, 0, 8);
    const auto from = noise(draw, dtype::int8, x, q_x);
    const auto y = run(variance{axis, unbiased}, {from}, dims, dtype::int8, q_o, *lnn::chips[i % 3]);
    for (std::size_t k = 0; k < y.size(); ++k) {
      auto at = places(dims, k);
      double sum = 0, squares = 0;
      const int n = x[along];
      for (int p = 0; p < n; ++p) {
        at[static_cast<std::size_t>(along)] = p;
        const auto v = static_cast<double>(get(from, element(x, at)));
        sum += v;
        squares += v * v;
      }
      const double exact = n == 1 ? 0 : (squares - sum * sum / n) / (unbiased ? n - 1 : n);
      const double scaled = std::min(std::ldexp(exact, q_o - 2 * q_x), 1000.0);
      const double near = std::floor(scaled + 0.5);
      if (std::abs(scaled + 0.5 - std::round(scaled + 0.5)) < 1e-4)
        continue;  // single precision may round either way
      REQUIRE(static_cast<double>(get(y, k)) == std::min(near, 127.0));
    }
  }
}

TEST_CASE("variance: 32 bits wrap as the chip's do") {
  std::vector<std::int64_t> x;
  for (int i = 0; i < 400; ++i) x.push_back(i % 2 ? 127 : -128);
  const auto spread = lnn::luna::spread(x.data(), x.size());
  const std::int64_t exact = 400LL * (200 * 127 * 127 + 200 * 128 * 128) - 200LL * 200;
  CHECK(exact > INT32_MAX);
  CHECK(spread == exact - (1LL << 32));
}

TEST_CASE("variance: limits") {
  CHECK(refusal(variance{2}, {shape{2, 3}}) ==
        "it: axis 2 is above the limit of 1; use an axis of the input");
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(variance{-1}, {shape{1, 2, 3}}, *on, lnn::limit::var::axis));
    CHECK(breaks(variance{-2}, {shape{1, 400, 3}}, *on, lnn::limit::var::length));
    CHECK(breaks(variance{-2, false}, {shape{1, 4, 3}}, *on, lnn::limit::var::biased));
    CHECK(breaks(variance{-2}, {shape{1, 4, 3}}, *on, lnn::limit::var::squares) == (on != &lnn::venus));
  }
  const int q[] = {5};
  CHECK(variance{}.greatest_exponent({q, {}}) == 10);
}

}  // namespace test_variance
