// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_sigmoid {

using namespace asked;
namespace rules = lnn::limit::sigmoid;

TEST_CASE("sigmoid limits: 16 bits on venus, 8 elsewhere") {
  layer l("iqSigmoid", {data({1, 64}, 16, 11)});
  l.f.out.scale = 7;
  CHECK(l.clean(venus));
  CHECK(l.breaks(arcs, rules::engine_bits));
  l.in[0].scale = 10;
  CHECK(l.breaks(venus, rules::exponent));
  l.in[0] = data({1, 64});
  CHECK(l.clean(arcs));
  CHECK(l.breaks(venusA, rules::engine));
  CHECK(l.breaks(venus, rules::bits));
  l.in[0] = data({1, 64}, 16, 11);
  l.in[0].asked = kind::psram;
  CHECK(l.breaks(venus, rules::memory));
  l.f.out.scale = 6;
  CHECK(l.breaks(rules::output));
}

TEST_CASE("tanh limits") {
  layer l("iqTanh", {data({1, 64}, 16, 11)});
  l.f.out.scale = 7;
  CHECK(l.clean(venus));
  CHECK(l.breaks(arcs, lnn::limit::tanh::engine));
  l.in[0].scale = 10;
  CHECK(l.breaks(lnn::limit::tanh::exponent));
  l.in[0].bits = 8;
  CHECK(l.breaks(lnn::limit::tanh::bits));
  l.f.out.scale = 6;
  CHECK(l.breaks(lnn::limit::tanh::output));
}

}  // namespace test_sigmoid
