// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_add {

using namespace asked;
namespace rules = lnn::limit::add;

namespace {
layer sum(shape x, shape y) {
  layer l("iqAdd", {data(x), data(y)});
  l.f.out.scale = 4;
  return l;
}
}  // namespace

TEST_CASE("add limits") {
  CHECK(sum({1, 8, 4}, {1, 8, 4}).clean());
  CHECK(sum({1, 8, 4}, {1, 8, 3}).breaks(rules::shapes));
  CHECK(sum({1, 8, 4}, {1, 8, 1}).spares(rules::broadcast));
  CHECK(sum({1, 8, 4}, {1, 8, 1}).breaks(rules::equal_shapes));
  CHECK(sum({1, 8, 4}, {1, 1, 1}).breaks(rules::broadcast));
  layer l = sum({4}, {4});
  l.f.out.scale = 5;
  CHECK(l.breaks(rules::exponent));
  l.in[0].scale = l.in[1].scale = 5;
  CHECK(l.clean());
  l.in[1].scale = 6;
  CHECK(l.clean());
  l.f.out.asked = kind::psram;
  CHECK(l.clean(venus));
  CHECK(l.breaks(arcs, rules::second_shift));
  l.in[1].scale = 5;
  CHECK(l.clean());
  l.in[1].bits = 16;
  CHECK(l.breaks(rules::bits));
  l.in[0].bits = 16;
  CHECK(l.breaks(venus, rules::bits));
  CHECK(l.clean(venusA));
  l = sum({1, 64, 32, 32}, {1, 64, 32, 32});
  l.in[0].scale = l.in[1].scale = 6;
  CHECK(l.clean());
  l = sum({1, 64, 32, 33}, {1, 64, 32, 33});
  l.in[0].scale = l.in[1].scale = 6;
  CHECK(l.clean(arcs));
  CHECK(l.breaks(venusA, rules::engine_bytes));
  l.in[1].scale = 4;
  CHECK(l.clean(venusA));
}

}  // namespace test_add
