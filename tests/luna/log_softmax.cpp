// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/luna/log_softmax.hpp>

#include "../csv.hpp"
#include "../folders.hpp"

namespace test_log_softmax {

namespace luna = lnn::luna;
using lnn::curves;

TEST_CASE("log-softmax: rows recorded from VENUSA's library") {
  for (const auto& file : {folders::tests() / "golden/luna/log_softmax_venusA.csv",
                           folders::shared() / "spec/tables/luna_golden_logsoftmax_venusa.csv"}) {
    const auto rows = csv::read(file);
    for (std::size_t first = 0, last = 0; first < rows.size(); first = last) {
      std::vector<std::int32_t> x;
      for (; last < rows.size() && rows[last].at(0) == rows[first].at(0); ++last)
        x.push_back(static_cast<std::int32_t>(rows[last].at(2)));
      std::vector<std::int32_t> y(x.size());
      luna::log_softmax(curves::fused, x.data(), x.size(), y.data());
      CAPTURE(rows[first][0]);
      for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(y[i] == rows[first + i].at(3));
    }
  }
}

TEST_CASE("log-softmax: close to the function") {
  lnn::random draw(72);
  for (const curves unit : {curves::narrow, curves::stepped, curves::fused})
    for (const std::size_t n : {std::size_t{1}, std::size_t{3}, std::size_t{40}}) {
      std::vector<std::int32_t> x(n), y(n);
      for (std::int32_t& v : x) v = static_cast<std::int32_t>(draw.below(1U << 27));
      luna::log_softmax(unit, x.data(), n, y.data());
      double sum = 0;
      for (const std::int32_t v : x) sum += std::exp(v * 0x1p-25);
      const double step = std::ldexp(1.0, -luna::log_softmax_output(unit));
      for (std::size_t i = 0; i < n; ++i) {
        const double exact = x[i] * 0x1p-25 - std::log(sum);
        // where the logarithm is taken of a number of 15 bits, those decide
        const double error = unit == curves::fused ? 3e-3 : 3e-5 + 3e-5 / std::exp(exact);
        REQUIRE(std::abs(y[i] * step - exact) < error);
      }
    }
}

TEST_CASE("log-softmax: what is too small for 15 bits has the least logarithm") {
  for (const curves unit : {curves::narrow, curves::stepped}) {
    std::int32_t x[] = {0, INT32_MIN};
    luna::log_softmax(unit, x, 2, x);
    CHECK(x[0] == luna::logarithm(32768));
    CHECK(x[1] == INT32_MIN);
  }
}

}  // namespace test_log_softmax
