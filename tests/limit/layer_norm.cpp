// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_layer_norm {

using namespace asked;
namespace rules = lnn::limit::layer_norm;

TEST_CASE("layer norm limits") {
  layer l("LayerNormInt", {data({1, 4, 16})});
  l.f.weight = data({16});
  l.f.out.scale = 4;
  CHECK(l.clean());
  CHECK(l.advises(venus, rules::workspace));
  l.f.weight.dims = {64};
  CHECK(l.clean());
  l.f.weight.dims = {15};
  CHECK(l.breaks(rules::weight));
  l = layer("LayerNormInt", {data({1, 4, 362})});
  l.f.weight = data({362});
  CHECK(l.clean());
  l.in[0].dims = {1, 4, 363};
  l.f.weight.dims = {363};
  CHECK(l.breaks(rules::features));
  l = layer("LayerNormInt", {data({1, 4, 16})});
  l.f.weight = data({16}, 4);
  CHECK(l.breaks(venus, lnn::limit::int4_weights));
  CHECK(l.clean(arcs));
  l.in[0].bits = 16;
  CHECK(l.breaks(rules::input_bits));
  l.in[0].dims = {16};
  CHECK(l.breaks(rules::rank));
}

}  // namespace test_layer_norm
