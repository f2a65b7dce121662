// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_reduce {

using namespace asked;
using namespace lnn::limit;

namespace {
layer along(std::string_view op, shape x, int axis) {
  layer l(op, {data(x)});
  l.f.axis = axis;
  return l;
}
}  // namespace

TEST_CASE("limits of operators that reduce an axis") {
  CHECK(along("iqSum", {1, 1, 4}, 2).clean());
  CHECK(along("iqSum", {1, 3, 1}, 1).breaks(venus, sum::axis));
  CHECK(along("iqSum", {1, 3, 1}, 1).clean(venusA));
  CHECK(along("iqSum", {1, 3, 4}, 2).breaks(sum::rows));
  CHECK(along("iqVar", {1, 2, 3, 4}, 2).clean(venus));
  CHECK(along("iqVar", {1, 2, 3, 4}, 2).breaks(arcs, var::squares));
  CHECK(along("iqVar", {1, 2, 3, 4}, 3).breaks(var::axis));
  CHECK(along("iqVar", {1, 2, 363, 4}, 2).breaks(var::length));
  layer wide = along("iqVar", {1, 2, 362, 4}, 2);
  CHECK(wide.clean(venus));
  wide.in[0].bits = 16;
  CHECK(wide.breaks(var::bits));
  CHECK(along("ArgMax", {2, 3}, -1).clean());
  CHECK(along("ArgMax", {2, 3}, 0).breaks(arg_max::axis));
  layer search = along("ArgMax", {2, 3}, -1);
  search.in[0].bits = 32;
  CHECK(search.breaks(venus, arg_max::bits));
  CHECK(search.clean(arcs));
  search.in[0].bits = 16;
  CHECK(search.breaks(arcs, arg_max::bits));
  CHECK(search.clean(venusA));
  layer top = along("topN", {1, 3}, -1);
  top.f.count = 1;
  CHECK(top.clean());
  top.f.count = 2;
  CHECK(top.breaks(arg_max::count));
  top.in[0].dims = {2, 3};
  CHECK(top.breaks(arg_max::batch));
  CHECK(along("GluInt", {2, 4}, -1).breaks(venus, glu::engine));
  CHECK(along("GluInt", {2, 4}, -1).clean(venusA));
  CHECK(along("GluInt", {2, 4}, 0).breaks(glu::axis));
}

}  // namespace test_reduce
