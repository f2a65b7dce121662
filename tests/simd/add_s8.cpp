// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/simd/add_s8.hpp>
#include <vector>

namespace test_add_s8 {

TEST_CASE("add_s8: the sum of rounded and saturated operands, for every shift and length") {
  lnn::random draw(71);
  const auto bytes = [&](std::size_t n) {
    std::vector<std::int8_t> v(n);
    for (auto& x : v) x = static_cast<std::int8_t>(draw.below(5) == 0 ? 127 - 255 * static_cast<int>(draw.below(2)) : static_cast<int>(draw.below(256)) - 128);
    return v;
  };
  const auto rounded = [](int x, int shift) { return lnn::saturate<std::int8_t>(lnn::rescale(x, shift, 0)); };
  for (int shift_a = 0; shift_a <= 20; ++shift_a)
    for (int shift_b = 0; shift_b <= 20; ++shift_b) {
      const std::size_t n = 1 + draw.below(200);
      const auto a = bytes(n), b = bytes(n);
      std::vector<std::int8_t> y(n), wanted(n);
      for (std::size_t i = 0; i < n; ++i) wanted[i] = lnn::saturate<std::int8_t>(rounded(a[i], shift_a) + rounded(b[i], shift_b));
      CAPTURE(n);
      CAPTURE(shift_a);
      CAPTURE(shift_b);
      REQUIRE(lnn::simd::add_s8(n, a.data(), 2 + shift_a, b.data(), 2 + shift_b, y.data(), 2, static_cast<lnn::tap*>(nullptr), 0));
      CHECK(y == wanted);
    }
}

}  // namespace test_add_s8
