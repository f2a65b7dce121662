// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_linear {

using namespace asked;
namespace rules = lnn::limit::linear;

namespace {

layer fc(int rows, int features, int out) {
  layer l("LinearInt", {data({rows, features})});
  l.f.weight = data({out, features});
  l.f.bias = data({out}, 32);
  l.f.out.bits = 8;
  l.f.out.scale = 4;
  return l;
}

}  // namespace

TEST_CASE("linear limits: form and widths") {
  CHECK(fc(1, 64, 10).clean());
  layer l = fc(1, 64, 10);
  l.in[0].dims = {64};
  CHECK(l.breaks(rules::chip_rank));
  l.in[0].dims = {1, 1, 64};
  CHECK(l.spares(rules::engine_rank));
  l.in[0].dims = {1, 1, 1, 64};
  CHECK(l.breaks(rules::engine_rank));
  l = fc(1, 64, 10);
  l.f.weight.dims = {10, 63};
  CHECK(l.breaks(rules::inner));
  l.f.weight.dims = {10};
  CHECK(l.breaks(rules::weight_rank));
  l = fc(1, 64, 10);
  l.in[0].bits = 16;
  CHECK(l.breaks(rules::input_bits));
  l = fc(1, 64, 10);
  l.f.weight.bits = 16;
  CHECK(l.breaks(rules::weight_bits));
  l.f.weight.bits = 32;
  CHECK(l.breaks(venus, rules::weight_bits));
  CHECK_FALSE(l.breaks(venusA, rules::weight_bits));
  CHECK(l.breaks(venusA, rules::engine_types));
  l.f.weight.bits = 4;
  CHECK(l.breaks(venus, lnn::limit::int4_weights));
  CHECK(l.breaks(arcs, lnn::limit::int4_bias));
  l = fc(1, 64, 10);
  l.f.bias.bits = 16;
  CHECK(l.breaks(rules::bias_bits));
  l = fc(1, 64, 10);
  l.f.out.bits = 4;
  CHECK(l.breaks(rules::output_bits));
  l = fc(1, 64, 10);
  l.f.out.scale = 9;
  CHECK(l.breaks(rules::negative_shift));
  l.f.out.bits = 32;
  CHECK(l.breaks(venus, rules::negative_shift));
  CHECK(l.clean(arcs));
}

TEST_CASE("linear limits: sizes") {
  CHECK_FALSE(fc(1, 163840, 4).breaks(arcs, rules::input_features));
  CHECK(fc(1, 163841, 4).breaks(arcs, rules::input_features));
  layer low = fc(1, 4096, 4);
  low.f.options.right_threshold = 0;
  CHECK(low.breaks(venus, rules::input_features));
  CHECK_FALSE(low.breaks(arcs, rules::input_features));
  low = fc(1, 4104, 4);
  low.f.options.right_threshold = 0;
  CHECK(low.breaks(arcs, rules::input_features));
  CHECK_FALSE(fc(1, 16384, 4).breaks(venus, rules::left_features));
  CHECK(fc(1, 16385, 4).breaks(venus, rules::left_features));
  CHECK_FALSE(fc(1, 16385, 4).breaks(arcs, rules::left_features));
  CHECK(fc(2, 64, 4).clean(arcs));
  CHECK(fc(2, 64, 4).breaks(venusA, rules::share_output));
  CHECK(fc(2, 64, 1).clean(venusA));
  layer narrow = fc(1, 64, 4);
  narrow.f.weight.bits = 4;
  narrow.f.options.dma_prefetch = false;
  CHECK(narrow.clean(arcs));
  CHECK(narrow.breaks(venusA, rules::int4_input));
  narrow = fc(1, 1, 4);
  narrow.f.weight.bits = 4;
  CHECK(narrow.breaks(arcs, rules::int4_input));
  CHECK(fc(1025, 64, 4).advises(venus, rules::left_split));
  CHECK(fc(1, 4096, 17).advises(venusA, rules::right_split));
  // venus: 11 outputs of 4096 features can only be cut in eleven, each still 16 KiB
  CHECK_FALSE(fc(1, 4096, 11).breaks(venus, rules::equal_split));
  CHECK(fc(1, 8193, 11).breaks(venus, rules::equal_split));
}

}  // namespace test_linear
