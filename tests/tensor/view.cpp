// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/tensor/view.hpp>
#include <numeric>
#include <vector>

namespace test_view {

using lnn::shape;
using lnn::view;

namespace {
std::vector<int> counted(std::size_t n) {
  std::vector<int> v(n);
  std::iota(v.begin(), v.end(), 0);
  return v;
}
template <class T>
std::vector<int> elements(const view<T>& v) {
  std::vector<int> out;
  v.for_each([&](int e) { out.push_back(e); });
  return out;
}
}  // namespace

TEST_CASE("a view wraps a foreign buffer without a copy") {
  std::vector<int> buffer = counted(24);
  const view<int> v(buffer.data(), {2, 3, 4});
  CHECK(v(1, 2, 3) == 23);
  v(0, 0, 1) = 77;
  CHECK(buffer[1] == 77);
  CHECK(v.contiguous());
  const view<const int> read = v;
  CHECK(read(0, 0, 1) == 77);
}

TEST_CASE("other layouts are other strides") {
  const std::vector<int> channels_last = counted(12);  // [h 2, w 2, c 3]
  const view<const int> v(channels_last.data(), {3, 2, 2}, {1, 6, 3});
  CHECK(v(2, 1, 0) == 8);
  CHECK_FALSE(v.contiguous());
  CHECK(elements(v) == std::vector<int>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11});
}

TEST_CASE("slices and permutations are views on the same elements") {
  std::vector<int> buffer = counted(24);
  const view<int> v(buffer.data(), {4, 6});
  CHECK(elements(v.slice(1, 1, 2)) == std::vector<int>{1, 2, 7, 8, 13, 14, 19, 20});
  CHECK(elements(v.slice(0, 1, 2, 2).slice(1, 0, 1)) == std::vector<int>{6, 18});
  CHECK(v.permute({1, 0})(5, 3) == v(3, 5));
  CHECK(v.slice(0, 1, 2).contiguous());
  CHECK_FALSE(v.slice(1, 0, 3).contiguous());
  CHECK_FALSE(v.permute({1, 0}).contiguous());
  CHECK(elements(v.slice(1, 0, 0)).empty());
}

TEST_CASE("slices outside are refused with the shape") {
  std::vector<int> buffer = counted(24);
  const view<int> v(buffer.data(), {4, 6});
  CHECK_THROWS_WITH_AS(v.slice(1, 5, 2),
                       "view: slice of axis 1 from 5, count 2, step 1 does not lie within 4x6", lnn::error);
  CHECK_THROWS_AS(v.slice(2, 0, 1), lnn::error);
  CHECK_THROWS_AS(v.slice(0, -1, 1), lnn::error);
  CHECK_THROWS_AS(v.permute({0}), lnn::error);
}

}  // namespace test_view
