// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include "moved.hpp"

namespace test_transpose {

using lnn::transpose;
using namespace textbook;

TEST_CASE("transpose: axis i of the output is axis perm[i] of the input, any rank") {
  lnn::random draw(2201);
  for (int i = 0; i < 60; ++i) {
    const shape x = any_shape(draw, 1, 6, 5);
    std::vector<int> order(static_cast<std::size_t>(x.rank()));
    std::iota(order.begin(), order.end(), 0);
    draw.shuffle(std::span<int>(order));
    transpose op;
    shape y;
    for (int a : order) {
      op.perm.push_back(i % 2 ? a : a - x.rank());
      y.append(x[a]);
    }
    REQUIRE(result(op, {x}) == y);
    check_moved(draw, op, x, y, [&](const std::vector<int>& at) {
      std::vector<int> from(at.size());
      for (std::size_t a = 0; a < at.size(); ++a) from[static_cast<std::size_t>(order[a])] = at[a];
      return from;
    });
  }
}

TEST_CASE("transpose: without perm the axes are turned round") {
  CHECK(result(transpose{}, {shape{2, 3, 4}}) == shape{4, 3, 2});
  lnn::random draw(1);
  check_moved(draw, transpose{}, {2, 3, 4}, {4, 3, 2},
              [](const std::vector<int>& at) { return std::vector<int>{at[2], at[1], at[0]}; });
}

TEST_CASE("transpose: what is refused") {
  CHECK(refusal(transpose{{0, 1}}, {shape{2, 3, 4}}) ==
        "it: length of perm 2 must be 3; name every axis of the input once");
  CHECK(refusal(transpose{{0, 0}}, {shape{2, 3}}) ==
        "it: an axis stands in perm twice; name every axis of the input once");
  CHECK(refusal(transpose{{0, 2}}, {shape{2, 3}}) ==
        "it: axis in perm 2 is above the limit of 1; use axes of the input");
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(transpose{}, {shape{2, 3}}, *on, lnn::limit::transpose::perm_missing));
    CHECK(breaks(transpose{{3, 2, 1, 0}}, {shape{2, 3, 4, 5}}, *on, lnn::limit::transpose::pattern));
    CHECK_FALSE(breaks(transpose{{0, 3, 1, 2}}, {shape{2, 3, 4, 5}}, *on, lnn::limit::transpose::pattern));
  }
}

}  // namespace test_transpose
