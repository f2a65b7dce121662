// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <span>

namespace lnn::model {

namespace detail {
/// Eight steps of the reflected polynomial for every byte.
inline constexpr std::array<std::uint32_t, 256> crc24_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1U) != 0 ? (c >> 1) ^ 0xC60001U : c >> 1;
    table[i] = c;
  }
  return table;
}();
}  // namespace detail

/// The checksum of model.bin over everything behind its header: CRC-24/LTE-B with reflected bits (polynomial 0x800063,
/// start 0, no final exclusive or).
[[nodiscard]] constexpr std::uint32_t crc24(std::span<const std::uint8_t> bytes) {
  std::uint32_t c = 0;
  for (std::uint8_t b : bytes) c = (c >> 8) ^ detail::crc24_table[(c ^ b) & 0xFFU];
  return c;
}

}  // namespace lnn::model
