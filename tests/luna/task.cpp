// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/luna/task.hpp>

namespace test_task {

TEST_CASE("groups share the channels") {
  const lnn::luna::convolution c{.channels_in = 12, .channels_out = 8, .groups = 4};
  CHECK(c.deep() == 3);
  CHECK(c.wide() == 2);
}

}  // namespace test_task
