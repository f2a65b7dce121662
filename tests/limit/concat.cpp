// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_concat {

using namespace asked;
namespace rules = lnn::limit::concat;

namespace {
layer join(std::vector<operand> in, int axis) {
  layer l("iqCat", std::move(in));
  l.f.axis = axis;
  l.f.out.scale = 4;
  return l;
}
}  // namespace

TEST_CASE("concat limits: form") {
  CHECK(join({data({1, 4, 5}), data({1, 6, 5})}, 1).clean());
  CHECK(join({data({1, 4, 5}), data({1, 6, 5})}, -2).clean());
  CHECK(join({data({1, 4, 5})}, 1).breaks(rules::input_number));
  CHECK(join({data({1, 4, 5}), data({1, 4, 5})}, 3).breaks(rules::axis_range));
  CHECK(join({data({1, 4, 5}), data({1, 4, 5})}, -4).breaks(rules::axis_range));
  CHECK(join({data({1, 4, 5}), data({1, 4, 6})}, 1).breaks(rules::shapes));
  CHECK(join({data({1, 4, 5}), data({1, 4})}, 1).breaks(rules::shapes));
}

TEST_CASE("concat limits: widths, exponents, memory") {
  const layer mixed = join({data({1, 4}), data({1, 4}, 16)}, 1);
  CHECK(mixed.breaks(venus, rules::bits));
  CHECK(mixed.breaks(venusA, rules::engine_bits));
  CHECK(join({data({1, 4}, 32), data({1, 4}, 32)}, 1).clean());
  CHECK(join({data({1, 4}, 32), data({1, 4}, 32, 5)}, 1).breaks(arcs, rules::rescale_bits));
  const layer lowered = join({data({1, 4}), data({1, 4}, 8, 5)}, 1);
  CHECK(lowered.clean(venus));
  CHECK(lowered.breaks(venusA, rules::engine_exponent));
  CHECK(join({data({1, 4}), data({1, 4}, 8, 3)}, 1).clean());
  layer far = join({data({1, 4}), data({1, 4})}, 1);
  far.in[0].asked = far.in[1].asked = far.f.out.asked = kind::psram;
  CHECK(far.breaks(venus, rules::memory));
  CHECK(far.clean(venusA));
  far.in[0].scale = 3;
  CHECK_FALSE(far.breaks(venus, rules::memory));
  CHECK(far.breaks(venus, rules::engine_memory));
  const auto rows = [](std::vector<lnn::limit::operand> in) {
    layer l = join(in, 1);
    l.f.out.asked = kind::psram;
    return l;
  };
  CHECK(rows({data({2, 4}), data({2, 4}, 8, 3)}).clean(venus));
  CHECK(rows({data({2, 4}, 8, 3), data({2, 4})}).breaks(venus, rules::engine_memory));  // follows into the workspace
  CHECK(rows({data({2, 4}), data({2, 2}, 8, 3)}).breaks(venus, rules::engine_memory));  // laid at 1 * 2
  CHECK(rows({data({2, 4}, 8, 3), data({2, 4})}).clean(venusA));
}

}  // namespace test_concat
