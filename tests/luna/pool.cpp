// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/luna/plain_loops.hpp>
#include <lnn/luna/pool.hpp>

#include "../wide.hpp"

namespace test_pool {

using lnn::luna::average;

TEST_CASE("padding never wins a maximum, and padding alone gives the least value") {
  const std::int8_t x[] = {-5, -7, -128, -3};
  std::int8_t y[9]{};
  lnn::luna::max_plane<lnn::luna::plain_loops>(lnn::window2::over({2, 2}, {2, 2}, {1, 1}, 1), x, y);
  const std::int8_t expected[] = {-5, -5, -7, -5, -3, -3, -128, -3, -3};
  for (int i = 0; i < 9; ++i) CHECK(y[i] == expected[i]);
  std::int8_t corner[4]{};
  lnn::luna::max_plane<lnn::luna::plain_loops>(lnn::window2::over({1, 1}, {1, 1}, {2, 2}, {2, 2, 1, 1}), x, corner);
  CHECK(corner[0] == -128);
  CHECK(corner[3] == -5);
}

TEST_CASE("sums count padding as zero") {
  const std::int8_t x[] = {1, 2, 3, 4};
  std::int32_t sum[9]{};
  lnn::luna::sum_plane(lnn::window2::over({2, 2}, {2, 2}, {1, 1}, 1), x, sum);
  const std::int32_t expected[] = {1, 3, 2, 4, 10, 6, 3, 7, 4};
  for (int i = 0; i < 9; ++i) CHECK(sum[i] == expected[i]);
  lnn::luna::sum_plane(lnn::window2::over({2, 2}, {2, 2}, {1, 1}, 0), x, sum);  // the whole plane
  CHECK(sum[0] == 10);
  CHECK(sum[1] == 3);
}

// decision 4 of engine_defects.md
TEST_CASE("a window whose area is a power of two is shifted, in either direction") {
  for (std::int64_t s = -1100; s <= 1100; s += 3)
    for (int log = 0; log <= 4; ++log)
      for (int q_x = 0; q_x <= 7; ++q_x)
        for (int q_o = 0; q_o <= 9; ++q_o)
          REQUIRE(average(s, 1 << log, q_x, q_o, 32) == wide::half_up(s, log + q_x - q_o));
}

TEST_CASE("other areas are divided on the finer grid, or divided and then shifted") {
  for (std::int64_t s = -1200; s <= 1200; s += 7)
    for (const int area : {3, 6, 9, 15, 25, 49}) {
      CHECK(average(s, area, 4, 4, 32) == lnn::luna::divide(static_cast<std::int32_t>(s), area, 0));
      CHECK(average(s, area, 4, 7, 32) == lnn::luna::divide(static_cast<std::int32_t>(s), area, 3));
      CHECK(average(s, area, 6, 4, 32) ==
            wide::half_up(lnn::luna::divide(static_cast<std::int32_t>(s), area, 0), 2));
    }
}

TEST_CASE("a 16-bit sum clamps before the average") {
  CHECK(average(127 * 1024, 1024, 0, 0, 32) == 127);
  CHECK(average(127 * 1024, 1024, 0, 0, 16) == 32);
  CHECK(average(-128 * 1024, 1024, 0, 0, 16) == -32);
}

}  // namespace test_pool
