// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_shuffle_channel {

using namespace textbook;

TEST_CASE("shuffle_channel: groups in turn") {
  lnn::random draw(2604);
  for (int i = 0; i < 40; ++i) {
    const int groups = pick(draw, 1, 4);
    shape x = any_shape(draw, 1, 5, 4);
    const int axis = pick(draw, -x.rank(), x.rank() - 1), along = lnn::normal_axis(axis, x.rank());
    x[along] = groups * pick(draw, 1, 4);
    const int each = x[along] / groups;
    const lnn::shuffle_channel op{.groups = groups, .axis = axis};
    REQUIRE(result(op, {x}) == x);
    check_moved(draw, op, x, x, [&](std::vector<int> at) {
      int& c = at[static_cast<std::size_t>(along)];
      c = c % groups * each + c / groups;
      return at;
    });
  }
  CHECK(refusal(lnn::shuffle_channel{.groups = 3}, {shape{1, 8, 2, 2}}) ==
        "it: channels left over by the groups 2 must be 0; use a number of groups that divides the channels");
  CHECK(refusal(lnn::shuffle_channel{.groups = 0}, {shape{1, 8, 2, 2}}) ==
        "it: groups 0 is below the least of 1; use at least one group");
  CHECK(breaks(lnn::shuffle_channel{}, {shape{1, 8, 2, 2}}, lnn::arcs, lnn::limit::unsupported));
  CHECK_FALSE(breaks(lnn::shuffle_channel{}, {shape{1, 8, 2, 2}}, lnn::venus, lnn::limit::unsupported));
  CHECK(breaks(lnn::shuffle_channel{.axis = 2}, {shape{1, 8, 2, 2}}, lnn::venus,
               lnn::limit::shuffle_channel::axis));
}

}  // namespace test_shuffle_channel
