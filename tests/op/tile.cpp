// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_tile {

using namespace textbook;

TEST_CASE("tile: the whole tensor again along every axis") {
  lnn::random draw(2602);
  for (int i = 0; i < 60; ++i) {
    const shape x = any_shape(draw, 1, 5, 4);
    lnn::tile op;
    shape y;
    for (int a = 0; a < x.rank(); ++a) {
      op.repeats.push_back(pick(draw, 1, 3));
      y.append(x[a] * op.repeats[static_cast<std::size_t>(a)]);
    }
    REQUIRE(result(op, {x}) == y);
    check_moved(draw, op, x, y, [&](std::vector<int> at) {
      for (std::size_t a = 0; a < at.size(); ++a) at[a] %= x[static_cast<int>(a)];
      return at;
    });
  }
  check_moved(draw, lnn::tile{{2, 1, 2, 1, 2, 1, 2, 1}}, {1, 2, 1, 2, 1, 2, 1, 2}, {2, 2, 2, 2, 2, 2, 2, 2},
              [](std::vector<int> at) {
                for (std::size_t a = 0; a < at.size(); a += 2) at[a] = 0;
                return at;
              });
  CHECK(refusal(lnn::tile{{2}}, {shape{2, 3}}) ==
        "it: number of repeats 1 must be 2; give one for every axis");
  CHECK(refusal(lnn::tile{{2, 0}}, {shape{2, 3}}) ==
        "it: repeats along an axis 0 is below the least of 1; repeat at least once");
}

}  // namespace test_tile
