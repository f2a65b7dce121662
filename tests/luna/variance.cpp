// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/luna/variance.hpp>

namespace test_variance {

TEST_CASE("spread and variance of a few numbers") {
  const std::int64_t x[] = {1, 2, 3, 6};
  const std::int32_t s = lnn::luna::spread(x, 4);
  CHECK(s == 4 * (1 + 4 + 9 + 36) - 144);
  CHECK(lnn::luna::variance(s, 4, true, 0, 0) == doctest::Approx(14.0 / 3));
  CHECK(lnn::luna::variance(s, 4, false, 0, 0) == doctest::Approx(3.5));
  CHECK(lnn::luna::variance(s, 4, true, 3, 4) == doctest::Approx(14.0 / 3 / 4));  // 2 * 3 - 4 bits down
  CHECK(lnn::luna::variance(lnn::luna::spread(x, 1), 1, true, 0, 0) == 0.0F);
}

}  // namespace test_variance
