// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/tensor/flat.hpp>

namespace test_flat {

TEST_CASE("a flat knows what it looks at, or that there is nothing") {
  int numbers[] = {1, 2, 3, 4};
  const lnn::flat<int> f(numbers, {2, 2});
  CHECK(f.size() == 4);
  CHECK(f[3] == 4);
  CHECK(f.span().back() == 4);
  const lnn::flat<const int> read = f;
  int sum = 0;
  for (const int v : read) sum += v;
  CHECK(sum == 10);
  const lnn::flat<int> absent;
  CHECK_FALSE(absent);
  CHECK(absent.size() == 0);
  CHECK(absent.begin() == absent.end());
}

}  // namespace test_flat
