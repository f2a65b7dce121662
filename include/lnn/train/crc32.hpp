// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace lnn {

namespace detail {
/// of[k][b]: the remainder of byte b followed by k zero bytes, so that eight bytes are folded at once.  Made at the
/// first use: a compiler would need more time and memory for these loops than for the rest of the file.
struct crc_tables {
  std::uint32_t of[8][256];
  crc_tables() {
    for (std::uint32_t b = 0; b < 256; ++b) {
      std::uint32_t r = b;
      for (int bit = 0; bit < 8; ++bit) r = (r >> 1) ^ ((r & 1U) ? 0xEDB88320U : 0U);
      of[0][b] = r;
    }
    for (std::size_t k = 1; k < 8; ++k)
      for (std::size_t b = 0; b < 256; ++b) of[k][b] = (of[k - 1][b] >> 8) ^ of[0][of[k - 1][b] & 0xFFU];
  }
};
}  // namespace detail

/// CRC-32 as in zip, gzip and PNG: reflected polynomial 0xEDB88320, start and final value complemented.
/// Finds every error of up to 32 neighbouring bits.  `before` continues the sum of earlier bytes.
[[nodiscard]] inline std::uint32_t crc32(std::span<const std::uint8_t> bytes, std::uint32_t before = 0) {
  static const detail::crc_tables tables;
  const auto& t = tables.of;
  std::uint32_t r = ~before;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    const std::uint8_t* p = bytes.data() + i;
    r = t[7][(r ^ p[0]) & 0xFFU] ^ t[6][((r >> 8) ^ p[1]) & 0xFFU] ^ t[5][((r >> 16) ^ p[2]) & 0xFFU] ^
        t[4][(r >> 24) ^ p[3]] ^ t[3][p[4]] ^ t[2][p[5]] ^ t[1][p[6]] ^ t[0][p[7]];
  }
  for (; i < bytes.size(); ++i) r = (r >> 8) ^ t[0][(r ^ bytes[i]) & 0xFFU];
  return ~r;
}

}  // namespace lnn
