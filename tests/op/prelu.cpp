// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_prelu {

using lnn::prelu;
using namespace textbook;

TEST_CASE("prelu: every pair of widths, equal and other exponents") {
  lnn::random draw(411);
  for (const dtype from : {dtype::int8, dtype::int16, dtype::int32})
    for (const dtype to : {dtype::int8, dtype::int16, dtype::int32})
      for (const int shift : {0, 3, -2})
        for (const int slope : {0, 1, 3, 31}) {
          const auto x = noise(draw, from, {2, 5, 600}, 6);
          const auto y = run(prelu{slope}, {x}, x.dims(), to, 6 - shift);
          for (std::size_t i = 0; i < y.size(); ++i) {
            const std::int64_t v = get(x, i);
            REQUIRE(get(y, i) == wide::clamp(wide::half_up(v, v < 0 ? shift + slope : shift), bits(to)));
          }
        }
}

TEST_CASE("prelu: no packer takes it; the slope is a right shift") {
  for (const lnn::chip* on : lnn::chips) CHECK(breaks(prelu{}, {{2, 8}}, *on, lnn::limit::unsupported));
  lnn::verdict found;
  found.layer = "it";
  const shape in[] = {{2, 8}};
  CHECK(prelu{32}.result(in, found) == shape{2, 8});
  REQUIRE(found.refused().size() == 1);
  CHECK(found.refused().front().sentence().view() ==
        "it: slope 32 is above the limit of 31; use a slope of 0 to 31: a factor of 2^-slope");
}

}  // namespace test_prelu
