// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_shape_of {

using namespace textbook;

TEST_CASE("shape_of: the dimensions") {
  CHECK(result(lnn::shape_of{}, {shape{2, 3, 4}}) == shape{3});
  const auto y = run(lnn::shape_of{}, {integer_tensor(dtype::int8, {2, 3, 400}, 3)}, {3}, dtype::int32, 0);
  CHECK(get(y, 0) == 2);
  CHECK(get(y, 1) == 3);
  CHECK(get(y, 2) == 400);
}

}  // namespace test_shape_of
