// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/luna/logarithm.hpp>

#include "../csv.hpp"
#include "../folders.hpp"

namespace test_logarithm {

namespace luna = lnn::luna;

TEST_CASE("natural_log: as good as the C library's") {
  static_assert(luna::natural_log(1.0) == 0);
  for (int i = 0; i <= 1536; ++i) {
    const double x = 0.5 + i / 1024.0;
    REQUIRE(std::abs(luna::natural_log(x) - std::log(x)) < 3e-16);
  }
}

TEST_CASE("logarithm: the pieces are those of the chip") {
  const luna::detail::log2_pieces pieces;
  CHECK(pieces.value[0] == -2135405020);
  CHECK(pieces.slope[0] == 1543054448);
  for (const auto& row : csv::read(folders::shared() / "spec/tables/arcs_log2_table.csv")) {
    const auto i = static_cast<std::size_t>(row.at(0));
    REQUIRE(pieces.value[i] == row.at(1));
    REQUIRE(pieces.slope[i] == row.at(2));
  }
  for (const auto& row : csv::read(folders::shared() / "spec/tables/venusa_logsoftmax_ln_q16.csv"))
    REQUIRE(std::floor(65536 * luna::natural_log(1 + static_cast<double>(row.at(0)) / 512) + 0.5) ==
            static_cast<double>(row.at(1)));
}

TEST_CASE("logarithm: close to the function, the least number below one") {
  CHECK(luna::logarithm(0) == INT32_MIN);
  CHECK(luna::logarithm(-5) == INT32_MIN);
  for (std::int64_t v = 1; v <= INT32_MAX; v += 1 + v / 64) {
    const double exact = std::log(static_cast<double>(v) * 0x1p-15);
    REQUIRE(std::abs(luna::logarithm(static_cast<std::int32_t>(v)) * 0x1p-25 - exact) < 2e-5);
  }
}

}  // namespace test_logarithm
