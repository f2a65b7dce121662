// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_flip {

using namespace textbook;

TEST_CASE("flip: the opposite order along the named axes") {
  lnn::random draw(2601);
  for (int i = 0; i < 60; ++i) {
    const shape x = any_shape(draw, 1, 5);
    lnn::flip op{.axes = {}};
    std::vector<bool> turned(static_cast<std::size_t>(x.rank()));
    for (int a = 0; a < x.rank(); ++a) {
      turned[static_cast<std::size_t>(a)] = pick(draw, 0, 1) == 1;
      if (turned[static_cast<std::size_t>(a)]) op.axes.push_back(i % 2 ? a : a - x.rank());
    }
    REQUIRE(result(op, {x}) == x);
    check_moved(draw, op, x, x, [&](std::vector<int> at) {
      for (std::size_t a = 0; a < at.size(); ++a)
        if (turned[a]) at[a] = x[static_cast<int>(a)] - 1 - at[a];
      return at;
    });
  }
  CHECK(refusal(lnn::flip{.axes = {2}}, {shape{2, 3}}) ==
        "it: axis 2 is above the limit of 1; use an axis of the input");
  for (const lnn::chip* on : lnn::chips)
    CHECK(breaks(lnn::flip{}, {shape{2, 3}}, *on, lnn::limit::unsupported));
}

}  // namespace test_flip
