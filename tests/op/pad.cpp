// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_pad {

using lnn::border;
using lnn::pad;
using namespace textbook;

TEST_CASE("pad: one value, the edge or the mirror image around any axes") {
  lnn::random draw(2501);
  for (int i = 0; i < 300; ++i) {
    const shape x = any_shape(draw, 1, 5);
    const int axes = pick(draw, 1, x.rank());
    const auto mode = static_cast<border>(pick(draw, 0, 2));
    std::vector<int> front(static_cast<std::size_t>(x.rank())), back = front;
    shape y = x;
    bool sane = true;
    for (int a = x.rank() - axes; a < x.rank(); ++a) {
      const auto k = static_cast<std::size_t>(a);
      const int most = mode == border::reflect ? x[a] - 1 : 4;
      front[k] = pick(draw, -1, most);
      back[k] = pick(draw, -1, most);
      y[a] += front[k] + back[k];
      sane = sane && y[a] >= 1;
    }
    if (!sane) continue;
    pad op{.mode = mode, .value = static_cast<float>(pick(draw, -40, 40)) / 8};
    for (int a = x.rank() - axes; a < x.rank(); ++a) op.pads.push_back(front[static_cast<std::size_t>(a)]);
    for (int a = x.rank() - axes; a < x.rank(); ++a) op.pads.push_back(back[static_cast<std::size_t>(a)]);
    REQUIRE(result(op, {x}) == y);
    for (const dtype type : moved_types) {
      const int q = pick(draw, 0, 9);
      const auto from = noise(draw, type, x, q);
      const auto to = run(op, {from}, y, type, q, *lnn::chips[i % 3]);
      for (std::size_t k = 0; k < to.size(); ++k) {
        auto at = places(y, k);
        bool outside = false;
        for (std::size_t a = 0; a < at.size(); ++a) {
          const int extent = x[static_cast<int>(a)];
          at[a] -= front[a];
          while (at[a] < 0 || at[a] >= extent) {
            outside = true;
            if (mode == border::reflect) at[a] = at[a] < 0 ? -at[a] : 2 * (extent - 1) - at[a];
            else at[a] = at[a] < 0 ? 0 : extent - 1;
          }
        }
        if (mode == border::constant && outside) {
          // an eighth of a unit is exact in every exponent of three or more
          const auto scaled = static_cast<wide::number>(static_cast<double>(op.value) * 8);
          REQUIRE(get(to, k) == wide::clamp(wide::half_up(scaled, 3 - q), bits(type)));
        } else {
          REQUIRE(get(to, k) == get(from, element(x, at)));
        }
      }
    }
  }
}

TEST_CASE("pad: shapes and limits") {
  const shape x{1, 2, 3, 4};
  CHECK(result(pad{.pads = {1, 2, 1, 2}}, {x}) == shape{1, 2, 5, 8});
  CHECK(result(pad{.pads = {0, 0, 1, 2, 0, 0, 2, 1}}, {x}) == shape{1, 2, 6, 7});
  CHECK(refusal(pad{.pads = {1, 2, 1}}, {x}) ==
        "it: pads 3 must be 2; give as many backs as fronts, for at most all axes");
  CHECK(refusal(pad{.pads = {-2, -2}}, {x}) ==
        "it: extent of a padded axis 0 is below the least of 1; cut off less");
  CHECK(refusal(pad{.mode = border::reflect, .pads = {4, 0}}, {x}) ==
        "it: reflected border 4 is above the limit of 3; reflect less than the input's extent");
  for (const lnn::chip* on : lnn::chips) {
    CHECK_FALSE(breaks(pad{.pads = {1, 1, 1, 1}}, {x}, *on, lnn::limit::pad::count));
    CHECK(breaks(pad{.pads = {1, 1}}, {x}, *on, lnn::limit::pad::count));
    CHECK(breaks(pad{.pads = {1, 1, 1, 1}, .value = 0.25F}, {x}, *on, lnn::limit::pad::fill));
    CHECK(breaks(pad{.mode = border::reflect, .pads = {1, 1, 1, 1}}, {x}, *on, lnn::limit::pad::reflect));
    CHECK(breaks(pad{.pads = {1, 1, 1, 1, 1, 1}}, {x}, *on, lnn::limit::pad::outer));
  }
}

TEST_CASE("pad: modes by their words") {
  border b = border::constant;
  CHECK(lnn::assign(b, std::string_view("edge")));
  CHECK(b == border::replicate);
  CHECK(lnn::assign(b, std::string_view("reflect")));
  CHECK(lnn::word_of(b) == "reflect");
  CHECK_FALSE(lnn::assign(b, std::string_view("wrap")));
  CHECK_FALSE(lnn::assign(b, lnn::number_list{3}));
}

}  // namespace test_pad
