// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_bmm {

using namespace asked;
namespace rules = lnn::limit::bmm;

namespace {

layer product(shape x, shape y) {
  layer l("BmmInt", {data(x), data(y)});
  l.f.out.bits = 8;
  l.f.out.scale = 4;
  return l;
}

}  // namespace

TEST_CASE("bmm limits: form, widths, shift") {
  CHECK(product({2, 4, 8}, {2, 8, 6}).clean());
  CHECK(product({4, 8}, {8, 6}).clean());
  CHECK(product({1, 2, 4, 8}, {1, 2, 8, 6}).breaks(rules::rank));
  CHECK(product({4, 8}, {8}).breaks(rules::second_rank));
  CHECK(product({4, 8}, {7, 6}).breaks(rules::inner));
  CHECK(product({2, 4, 8}, {3, 8, 6}).breaks(rules::batches));
  layer l = product({4, 8}, {8, 6});
  l.in[1].bits = 16;
  CHECK(l.breaks(rules::bits));
  l.in[0].bits = 16;
  CHECK(l.breaks(arcs, rules::bits));
  CHECK(l.clean(venusA));
  l = product({4, 8}, {8, 6});
  l.f.out.bits = 4;
  CHECK(l.breaks(rules::output_bits));
  l.f.out.bits = 16;
  CHECK(l.breaks(arcs, rules::engine_output_bits));
  l = product({4, 8}, {8, 6});
  l.f.out.scale = 8;
  CHECK(l.clean());
  l.f.out.scale = 9;
  CHECK(l.breaks(rules::shift));
}

TEST_CASE("bmm limits: sizes") {
  CHECK(product({4, 512}, {512, 64}).clean());
  CHECK(product({4, 512}, {512, 65}).breaks(venus, rules::right_bytes));
  CHECK(product({4, 512}, {512, 65}).clean(arcs));
  CHECK(product({1028, 64}, {64, 4}).advises(venus, rules::left_split));
}

}  // namespace test_bmm
