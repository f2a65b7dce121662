// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "textbook.hpp"

using lnn::clip;
using namespace textbook;

TEST_CASE("clip: bounds on the grid, within the type") {
  lnn::random draw(501);
  for (const dtype type : {dtype::int8, dtype::int16, dtype::int32})
    for (const int q : {-2, 0, 4, 5, 9})
      for (const clip op : {clip{0, 6}, clip{-1, 1}, clip{-0.37F, 2.59F}, clip{-1000, 1e30F}}) {
        const auto x = noise(draw, type, {3, 50}, q);
        const auto y = run(op, {x}, x.dims(), type, q);
        const auto range = lnn::integer_range::of(bits(type));
        const auto bound = [&](float v) {
          const double b = std::floor(static_cast<double>(v) * std::ldexp(1.0, q) + 0.5);
          return b < static_cast<double>(range.low)    ? range.low
                 : b > static_cast<double>(range.high) ? range.high
                                                       : static_cast<std::int64_t>(b);
        };
        for (std::size_t i = 0; i < y.size(); ++i)
          REQUIRE(get(y, i) == std::min(std::max(get(x, i), bound(op.low)), bound(op.high)));
      }
}

TEST_CASE("clip: bounds in the wrong order and other types are refused") {
  lnn::verdict found;
  found.layer = "it";
  const shape in[] = {{2}};
  CHECK(clip{6, 0}.result(in, found) == shape{2});
  REQUIRE(found.refused().size() == 1);
  CHECK(found.refused().front().sentence().view() == "it: low above high; exchange them");
  lnn::random draw(1);
  CHECK_THROWS_WITH_AS(run(clip{}, {noise(draw, dtype::int32, {4})}, {4}, dtype::int8, 0),
                       "clip: element type int8 where int32 is needed", lnn::error);
}
