// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/model/crc24.hpp>
#include <vector>

namespace test_crc24 {

TEST_CASE("the checksum is a division of polynomials, bit by bit") {
  lnn::random draw(1);
  for (std::size_t n : {0U, 1U, 2U, 17U, 300U}) {
    std::vector<std::uint8_t> bytes(n);
    for (auto& b : bytes) b = static_cast<std::uint8_t>(draw.below(256));
    // the lowest bit of the first byte has the highest power; 24 zeros behind the message
    std::vector<int> bits;
    for (auto b : bytes)
      for (int i = 0; i < 8; ++i) bits.push_back(b >> i & 1);
    bits.resize(bits.size() + 24);
    constexpr std::uint32_t polynomial = 0x1800063;
    for (std::size_t i = 0; i + 24 < bits.size(); ++i)
      for (std::size_t k = 0; bits[i] == 1 && k <= 24; ++k)
        if (k > 0) bits[i + k] ^= static_cast<int>(polynomial >> (24 - k) & 1U);
    std::uint32_t rest = 0;
    for (std::size_t k = 0; k < 24; ++k) rest |= static_cast<std::uint32_t>(bits[bits.size() - 24 + k]) << k;
    CHECK(lnn::model::crc24(bytes) == rest);
  }
}

}  // namespace test_crc24
