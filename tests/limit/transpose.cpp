// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_transpose {

using namespace asked;
namespace rules = lnn::limit::transpose;

namespace {
layer turn(shape x, lnn::limit::numbers perm) {
  layer l("Transpose", {data(x)});
  l.f.perm = perm;
  return l;
}
}  // namespace

TEST_CASE("transpose limits: the order of axes") {
  CHECK(turn({4, 5}, {1, 0}).clean());
  CHECK(turn({2, 3, 4}, {-1, 0, 1}).clean());
  CHECK(turn({2, 3, 4}, {1, 0}).breaks(rules::perm_length));
  CHECK(turn({2, 2, 2, 2, 2, 2, 2}, {6, 5, 4, 3, 2, 1, 0}).breaks(rules::perm_axes));
  CHECK(turn({2, 3}, {2, 0}).breaks(rules::perm_value));
  CHECK(turn({2, 3}, {0, -2}).breaks(rules::perm_twice));
  layer l = turn({2, 3}, {});
  l.f.has_perm = false;
  CHECK(l.breaks(rules::perm_missing));
}

TEST_CASE("transpose limits: merged axes") {
  CHECK(turn({2, 3, 4, 5}, {0, 3, 1, 2}).clean());  // 2 and 1 stay together
  CHECK(turn({2, 3, 4, 5}, {0, 3, 2, 1}).clean(venus));  // the batch stays
  CHECK(turn({2, 3, 4, 5}, {0, 3, 2, 1}).clean(arcs));
  CHECK(turn({2, 3, 4, 5}, {0, 3, 2, 1}).breaks(venusA, rules::pattern));
  CHECK(turn({2, 3, 4, 5}, {3, 2, 1, 0}).breaks(rules::pattern));
  CHECK(turn({2, 1, 4, 5}, {3, 2, 1, 0}).clean());  // an axis of 1 does not count
  CHECK(turn({2, 3, 4, 5, 6}, {4, 0, 1, 2, 3}).clean());
}

TEST_CASE("transpose limits: what the engine merges, and what reshapes around it save") {
  // merges neighbours, but axes of 1 count
  const auto heads = rules::detail::engine_axes({1, 5, 3, 4}, {0, 2, 1, 3});
  CHECK(heads.rank == 4);
  CHECK(rules::detail::merged({1, 5, 3, 4}, {0, 2, 1, 3}).rank == 3);
  const auto back = rules::detail::engine_axes({2, 3, 4, 5}, {0, 3, 1, 2});
  CHECK(back.rank == 3);
  CHECK(back.from[1] == 2);
  CHECK(back.extent[1] == 12);
  CHECK(rules::detail::engine_axes({2, 3, 4, 5}, {2, 3, 0, 1}).torn);  // two groups
  CHECK_FALSE(rules::detail::engine_axes({2, 3, 4, 5}, {1, 2, 3, 0}).torn);
  CHECK(rules::wants_reshapes({1, 5, 3, 4}, {0, 2, 1, 3}, true, venusA));
  CHECK_FALSE(rules::wants_reshapes({1, 5, 3, 4}, {0, 2, 1, 3}, true, arcs));
  CHECK(rules::wants_reshapes({2, 3, 4, 5}, {2, 3, 0, 1}, true, arcs));
  CHECK(rules::wants_reshapes({1, 13, 13, 5, 16}, {0, 1, 3, 4, 2}, true, venus));
  CHECK_FALSE(rules::wants_reshapes({1, 5, 1, 4}, {2, 1, 0, 3}, true, venusA));  // a reshape
  CHECK_FALSE(rules::wants_reshapes({2, 3, 4, 5}, {3, 2, 1, 0}, true, venus));   // four axes whatever one does

  CHECK(turn({1, 5, 3, 4}, {0, 2, 1, 3}).clean());
  layer symbolic = turn({1, 5, 3, 4}, {0, 2, 1, 3});
  symbolic.f.options.symbolic = true;
  CHECK(symbolic.breaks(venusA, rules::pattern));
  CHECK(symbolic.clean(arcs));
  symbolic = turn({2, 3, 4, 5}, {2, 3, 0, 1});
  CHECK(symbolic.clean());
  symbolic.f.options.symbolic = true;
  CHECK(symbolic.breaks(venus, rules::pattern));
  layer far = turn({2, 3, 4, 5}, {0, 3, 2, 1});
  far.f.out.asked = kind::psram;
  CHECK(far.breaks(arcs, rules::pattern));
}

TEST_CASE("transpose limits: sizes") {
  CHECK(turn({256, 256}, {1, 0}).clean(venus));
  CHECK(turn({258, 256}, {1, 0}).clean(venus));
  CHECK(turn({257, 256}, {1, 0}).breaks(venus, rules::split));  // two parts of 128 rows fit, but leave one over
  CHECK(turn({257, 256}, {1, 0}).clean(venusA));
  CHECK(turn({2, 256, 256}, {0, 2, 1}).clean(venus));
  CHECK(turn({2, 257, 256}, {0, 2, 1}).breaks(venus, rules::plane));
  CHECK(turn({2, 257, 256}, {0, 2, 1}).clean(venusA));
  CHECK(turn({10, 80, 90}, {2, 1, 0}).clean(venus));
  CHECK(turn({3, 2, 17000}, {2, 1, 0}).breaks(venus, rules::plane));
  CHECK(turn({257, 4100}, {1, 0}).breaks(venus, rules::split));
  for (const lnn::chip* on : {&arcs, &venusA}) CHECK_FALSE(turn({257, 4100}, {1, 0}).breaks(*on, rules::split));  // they cut by themselves
  layer l = turn({256, 257}, {1, 0});
  l.in[0].asked = kind::psram;
  CHECK(l.breaks(venus, rules::workspace));
}

}  // namespace test_transpose
