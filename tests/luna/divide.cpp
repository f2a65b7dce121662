// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/luna/divide.hpp>

#include "../csv.hpp"
#include "../folders.hpp"

namespace test_divide {

namespace {

void check_quotients(const std::filesystem::path& file) {
  for (const auto& row : csv::read(file)) {
    REQUIRE(row.size() == 4);
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    CAPTURE(row[2]);
    REQUIRE(lnn::luna::divide(static_cast<std::int32_t>(row[0]), static_cast<std::int32_t>(row[1]),
                              static_cast<int>(row[2])) == row[3]);
  }
}

void check_reciprocals(const std::filesystem::path& file) {
  for (const auto& row : csv::read(file)) {
    REQUIRE(row.size() == 4);
    CAPTURE(row[0]);
    const auto b = static_cast<std::int32_t>(row[0]);
    REQUIRE(lnn::luna::reciprocal::of(b).normalize == row[1]);
    REQUIRE(lnn::luna::reciprocal::of(b).value == row[2]);
    REQUIRE(lnn::luna::reciprocal::of(-b).value == row[3]);
  }
}

}  // namespace

TEST_CASE("quotients recorded from the chips' library") {
  const auto mine = folders::tests() / "golden/luna/divide.csv";
  REQUIRE(csv::read(mine).size() == 200);
  check_quotients(mine);
  check_quotients(folders::shared() / "spec/tables/luna_golden_div.csv");
}

TEST_CASE("reciprocals recorded from the chips' library") {
  const auto mine = folders::tests() / "golden/luna/reciprocal.csv";
  REQUIRE(csv::read(mine).size() == 127);
  check_reciprocals(mine);
  check_reciprocals(folders::shared() / "spec/tables/div_reciprocal_rho_q60_b1_4096.csv");
}

TEST_CASE("a division is at most one off the exact quotient, and works in constants") {
  static_assert(lnn::luna::divide(100, 7, 0) == 14 && lnn::luna::divide(-100, 7, 0) == -14);
  static_assert(lnn::luna::divide(9, 9, 4) == 16 && lnn::luna::divide(1, INT32_MIN, 0) == 0);
  for (std::int32_t a = -3000; a <= 3000; a += 7)
    for (std::int32_t b = 1; b <= 200; ++b) {
      const double exact = static_cast<double>(a) / b;
      const double error = static_cast<double>(lnn::luna::divide(a, b, 0)) - exact;
      REQUIRE((error >= -0.5000001 && error <= 0.5000001));
    }
}

TEST_CASE("extremes clamp, a division by zero gives the least number") {
  CHECK(lnn::luna::divide(INT32_MAX, 1, 10) == INT32_MAX);
  CHECK(lnn::luna::divide(INT32_MIN, 1, 10) == INT32_MIN);
  CHECK(lnn::luna::divide(INT32_MIN, -1, 0) == INT32_MAX);
  CHECK(lnn::luna::divide(5, 0, 0) == INT32_MIN);
  CHECK(lnn::luna::divide(0, 12345, 28) == 0);
}

TEST_CASE("quotients of the division operator") {
  using lnn::luna::quotient;
  CHECK(quotient(7, 2, 1, false) == 7);
  CHECK(quotient(100, 3, 0, false) == 33);
  CHECK(quotient(100, 3, -2, false) == 8);   // R(33, 2)
  CHECK(quotient(-102, 3, -2, false) == -8);  // R(-34, 2)
  for (const int s : {-3, 0, 5}) {
    CHECK(quotient(9, 0, s, false) == INT32_MIN);
    CHECK(quotient(-9, 0, s, false) == INT32_MIN);
    CHECK(quotient(9, 0, s, true) == INT32_MIN);
    CHECK(quotient(-9, 0, s, true) == INT32_MAX);
    CHECK(quotient(0, 0, s, true) == 0);
  }
  using lnn::luna::divide_by_power;
  CHECK(divide_by_power(-6, 2, 3, 3) == -1);  // -1.5 rounds up
  CHECK(divide_by_power(6, 2, 3, 5) == 6);
  CHECK(divide_by_power(6, 0, 3, 5) == 24);
}

}  // namespace test_divide
