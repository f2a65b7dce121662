// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_slice {

using lnn::slice;
using namespace textbook;

namespace {

/// The places that a slice of an axis visits, found one by one as ONNX words it.
std::vector<int> visited(int start, int end, int step, int extent) {
  if (start < 0) start += extent;
  if (end < 0) end += extent;
  start = std::min(std::max(start, 0), step > 0 ? extent : extent - 1);
  end = step > 0 ? std::min(std::max(end, 0), extent) : std::min(std::max(end, -1), extent - 1);
  std::vector<int> all;
  for (int at = start; step > 0 ? at < end : at > end; at += step) all.push_back(at);
  return all;
}

}  // namespace

TEST_CASE("slice: starts, ends and steps of any sign, clamped to the axis") {
  lnn::random draw(2301);
  int kept = 0;
  for (int i = 0; i < 400; ++i) {
    const shape x = any_shape(draw, 1, 5);
    slice op;
    std::vector<std::vector<int>> from;
    shape y = x;
    bool empty = false;
    for (int a = 0; a < x.rank(); ++a) {
      from.push_back(visited(0, x[a], 1, x[a]));
      if (pick(draw, 0, 1)) continue;
      const int step = pick(draw, 0, 1) ? pick(draw, 1, 3) : -pick(draw, 1, 3);
      const int start = pick(draw, -8, 8), end = pick(draw, 0, 9) ? pick(draw, -8, 8)
                                                 : step > 0       ? 1 << 28
                                                                  : -(1 << 28);
      op.starts.push_back(start);
      op.ends.push_back(end);
      op.axes.push_back(pick(draw, 0, 1) ? a : a - x.rank());
      op.steps.push_back(step);
      from.back() = visited(start, end, step, x[a]);
      y[a] = static_cast<int>(from.back().size());
      empty = empty || y[a] == 0;
    }
    if (empty) {
      CHECK(refusal(op, {x}).find("elements that are left along an axis 0 is below the least of 1") !=
            std::string::npos);
      continue;
    }
    ++kept;
    REQUIRE(result(op, {x}) == y);
    check_moved(draw, op, x, y, [&](std::vector<int> at) {
      for (std::size_t a = 0; a < at.size(); ++a) at[a] = from[a][static_cast<std::size_t>(at[a])];
      return at;
    });
  }
  CHECK(kept > 100);
}

TEST_CASE("slice: axes and steps may be left out") {
  CHECK(result(slice{.starts = {1, 0}, .ends = {9, 2}}, {shape{3, 4, 5}}) == shape{2, 2, 5});
  CHECK(result(slice{.starts = {-5}, .ends = {9999}, .axes = {2}}, {shape{1, 8, 20}}) == shape{1, 8, 5});
}

TEST_CASE("slice: what is refused") {
  const shape x{2, 6};
  CHECK(refusal(slice{.starts = {0, 0}, .ends = {1}}, {x}) ==
        "it: numbers of ends, axes or steps 1 must be 2; give every start one of each");
  CHECK(refusal(slice{.starts = {0}, .ends = {1}, .axes = {2}}, {x}) ==
        "it: axis 2 is above the limit of 1; use an axis of the input");
  CHECK(refusal(slice{.starts = {0, 0}, .ends = {1, 1}, .axes = {1, -1}}, {x}) ==
        "it: an axis is named twice; name every axis once");
  CHECK(refusal(slice{.starts = {0}, .ends = {1}, .axes = {1}, .steps = {0}}, {x}) ==
        "it: a step of 0; use step 1");
  CHECK(refusal(slice{.starts = {4}, .ends = {4}, .axes = {1}}, {x}) ==
        "it: elements that are left along an axis 0 is below the least of 1; let it start before it ends");
  const slice stepping{.starts = {0}, .ends = {6}, .axes = {1}, .steps = {2}};
  const slice batch{.starts = {0}, .ends = {1}, .axes = {0}};
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(stepping, {x}, *on, lnn::limit::slice::step));
    CHECK(breaks(slice{.starts = {0, 0}, .ends = {1, 1}}, {x}, *on, lnn::limit::slice::axes));
    CHECK(breaks(batch, {x}, *on, lnn::limit::slice::batch) == (on == &lnn::venus));
  }
}

}  // namespace test_slice
