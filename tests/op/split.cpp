// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_split {

using lnn::split;
using namespace textbook;

namespace {

std::vector<integer_tensor> cut(const split& op, const integer_tensor& x, const std::vector<shape>& dims,
                                int threads) {
  std::vector<integer_tensor> out;
  for (const shape& d : dims) out.emplace_back(x.type(), d, x.exponent());
  std::vector<lnn::integer_view> to;
  for (integer_tensor& t : out) to.push_back(t.access());
  const lnn::integer_view in[] = {x.access()};
  lnn::pool workers(threads);
  op.integer(lnn::integer_call<lnn::luna::kernels>{in, to, lnn::venus, false, nullptr, workers});
  return out;
}

}  // namespace

TEST_CASE("split: the pieces in order are the axis") {
  lnn::random draw(2401);
  for (int i = 0; i < 60; ++i) {
    shape x = any_shape(draw, 1, 4);
    const int axis = pick(draw, -x.rank(), x.rank() - 1), along = lnn::normal_axis(axis, x.rank());
    split op{.axis = axis};
    x[along] = 0;
    for (int n = pick(draw, 1, 5); n > 0; --n) {
      op.sizes.push_back(pick(draw, 1, 4));
      x[along] += op.sizes[op.sizes.size() - 1];
    }
    lnn::verdict found;
    const auto made = op.results(std::span<const shape>(&x, 1), found);
    REQUIRE(found.clean());
    REQUIRE(made.size() == op.sizes.size());
    REQUIRE(op.outputs() == static_cast<int>(made.size()));
    for (const dtype type : moved_types) {
      const auto from = noise(draw, type, x, 3);
      for (const int threads : {1, 3}) {
        const auto pieces = cut(op, from, {made.begin(), made.end()}, threads);
        int start = 0;
        for (std::size_t p = 0; p < pieces.size(); ++p) {
          for (std::size_t k = 0; k < pieces[p].size(); ++k) {
            auto at = places(made[p], k);
            at[static_cast<std::size_t>(along)] += start;
            REQUIRE(get(pieces[p], k) == get(from, element(x, at)));
          }
          start += op.sizes[p];
        }
      }
    }
  }
}

TEST_CASE("split: shapes and limits") {
  const shape x{1, 9, 20};
  lnn::verdict found;
  const auto equal = split{.axis = 1, .parts = 3}.results(std::span<const shape>(&x, 1), found);
  REQUIRE(equal.size() == 3);
  for (const shape& s : equal) CHECK(s == shape{1, 3, 20});
  CHECK(refusal(split{.axis = 1, .parts = 2}, {x}) ==
        "it: elements left over by the parts 1 must be 0; use parts that divide the axis");
  CHECK(refusal(split{.axis = 1, .sizes = {4, 4}}, {x}) ==
        "it: extents of the pieces together 8 must be 9; share out the whole axis");
  CHECK(refusal(split{.axis = 1, .sizes = {9, 0}}, {x}) ==
        "it: extent of a piece 0 is below the least of 1; give every piece at least one element");
  CHECK(refusal(split{.axis = 3}, {x}) == "it: axis 3 is above the limit of 2; use an axis of the input");
  CHECK(refusal(split{.axis = 2, .parts = 20}, {x}) == "it: parts 20 is above the limit of 16; split twice");
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(split{.axis = 2, .parts = 10}, {x}, *on, lnn::limit::split::parts));
    CHECK_FALSE(breaks(split{.axis = 1, .sizes = {4, 5}}, {x}, *on, lnn::limit::split::equal));
    CHECK(breaks(split{.axis = 2, .sizes = {2, 2, 2, 2, 2, 2, 2, 2, 4}}, {x}, *on, lnn::limit::split::parts));
  }
}

}  // namespace test_split
