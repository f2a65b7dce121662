// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/list.hpp>

namespace test_list {

TEST_CASE("a list holds what fits and says when something did not") {
  lnn::list<int, 3> v{1, 2};
  CHECK(v.size() == 2);
  CHECK_FALSE(v.overflow());
  v.push_back(3);
  v.push_back(4);
  CHECK(v.size() == 3);
  CHECK(v.overflow());
  CHECK(v[2] == 3);
}

TEST_CASE("lists compare by their items and work in constants") {
  constexpr lnn::list<int, 4> a{1, 2, 3};
  static_assert(a == lnn::list<int, 4>{1, 2, 3} && !(a == lnn::list<int, 4>{1, 2}) && !a.empty());
  int sum = 0;
  for (const int i : a) sum += i;
  CHECK(sum == 6);
}

}  // namespace test_list
