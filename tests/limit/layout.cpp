// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_layout {

using namespace asked;
using namespace lnn::limit;

TEST_CASE("limits of operators that move elements") {
  layer s("Slice", {data({2, 8})});
  s.f.axis = 1;
  s.f.count = 1;
  CHECK(s.clean());
  s.f.count = 2;
  CHECK(s.breaks(slice::step));
  s.f.perm = {0, 1};
  CHECK(s.breaks(slice::axes));
  s.f.axis = -2;
  CHECK(s.breaks(venus, slice::batch));
  CHECK_FALSE(s.breaks(arcs, slice::batch));

  layer p("Split", {data({1, 16})});
  p.f.axis = 1;
  p.f.count = 8;
  CHECK(p.clean());
  p.f.count = 9;
  CHECK(p.breaks(lnn::limit::split::parts));
  CHECK(p.breaks(lnn::limit::split::equal));
  p.in[0].bits = 32;
  CHECK(p.breaks(arcs, lnn::limit::split::bits));

  layer q("Squeeze", {data({1, 16})});
  q.f.count = 7;
  CHECK(q.clean());
  q.f.op = "Unsqueeze";
  CHECK(q.breaks(squeeze::axes));

  layer g("Gather", {data({1, 16})});
  g.f.index_bits = 64;
  CHECK(g.clean());
  g.f.index_bits = 16;
  CHECK(g.breaks(gather::index_bits));
  g.in[0].bits = 4;
  g.f.out.bits = 16;
  CHECK(g.breaks(gather::output_bits));
  CHECK(g.breaks(venus, int4_weights));
  g.f.weight = data({9, 4});
  g.f.weight.scale = 6;
  g.f.out.scale = 6;
  CHECK(g.spares(gather::exponent));
  g.f.out.scale = 5;
  CHECK(g.breaks(gather::exponent));

  layer c("ShuffleChannel", {data({1, 8, 4, 4})});
  c.f.axis = 1;
  c.f.group = 2;
  CHECK(c.clean(venus));
  CHECK(c.breaks(arcs, unsupported));
  c.f.axis = 2;
  c.f.group = 0;
  CHECK(c.breaks(shuffle_channel::axis));
  CHECK(c.breaks(shuffle_channel::groups));
  c.in[0].dims = {8, 4, 4};
  CHECK(c.breaks(shuffle_channel::rank));

  layer r("Resize", {data({1, 8, 4, 4}), data({4}, 0)});
  CHECK(r.breaks(resize::constant));
  r.in[1].constant = true;
  CHECK(r.breaks(resize::bits));
  r.in[0].bits = 0;  // real numbers
  CHECK(r.clean(venus));
  r.f.mode = "linear";
  CHECK(r.breaks(resize::interpolation));

  layer t("Tile", {data({1, 4})});
  CHECK(t.clean());
  t.in[0].bits = 16;
  CHECK(t.breaks(lnn::limit::tile::bits));

  layer e("Expand", {data({1, 4, 1})});
  e.f.out.dims = {1, 4, 6};
  CHECK(e.clean());
  e.f.out.dims = {2, 4, 6};
  CHECK(e.breaks(lnn::limit::expand::leading));
  e.f.out.dims = {1, 1, 4, 6};
  CHECK(e.clean());
}

}  // namespace test_layout
