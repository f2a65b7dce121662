// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_common {

using namespace asked;
using namespace lnn::limit;

namespace {
layer one(shape x, int bits = 8) { return {"Relu", {data(x, bits)}}; }
}  // namespace

TEST_CASE("limits of any tensor: rank, extents, elements") {
  CHECK(one({1, 1, 1, 1, 1, 1, 2}).clean());
  CHECK(one({1, 1, 1, 1, 1, 1, 1, 2}).breaks(tensor_rank));
  CHECK(one({1, 0}).breaks(tensor_extent));
  CHECK(one({32768, 65536}).breaks(tensor_elements));
}

TEST_CASE("scales: powers of two, and the attribute says what the tensor says") {
  layer a("iqAdd", {data({4}), data({4})});
  a.f.out.scale = 4;
  CHECK(a.clean());
  a.in[1].scale = exponent::not_a_power();
  CHECK(a.breaks(scale_power));
  a.in[1].scale = 4;
  a.in[1].named_scale = 5;
  CHECK(a.breaks(second_scale));
  a.in[0].named_scale = 5;
  CHECK(a.breaks(scale_attribute));
  a.in[0].named_scale = exponent::not_a_power();
  CHECK(a.breaks(scale_power));
  a.in = {data({4}), data({4})};
  a.f.out.scale = exponent::not_a_power();
  CHECK(a.breaks(scale_power));
}

TEST_CASE("roundings: every chip has its names") {
  layer l("LinearInt", {data({1, 8})});
  l.f.weight = data({4, 8});
  CHECK(l.clean());
  l.f.platform_quant = "tf_quant";
  l.f.quant_mode = "ceil";
  CHECK(l.clean());
  l.f.quant_mode = "trunc";
  CHECK(l.clean(venus));
  CHECK(l.breaks(arcs, attribute_rounding));
  CHECK(l.breaks(venusA, attribute_rounding));
  l.f.platform_quant = "none";
  CHECK(l.breaks(venus, attribute_rounding));
}

TEST_CASE("int16: arcs computes no activations of 16 bits") {
  CHECK(one({8}, 16).clean(venus));
  CHECK(one({8}, 16).breaks(arcs, tensor_int16));
}

}  // namespace test_common
