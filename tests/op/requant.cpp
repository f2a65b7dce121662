// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_requant {

using lnn::requant;
using namespace textbook;

TEST_CASE("requant: rounded onto a coarser grid, clamped on a finer one, every width") {
  lnn::random draw(3201);
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (const dtype from : types)
    for (const dtype to : types)
      for (const lnn::chip* on : lnn::chips)
        for (const int shift : {-24, -7, -6, -1, 0, 1, 3, 7, 15, 31}) {
          const auto x = noise(draw, from, {3, 1500}, 5);
          const auto y = run(requant{}, {x}, x.dims(), to, 5 - shift, *on);
          for (std::size_t i = 0; i < y.size(); ++i)
            REQUIRE(get(y, i) == wide::clamp(wide::half_up(get(x, i), shift), bits(to)));
        }
}

TEST_CASE("requant: any exponent that the engine can reach") {
  CHECK(result(requant{}, {shape{2, 3}}) == shape{2, 3});
  const int q[] = {5};
  CHECK(requant{}.greatest_exponent({q, {}}) == 29);
}

}  // namespace test_requant
