// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/shape.hpp>

namespace test_shape {

using lnn::shape;

TEST_CASE("a shape counts its elements and says its name") {
  CHECK(shape{1, 3, 28, 28}.size() == 2352);
  CHECK(shape{2, 3, 4}.span(1, 3) == 12);
  CHECK(shape{}.size() == 1);
  CHECK(shape{}.to_text().view() == "scalar");
  CHECK(shape{1, 3, 28, 28}.to_text().view() == "1x3x28x28");
  CHECK(shape{1, 3}.with_batch(8) == shape{8, 3});
}

TEST_CASE("extents and paddings of lines are written as numbers") {
  constexpr lnn::extent1 five = 5;
  static_assert(five.n == 5 && five == lnn::extent1(5) && lnn::extent1().n == 1);
  constexpr lnn::padding1 both = 2, each{1, 3};
  static_assert(both.before == 2 && both.behind == 2 && each.before == 1 && each.behind == 3);
}

TEST_CASE("at most eight axes are kept") { CHECK(shape{1, 2, 3, 4, 5, 6, 7, 8, 9}.rank() == 8); }

TEST_CASE("division and alignment round up, axes count from the end") {
  static_assert(lnn::ceil_div(7, 2) == 4 && lnn::ceil_div(-7, 2) == -3 && lnn::ceil_div(0, 3) == 0);
  static_assert(lnn::align_up(13, 8) == 16 && lnn::align_up(16, 8) == 16);
  static_assert(lnn::normal_axis(-1, 4) == 3 && lnn::normal_axis(2, 4) == 2);
}

}  // namespace test_shape
