// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_sum {

using lnn::sum;
using namespace textbook;

TEST_CASE("sum: one rounding of the exact sum, any axis") {
  lnn::random draw(2901);
  for (int i = 0; i < 150; ++i) {
    const shape x = any_shape(draw, 1, 4, 7);
    const int axis = pick(draw, -x.rank(), x.rank() - 1), along = lnn::normal_axis(axis, x.rank());
    shape dims = x;
    dims[along] = 1;
    REQUIRE(result(sum{axis}, {x}) == dims);
    const dtype type = moved_types[pick(draw, 0, 2)], narrow = moved_types[pick(draw, 0, 2)];
    const int q_x = pick(draw, 0, 8), q_o = pick(draw, 0, 8);
    const auto from = noise(draw, type, x, q_x);
    const auto y = run(sum{axis}, {from}, dims, narrow, q_o, *lnn::chips[i % 3]);
    for (std::size_t k = 0; k < y.size(); ++k) {
      auto at = places(dims, k);
      wide::number total = 0;
      for (int p = 0; p < x[along]; ++p) {
        at[static_cast<std::size_t>(along)] = p;
        total += get(from, element(x, at));
      }
      REQUIRE(get(y, k) == wide::clamp(wide::clamp(wide::half_up(total, q_x - q_o), 32), bits(narrow)));
    }
  }
}

TEST_CASE("sum: limits") {
  CHECK(refusal(sum{2}, {shape{2, 3}}) == "it: axis 2 is above the limit of 1; use an axis of the input");
  CHECK(breaks(sum{0}, {shape{3, 1}}, lnn::venus, lnn::limit::sum::axis));
  CHECK_FALSE(breaks(sum{0}, {shape{3, 1}}, lnn::venusA, lnn::limit::sum::axis));
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(sum{}, {shape{2, 3}}, *on, lnn::limit::sum::rows));
    CHECK_FALSE(breaks(sum{}, {shape{1, 3}}, *on, lnn::limit::sum::rows));
  }
}

}  // namespace test_sum
