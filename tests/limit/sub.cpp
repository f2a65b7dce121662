// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_sub {

using namespace asked;
namespace rules = lnn::limit::sub;

TEST_CASE("sub limits") {
  layer l("iqSub", {data({2, 3}), data({2, 3})});
  l.f.out.scale = 4;
  CHECK(l.clean());
  CHECK(l.advises(venus, rules::first_operand));
  l.f.out.scale = 3;
  CHECK(l.breaks(rules::first_operand));  // the rescaled operand lies in the workspace, the output does not
  l.f.out.asked = kind::psram;
  CHECK(l.clean());
  l.f.out.scale = 4;
  CHECK(l.breaks(rules::first_operand));
  l.in[0].asked = kind::psram;
  CHECK(l.clean());
  l.f.out.asked = kind::any;
  CHECK(l.breaks(rules::first_operand));
  l.in[0].asked = kind::any;
  l.f.out.scale = 5;
  CHECK(l.breaks(rules::exponent));
  l.f.out.scale = 4;
  l.in[1].dims = {1, 1};
  CHECK(l.breaks(rules::equal_shapes));
  CHECK(l.spares(rules::shapes));
  l.in[1].dims = {2, 2};
  CHECK(l.breaks(rules::shapes));
  l.in[1].bits = 32;
  CHECK(l.breaks(rules::bits));
}

}  // namespace test_sub
