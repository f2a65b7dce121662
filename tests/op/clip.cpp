// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "textbook.hpp"

namespace test_clip {

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

TEST_CASE("clip: bounds in the wrong order are refused") {
  lnn::verdict found;
  found.layer = "it";
  const shape in[] = {{2}};
  CHECK(clip{6, 0}.result(in, found) == shape{2});
  REQUIRE(found.refused().size() == 1);
  CHECK(found.refused().front().sentence().view() == "it: low above high; exchange them");
}

TEST_CASE("clip: rescales where a file gives the output its own exponent") {
  lnn::random draw(502);
  for (const dtype from : {dtype::int8, dtype::int16, dtype::int32})
    for (const dtype to : {dtype::int8, dtype::int16})
      for (const int shift : {0, 3, -2}) {
        const auto x = noise(draw, from, {2, 700}, 5);
        const auto y = run(clip{-8, 7.9375F}, {x}, x.dims(), to, 5 - shift);
        const int q = 5 - shift;
        const wide::number least = wide::clamp(-8 * wide::power(q), bits(to));
        const wide::number most = wide::clamp(wide::half_up(127 * wide::power(q), 4), bits(to));
        for (std::size_t i = 0; i < y.size(); ++i)
          REQUIRE(get(y, i) == std::clamp(wide::half_up(get(x, i), shift), least, most));
      }
}

}  // namespace test_clip
