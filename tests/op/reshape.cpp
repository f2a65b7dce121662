// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_reshape {

using lnn::flatten;
using lnn::reshape;
using namespace textbook;

TEST_CASE("reshape, flatten: the same integers in the same order") {
  lnn::random draw(1101);
  for (const dtype type : {dtype::int4, dtype::int8, dtype::int16, dtype::int32, dtype::int64}) {
    const auto x =
        type == dtype::int64 ? integer_tensor(type, {2, 3, 4}, 3) : noise(draw, type, {2, 3, 4}, 3);
    const auto y = run(reshape{{6, 4}}, {x}, {6, 4}, type, 3);
    const auto z = run(flatten{}, {x}, {2, 12}, type, 3);
    for (std::size_t i = 0; i < x.size(); ++i) {
      REQUIRE(get(y, i) == get(x, i));
      REQUIRE(get(z, i) == get(x, i));
    }
  }
  CHECK_THROWS_AS(run(reshape{{4}}, {noise(draw, dtype::int32, {4})}, {4}, dtype::int8, 0), lnn::error);
}

TEST_CASE("reshape: 0 copies a dimension, -1 takes the rest") {
  const shape x{2, 3, 4};
  CHECK(result(reshape{}, {x}) == shape{2, 12});
  CHECK(result(reshape{{0, 0, 2, -1}}, {x}) == shape{2, 3, 2, 2});
  CHECK(result(reshape{{24}}, {x}) == shape{24});
  CHECK(refusal(reshape{{5, -1}}, {x}) ==
        "it: elements of the new shape 20 must be 24; let one dimension be -1");
  CHECK(refusal(reshape{{2, 11}}, {x}) ==
        "it: elements of the new shape 22 must be 24; let one dimension be -1");
  CHECK(refusal(reshape{{-1, -1}}, {x}) ==
        "it: dimensions of -1 2 is above the limit of 1; leave only one open");
  CHECK(refusal(reshape{{1, 1, 1, 0}}, {x}) ==
        "it: dimensions copied (0) beyond the input's rank; say the number");
}

TEST_CASE("flatten: two axes, cut at `axis`") {
  const shape x{2, 3, 4, 5};
  CHECK(result(flatten{}, {x}) == shape{2, 60});
  CHECK(result(flatten{0}, {x}) == shape{1, 120});
  CHECK(result(flatten{-1}, {x}) == shape{24, 5});
  CHECK(result(flatten{4}, {x}) == shape{120, 1});
  CHECK(refusal(flatten{5}, {x}) == "it: axis 5 is above the limit of 4; use an axis of the input");
  CHECK(refusal(flatten{-5}, {x}) == "it: axis -5 is below the least of -4; use an axis of the input");
}

}  // namespace test_reshape
