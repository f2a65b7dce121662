// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/luna/wide_sum.hpp>

#include "../wide.hpp"

namespace test_wide_sum {

TEST_CASE("sums of 32-bit products are exact beyond 64 bits") {
  lnn::random draw(71);
  for (int i = 0; i < 2000; ++i) {
    lnn::luna::wide_sum sum;
    wide::number exact = 0;
    for (std::uint32_t n = draw.below(40); n > 0; --n) {
      const std::int64_t a = draw.below(4) == 0 ? INT32_MIN : static_cast<std::int32_t>(draw.next());
      const std::int64_t b = draw.below(4) == 0 ? INT32_MIN : static_cast<std::int32_t>(draw.next());
      sum.add(a * b);
      exact += wide::number{a} * b;
    }
    for (const int s : {0, 1, 16, 31})
      REQUIRE(sum.floor(s) ==
              static_cast<std::int64_t>(wide::clamp(wide::floor_div(exact, wide::power(s)), 64)));
  }
}

TEST_CASE("what does not fit 64 bits is clamped") {
  lnn::luna::wide_sum up, down;
  for (int i = 0; i < 3; ++i) up.add(INT64_MAX), down.add(INT64_MIN);
  CHECK(up.floor(0) == INT64_MAX);
  CHECK(down.floor(0) == INT64_MIN);
  CHECK(down.floor(2) == INT64_MIN / 4 * 3);
}

}  // namespace test_wide_sum
