// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/luna/relu.hpp>

#include "../wide.hpp"

namespace test_relu {

namespace luna = lnn::luna;

TEST_CASE("rectifiers: as the primitives are specified") {
  lnn::random draw(81);
  for (int k = 0; k < 20000; ++k) {
    const std::int64_t x = static_cast<std::int32_t>(draw.next()) >> draw.below(32);
    const int shift = static_cast<int>(draw.below(33)), slope = static_cast<int>(draw.below(8));
    const int most = static_cast<int>(draw.below(256)) - 128;
    const wide::number v = wide::half_up(x, shift);
    REQUIRE(luna::relu(x, shift) == (x < 0 ? 0 : v));
    REQUIRE(luna::prelu(x, shift, slope) == (x < 0 ? wide::half_up(x, shift + slope) : v));
    REQUIRE(luna::relux(x, shift, most) == (v < 0 ? 0 : v < most ? v : most));
  }
}

}  // namespace test_relu
