// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../core/error.hpp"

namespace lnn {

/// Two 4-bit elements in a byte, the even one in the low nibble, as ARCS and VENUSA store weights.
[[nodiscard]] constexpr std::int8_t int4_at(const std::uint8_t* packed, std::size_t i) noexcept {
  const unsigned nibble = (static_cast<unsigned>(packed[i / 2]) >> (i % 2 * 4)) & 0xFU;
  return static_cast<std::int8_t>(static_cast<int>(nibble ^ 8U) - 8);
}
constexpr void set_int4(std::uint8_t* packed, std::size_t i, std::int8_t value) noexcept {
  const unsigned shift = i % 2 * 4;
  packed[i / 2] = static_cast<std::uint8_t>((packed[i / 2] & ~(0xFU << shift)) |
                                            ((static_cast<unsigned>(value) & 0xFU) << shift));
}

/// Packs values of [-8, 7]; a trailing half byte is zero.
[[nodiscard]] inline std::vector<std::uint8_t> pack_int4(std::span<const std::int8_t> values) {
  std::vector<std::uint8_t> packed((values.size() + 1) / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < -8 || values[i] > 7)
      fail("int4: element ", i, " is ", int{values[i]}, ", outside -8 to 7; quantize it with 4 bits first");
    set_int4(packed.data(), i, values[i]);
  }
  return packed;
}
[[nodiscard]] inline std::vector<std::int8_t> unpack_int4(std::span<const std::uint8_t> packed, std::size_t count) {
  if (packed.size() * 2 < count) fail("int4: ", packed.size(), " bytes hold fewer than ", count, " elements");
  std::vector<std::int8_t> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = int4_at(packed.data(), i);
  return values;
}

}  // namespace lnn
