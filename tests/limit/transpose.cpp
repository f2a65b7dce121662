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
  CHECK(turn({2, 3, 4, 5}, {0, 3, 2, 1}).clean());  // the batch stays
  CHECK(turn({2, 3, 4, 5}, {3, 2, 1, 0}).breaks(rules::pattern));
  CHECK(turn({2, 1, 4, 5}, {3, 2, 1, 0}).clean());  // an axis of 1 does not count
  CHECK(turn({2, 3, 4, 5, 6}, {4, 0, 1, 2, 3}).clean());
}

TEST_CASE("transpose limits: sizes") {
  CHECK(turn({256, 256}, {1, 0}).clean(venus));
  CHECK(turn({257, 256}, {1, 0}).clean(venus));  // a prime number of rows: one at a time
  CHECK(turn({257, 4100}, {1, 0}).breaks(venus, rules::split));
  CHECK(turn({257, 1028}, {1, 0}).breaks(arcs, rules::split));
  layer l = turn({256, 257}, {1, 0});
  l.in[0].asked = kind::psram;
  CHECK(l.breaks(venus, rules::workspace));
}

}  // namespace test_transpose
