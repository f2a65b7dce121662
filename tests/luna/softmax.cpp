// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/luna/softmax.hpp>

#include "../csv.hpp"
#include "../folders.hpp"

namespace test_softmax {

namespace luna = lnn::luna;
using lnn::curves;

namespace {

/// Columns: vector, i, x, then y in column `place`.
void check_vectors(const std::filesystem::path& file, curves unit, std::size_t place = 3) {
  const auto rows = csv::read(file);
  for (std::size_t first = 0, last = 0; first < rows.size(); first = last) {
    std::vector<std::int32_t> x;
    for (; last < rows.size() && rows[last].at(0) == rows[first].at(0); ++last)
      x.push_back(static_cast<std::int32_t>(rows[last].at(2)));
    CAPTURE(rows[first][0]);
    luna::softmax(unit, x.data(), x.size(), x.data());
    for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(x[i] == rows[first + i].at(place));
  }
}

}  // namespace

TEST_CASE("softmax: rows recorded from the chips' libraries") {
  const auto mine = folders::tests() / "golden/luna", theirs = folders::shared() / "spec/tables";
  REQUIRE(csv::read(mine / "softmax_arcs.csv").size() > 100);
  check_vectors(mine / "softmax_arcs.csv", curves::stepped);
  check_vectors(mine / "softmax_venusA.csv", curves::fused);
  check_vectors(theirs / "luna_golden_softmax_arcs.csv", curves::stepped);
  check_vectors(theirs / "luna_golden_softmax_venusa.csv", curves::fused);
}

TEST_CASE("softmax: rows of the training side") {
  const auto mine = folders::tests() / "golden/luna", theirs = folders::shared() / "spec/tables";
  check_vectors(mine / "softmax_venus.csv", curves::narrow);
  check_vectors(theirs / "linger_golden_softmax.csv", curves::narrow, 3);
  check_vectors(theirs / "linger_golden_softmax.csv", curves::stepped, 4);
  check_vectors(theirs / "linger_golden_softmax.csv", curves::fused, 5);
}

TEST_CASE("softmax: close to the function, sums to one, does not care for a common summand") {
  lnn::random draw(71);
  for (const curves unit : {curves::narrow, curves::stepped, curves::fused})
    for (const std::size_t n :
         {std::size_t{1}, std::size_t{2}, std::size_t{10}, std::size_t{300}, std::size_t{2000}}) {
      std::vector<std::int32_t> x(n), y(n), moved(n);
      for (std::size_t i = 0; i < n; ++i) {
        x[i] = static_cast<std::int32_t>(draw.below(1U << 28)) - (1 << 27);
        moved[i] = x[i] + 123456789;
      }
      luna::softmax(unit, x.data(), n, y.data());
      luna::softmax(unit, moved.data(), n, moved.data());
      CHECK(y == moved);
      double sum = 0;
      for (const std::int32_t v : x) sum += std::exp(v * 0x1p-25);
      for (std::size_t i = 0; i < n; ++i)
        REQUIRE(std::abs(y[i] * 0x1p-15 - std::exp(x[i] * 0x1p-25) / sum) < 1.5e-4);
    }
}

TEST_CASE("softmax: rows at the ends of the range") {
  for (const curves unit : {curves::narrow, curves::stepped, curves::fused}) {
    std::int32_t far[] = {INT32_MIN, INT32_MAX, INT32_MIN};
    luna::softmax(unit, far, 3, far);
    CHECK(far[0] == 0);
    CHECK(far[1] == 32768);
    std::int32_t low[] = {INT32_MIN, INT32_MIN};
    luna::softmax(unit, low, 2, low);
    CHECK(low[0] == 16384);
    CHECK(low[1] == 16384);
  }
  static_assert(luna::exponential(curves::stepped, 0) == 8388668);  // not 2^23: the polynomial's own error
  static_assert(luna::exponential(curves::fused, INT32_MIN) == 0 &&
                luna::exponential(curves::narrow, INT32_MIN) == 0);
}

}  // namespace test_softmax
