// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_relu {

using lnn::relu;
using namespace textbook;

TEST_CASE("relu: every pair of widths, equal and other exponents") {
  lnn::random draw(401);
  for (const dtype from : {dtype::int8, dtype::int16, dtype::int32})
    for (const dtype to : {dtype::int8, dtype::int16, dtype::int32})
      for (const int shift : {0, 3, -2}) {
        const auto x = noise(draw, from, {2, 5, 600}, 6);
        const auto y = run(relu{}, {x}, x.dims(), to, 6 - shift);
        for (std::size_t i = 0; i < y.size(); ++i) {
          const wide::number expected =
              get(x, i) < 0 ? 0 : wide::clamp(wide::half_up(get(x, i), shift), bits(to));
          REQUIRE(get(y, i) == expected);
        }
      }
}

TEST_CASE("relu: keeps any shape and every chip has it") {
  CHECK(result(relu{}, {shape{3, 1, 4}}) == shape{3, 1, 4});
  for (const lnn::chip* on : lnn::chips) {
    lnn::verdict found;
    const shape in[] = {{1, 2, 3, 4}};
    const lnn::layer_shapes tensors(relu{}, in, in);
    relu{}.check(tensors.view(), *on, found);
    CHECK(found.clean());
  }
}

}  // namespace test_relu
