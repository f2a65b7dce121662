// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_squeeze {

using namespace textbook;

TEST_CASE("squeeze, unsqueeze: axes of 1 come and go") {
  using lnn::squeeze;
  using lnn::unsqueeze;
  const shape x{1, 8, 1, 3};
  CHECK(result(squeeze{{2}}, {x}) == shape{1, 8, 3});
  CHECK(result(squeeze{{-2, 0}}, {x}) == shape{8, 3});
  CHECK(result(squeeze{}, {x}) == shape{8, 3});
  CHECK(refusal(squeeze{{1}}, {x}) ==
        "it: extent of an axis that is left out 8 must be 1; leave out axes of 1 only");
  CHECK(refusal(squeeze{{4}}, {x}) == "it: axis 4 is above the limit of 3; use an axis of the input");
  CHECK(result(unsqueeze{{2}}, {shape{1, 8, 3}}) == x);
  CHECK(result(unsqueeze{{0, -1}}, {shape{8, 3}}) == shape{1, 8, 3, 1});
  CHECK(refusal(unsqueeze{{0, -4}}, {shape{8, 3}}) == "it: an axis is named twice; name every axis once");
  CHECK(refusal(unsqueeze{{3}}, {shape{8, 3}}) ==
        "it: axis 3 is above the limit of 2; use an axis of the result");
  CHECK(breaks(unsqueeze{{0, 1, 2, 3, 4, 5, 6}}, {shape{3}}, lnn::venus, lnn::limit::squeeze::axes));
  lnn::random draw(2605);
  check_moved(draw, squeeze{{2}}, x, {1, 8, 3},
              [](const std::vector<int>& at) { return std::vector<int>{at[0], at[1], 0, at[2]}; });
  check_moved(draw, unsqueeze{{1}}, {8, 3}, {8, 1, 3},
              [](const std::vector<int>& at) { return std::vector<int>{at[0], at[2]}; });
}

}  // namespace test_squeeze
