// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace test_facts {

using namespace lnn::limit;

TEST_CASE("facts: an exponent is unknown, whole, or no power of two") {
  static_assert(!exponent{}.known());
  static_assert(exponent(0).whole());
  static_assert(exponent::not_a_power().known() && !exponent::not_a_power().whole());
}

TEST_CASE("facts: a tensor lies where it was asked to, else where its size puts it") {
  facts f{.op = "Relu"};
  operand t;
  CHECK(f.in_share(t, 655360));
  CHECK_FALSE(f.in_share(t, 655361));
  t.asked = memory::share;
  CHECK(f.in_share(t, 655361));
  t.asked = memory::psram;
  CHECK_FALSE(f.in_share(t, 1));
}

TEST_CASE("facts: shapes meet at the last axis") {
  static_assert(meeting({2, 3}, {3}).fits && meeting({2, 3}, {3}).repeated == 1);
  static_assert(meeting({2, 3}, {2, 3}).repeated == 0);
  static_assert(meeting({2, 3}, {1, 1}).repeated == 2);
  static_assert(!meeting({2, 3}, {2}).fits);
  static_assert(floor_div(-1, 2) == -1 && floor_div(-4, 2) == -2 && floor_div(5, 2) == 2);
}

}  // namespace test_facts
