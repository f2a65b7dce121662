// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fstream>
#include <lnn/luna/inverse_root.hpp>
#include <string>

#include "../folders.hpp"
#include "../wide.hpp"

namespace test_inverse_root {

using lnn::luna::inverse_root;

TEST_CASE("inverse roots: the formula gives the recorded table") {
  std::ifstream in(folders::tests() / "golden/luna/inverse_root.csv");
  std::string line;
  std::getline(in, line);
  int rows = 0;
  for (; std::getline(in, line); ++rows) {
    const int place = std::stoi(line), value = std::stoi(line.substr(line.find(',') + 1));
    REQUIRE(inverse_root::of(256 + place).mantissa == value);
    REQUIRE(inverse_root::of(256 + place).steps == 5);
  }
  CHECK(rows == 768);
}

TEST_CASE("inverse roots: every power of four moves the exponent by one") {
  for (std::int64_t t = 256; t < 1024; ++t)
    for (int j = 1; j <= 26; ++j) {
      const inverse_root r =
          inverse_root::of((t << (2 * j)) + ((std::int64_t{1} << (2 * j)) - 1));  // the rest is cut off
      REQUIRE(r.mantissa == inverse_root::of(t).mantissa);
      REQUIRE(r.steps == 5 + j);
    }
  CHECK(inverse_root::of(255).mantissa == inverse_root::of(1020).mantissa);
  CHECK(inverse_root::of(255).steps == 4);
  CHECK(inverse_root::of(1).steps == 1);
  CHECK(inverse_root::of(1).mantissa == 32767);
  CHECK(inverse_root::of(0).steps == 0);
  CHECK(inverse_root::of(-7).mantissa == 32767);
  CHECK(inverse_root::of(INT64_MAX).steps == 5 + 27);
}

TEST_CASE("inverse roots: within one part in 250 of 1 / sqrt") {
  // t keeps 9 bits at least, and the table 14: mantissa^2 * d is near 2^(2 * (14 + steps))
  for (std::int64_t d = 1; d < (std::int64_t{1} << 50); d = d * 5 / 4 + 1) {
    const inverse_root r = inverse_root::of(d);
    const wide::number square = wide::number{r.mantissa} * r.mantissa * d,
                       one = wide::power(2 * (14 + r.steps));
    CHECK(square * 1000 >= one * 996);
    CHECK(square * 1000 <= one * 1004);
  }
}

}  // namespace test_inverse_root
