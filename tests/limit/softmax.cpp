// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_softmax {

using namespace asked;
namespace rules = lnn::limit::softmax;

namespace {
layer norm(shape x, int axis, std::string_view op = "SoftmaxInt") {
  layer l(op, {data(x)});
  l.f.axis = axis;
  l.f.out.scale = 7;
  return l;
}
}  // namespace

TEST_CASE("softmax limits") {
  CHECK(norm({4, 2048}, -1).clean());
  CHECK(norm({4, 2048}, 1).clean());
  CHECK(norm({4, 2049}, -1).breaks(rules::classes));
  CHECK(norm({4, 10}, 2).breaks(rules::axis_range));
  CHECK(norm({4, 10}, -3).breaks(rules::axis_range));
  CHECK(norm({4, 10, 3}, 1).breaks(rules::last_axis));
  CHECK(norm({2, 4, 10}, 2).breaks(arcs, rules::engine_axis));
  CHECK(norm({2, 4, 10}, 2).clean(venusA));
  CHECK(norm({4, 10}, -1).advises(venus, rules::workspace));
  layer l = norm({4, 10}, -1);
  l.in[0].bits = 32;
  CHECK(l.breaks(venus, rules::bits));
  CHECK(l.breaks(arcs, rules::bits));
  CHECK(l.clean(venusA));
  l.in[0].dims = {5, 10};
  CHECK(l.breaks(venusA, rules::int32_rows));
  l = norm({4, 10}, -1);
  l.f.out.asked = kind::psram;
  CHECK(l.breaks(arcs, rules::memory));
}

TEST_CASE("log-softmax limits") {
  CHECK(norm({4, 5000}, -1, "LogSoftmaxInt").clean(venus));
  CHECK(norm({4, 10}, -1, "LogSoftmaxInt").breaks(arcs, rules::log_buffer));
  layer l = norm({5, 10}, -1, "LogSoftmaxInt");
  l.in[0].bits = 32;
  CHECK(l.breaks(venus, rules::bits));
  CHECK(l.breaks(venusA, rules::int32_rows));
}

}  // namespace test_softmax
