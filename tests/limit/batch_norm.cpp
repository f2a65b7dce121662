// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_batch_norm {

using namespace asked;
namespace rules = lnn::limit::batch_norm;

TEST_CASE("batch norm limits") {
  layer l("BatchNorm2dInt", {data({1, 8, 5, 5})});
  l.f.weight = data({8});
  l.f.bias = data({8}, 32);
  CHECK(l.clean());
  l.f.out.asked = kind::psram;
  CHECK(l.breaks(arcs, rules::memory));
  CHECK(l.breaks(venusA, rules::memory));
  CHECK(l.clean(venus));
  l.f.out.asked = kind::any;
  l.f.weight.dims = {7};
  CHECK(l.breaks(rules::channels));
  l.f.weight = data({8}, 16);
  CHECK(l.breaks(rules::bits));
  l.f.bias.bits = 8;
  CHECK(l.breaks(rules::bias_bits));
  l.in[0].dims = {1, 8, 5};
  CHECK(l.breaks(rules::chip_rank));
}

}  // namespace test_batch_norm
