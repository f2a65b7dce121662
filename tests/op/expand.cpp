// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_expand {

using namespace textbook;

TEST_CASE("expand: axes of 1 are repeated") {
  lnn::random draw(2603);
  for (int i = 0; i < 60; ++i) {
    const shape y = any_shape(draw, 1, 5, 5);
    const int drop = pick(draw, 0, y.rank() - 1);
    shape x;
    lnn::expand op;
    for (int a = 0; a < y.rank(); ++a) {
      const bool one = pick(draw, 0, 1) == 1;
      if (a >= drop) x.append(one ? 1 : y[a]);
      op.dims.push_back(a < drop || one ? y[a] : pick(draw, 0, 1) ? 1 : -1);
    }
    REQUIRE(result(op, {x}) == y);
    check_moved(draw, op, x, y, [&](const std::vector<int>& at) {
      std::vector<int> from(at.begin() + drop, at.end());
      for (std::size_t a = 0; a < from.size(); ++a)
        if (x[static_cast<int>(a)] == 1) from[a] = 0;
      return from;
    });
  }
  CHECK(result(lnn::expand{{1, 1}}, {shape{2, 4, 3}}) ==
        shape{2, 4, 3});  // the input may have the greater rank
  CHECK(refusal(lnn::expand{{4, 3}}, {shape{2, 3}}) ==
        "it: input and wanted shape 2x3 and 4x3 must agree; they may differ only where one of them is 1");
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(lnn::expand{{4, 3}}, {shape{1, 3}}, *on, lnn::limit::expand::leading));
    CHECK_FALSE(breaks(lnn::expand{{1, 4, 6}}, {shape{1, 4, 1}}, *on, lnn::limit::expand::leading));
  }
}

}  // namespace test_expand
