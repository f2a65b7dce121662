// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_mul {

using namespace asked;
namespace rules = lnn::limit::mul;

TEST_CASE("mul limits") {
  layer l("iqMul", {data({1, 8, 4, 4}), data({1, 8, 4, 4})});
  l.f.out.scale = 8;
  CHECK(l.clean());
  l.f.out.scale = 9;
  CHECK(l.breaks(rules::negative_shift));
  l.f.out.scale = 4;
  l.in[1].dims = {1, 8, 1, 1};
  CHECK(l.clean());
  l.in[1].dims = {};
  CHECK(l.clean());
  l.in[1].dims = {1, 1, 4, 4};
  CHECK(l.breaks(rules::chip_shapes));
  l.in[1].dims = {1, 3, 4, 4};
  CHECK(l.breaks(rules::shapes));
  l.in[1] = data({1, 8, 4, 4}, 16);
  CHECK(l.breaks(rules::bits));
  l.in[0].bits = 16;
  CHECK(l.clean(venus));
  CHECK(l.breaks(arcs, rules::bits));
}

TEST_CASE("div limits") {
  layer l("iqDiv", {data({2, 3}, 32), data({2, 3}, 32)});
  CHECK(l.clean());
  l.in[0].bits = 8;
  CHECK(l.clean(venus));
  CHECK(l.breaks(arcs, lnn::limit::div::bits));
  l.f.out = data({2, 3}, 32, 29);
  CHECK(l.breaks(venus, lnn::limit::div::shift));
  CHECK(l.breaks(venusA, lnn::limit::div::engine_shift));
  l.f.out.scale = 28;
  CHECK(l.clean(venus));
  l.f.out.scale = 0;
  CHECK(l.clean(venus));
  CHECK_FALSE(l.breaks(venusA, lnn::limit::div::engine_shift));
  CHECK_FALSE(l.advises(venus, lnn::limit::div::scalar));
  l.in[1].dims = {1, 3};
  CHECK(l.breaks(lnn::limit::div::equal_shapes));
  l.in[1].dims = {2, 2};
  CHECK(l.breaks(lnn::limit::div::shapes));
  l.in[1].dims = {};
  CHECK(l.clean(venus));
  CHECK(l.advises(venus, lnn::limit::div::scalar));
}

}  // namespace test_mul
