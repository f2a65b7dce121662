// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/luna/subtract.hpp>

namespace test_subtract {

TEST_CASE("operands are rounded and clamped before they are subtracted") {
  const std::int64_t a[] = {3, -3, 127, -128, 1000}, b[] = {1, 1, -128, 127, 0};
  std::int64_t y[5];
  lnn::luna::subtract(a, 1, b, 0, y, 0, 8, 5);
  CHECK(y[0] == 1);    // R(3, 1) = 2
  CHECK(y[1] == -2);   // R(-3, 1) = -1
  CHECK(y[2] == 192);  // the clamp of the difference is the caller's
  CHECK(y[3] == -191);
  CHECK(y[4] == 127);  // 500 is clamped first
  lnn::luna::subtract(a, 0, b, 0, y, 2, 8, 1);
  CHECK(y[0] == 8);  // onto a finer grid
}

}  // namespace test_subtract
