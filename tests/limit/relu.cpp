// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_relu {

using namespace asked;
namespace rules = lnn::limit::relu;

TEST_CASE("relu limits: inputs in PSRAM") {
  layer l("Relu", {data({65536}, 16)});
  CHECK(l.clean(venus));
  l.in[0].asked = kind::psram;
  CHECK(l.breaks(venus, rules::bits));
  CHECK(l.breaks(venusA, rules::workspace));
  l.in[0].bits = 8;
  CHECK(l.clean());
  l.in[0].dims = {65537};
  CHECK(l.clean(venus));
  CHECK(l.breaks(arcs, rules::workspace));
}

TEST_CASE("relu limits: the exponent is kept") {
  layer l("Relu", {data({4}, 8)});
  l.in[0].scale = 5;
  l.f.out.scale = 5;
  CHECK(l.clean());
  l.f.out.scale = 4;
  CHECK(l.breaks(rules::kept_exponent));
}

}  // namespace test_relu
