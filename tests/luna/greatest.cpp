// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/luna/greatest.hpp>
#include <vector>

namespace test_greatest {

TEST_CASE("the greatest elements in order, the first of equal ones first") {
  const int x[] = {4, 0, 7, 0, 7, 0, -1, 0, 4, 0};
  std::vector<int> values, places;
  lnn::luna::greatest(x, 5, 2, 5, [&](std::size_t i, int value, std::size_t place) {
    CHECK(i == values.size());
    values.push_back(value);
    places.push_back(static_cast<int>(place));
  });
  CHECK(values == std::vector<int>{7, 7, 4, 4, -1});
  CHECK(places == std::vector<int>{1, 2, 0, 4, 3});
}

}  // namespace test_greatest
