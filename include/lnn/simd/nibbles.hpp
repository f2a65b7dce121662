// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "dispatch.hpp"
#include "lane.hpp"

namespace lnn::simd::detail {

/// Weights of four bits as they are kept: the 32-bit lanes of a panel that follow each other by `step` bytes share their bytes,
/// the first one's bits lowest; two lanes of bytes, or four of 16-bit numbers.
constexpr int lanes_in_one(int group) { return group == 4 ? 2 : 4; }

/// Puts lane `word` of a panel, the value of one column, into `packed`.
inline void pack_nibbles(int group, int word, std::ptrdiff_t step, std::ptrdiff_t column, const std::uint8_t* lane, std::uint8_t* packed) {
  const int in_one = lanes_in_one(group), place = word % in_one;
  std::uint8_t* to = packed + word / in_one * step + 4 * column;
  for (int i = 0; i < group; ++i) {
    const int width = 4 / group, bit = 4 * place;  // bytes of a number, and where its four bits lie in them
    std::uint8_t& part = to[i * width + bit / 8];
    part = static_cast<std::uint8_t>(part | (lane[i * width] & 15) << bit % 8);
  }
}

/// Four bits at Bit of every number, bytes or halves, as numbers.
template <int Group>
struct unpack_loop {
  LNN_INLINE static void run(std::ptrdiff_t words, std::ptrdiff_t step, const std::uint8_t* packed, std::uint8_t* panel) {
    using halves = std::uint16_t __attribute__((vector_size(32)));
    using bytes = std::uint8_t __attribute__((vector_size(32)));
    constexpr int in_one = lanes_in_one(Group);
    constexpr halves low = static_cast<std::uint16_t>(Group == 4 ? 0x0f0f : 0x000f) - halves{}, sign = static_cast<std::uint16_t>(Group == 4 ? 0x0808 : 0x0008) - halves{};
    for (std::ptrdiff_t word = 0; word < words; word += in_one, packed += step)
      for (std::ptrdiff_t i = 0; i < step; i += 32) {
        const halves all = memory<halves>(packed + i).v;
#pragma GCC unroll 4
        for (int j = 0; j < in_one; ++j) {
          if (word + j >= words) break;
          const halves v = ((all >> (4 * j)) & low) ^ sign;
          halves number;
          if constexpr (Group == 4) number = reinterpret_cast<halves>(reinterpret_cast<bytes>(v) - reinterpret_cast<bytes>(sign));
          else number = v - sign;
          memory<halves>(panel + (word + j) * step + i).v = number;
        }
      }
  }
};

/// A panel of `words` lanes, `step` bytes each, as the tiles read it.
inline void unpack(isa path, std::ptrdiff_t words, std::ptrdiff_t step, const std::uint8_t* packed, std::uint8_t* panel) {
  if (group_of(path) == 4) run_on<unpack_loop<4>>(path, words, step, packed, panel);
  else run_on<unpack_loop<2>>(path, words, step, packed, panel);
}

struct unpacked_panel;

}  // namespace lnn::simd::detail
