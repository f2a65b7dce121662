// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
#include <limits>

#include "../core/algorithm.hpp"
#include "isa.hpp"
#include "lane.hpp"

namespace lnn::simd::detail {

#if LNN_X86
/// What every step of requantize512 needs: all of requantization, spread over vectors.
struct requantize_constants {
  s32x16 bias, low_room, high_room;  ///< acc + bias stays within 32 bits for acc in between
  s32x16 half, one;                  ///< shift - 1 and 1, or 0 and 0 where nothing is shifted
  u32x16 low, high;                  ///< bytes
};

LNN_AVX512 inline void rooms512(const s32x16& bias, s32x16& low, s32x16& high) {
  const s32x16 zero{};
  low = std::numeric_limits<std::int32_t>::min() - (bias < zero ? bias : zero);
  high = std::numeric_limits<std::int32_t>::max() - (bias > zero ? bias : zero);
}

/// 64 outputs.  Signed packs keep what is out of reach out of reach, so 16 bits are enough to see where a clamp acts.
template <bool Each, bool Relu, bool Pass, bool Range>
LNN_AVX512 inline void requantize_step512(const std::int32_t* acc, const std::int32_t* bias, requantize_constants& c, std::int8_t* y,
                                          std::uint8_t* pass, s32x16& least, s32x16& most) {
  constexpr u32x16 order{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
  s32x16 x[4];
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v) {
    x[v] = memory<s32x16>(acc + 16 * v).v;
    if constexpr (Each) {
      c.bias = memory<s32x16>(bias + 16 * v).v;
      rooms512(c.bias, c.low_room, c.high_room);
    }
    x[v] = x[v] < c.low_room ? c.low_room : x[v];
    x[v] = (x[v] > c.high_room ? c.high_room : x[v]) + c.bias;
    if constexpr (Range) least = x[v] < least ? x[v] : least, most = x[v] > most ? x[v] : most;
    // far below the clamp at 0, so that it acts even where R would give 0
    if constexpr (Relu && Pass) x[v] = x[v] < 0 ? s32x16{} + std::numeric_limits<std::int32_t>::min() : x[v];
    x[v] >>= c.half;
    x[v] = (x[v] >> c.one) + (x[v] & c.one);
  }
  u32x16 first, second, bytes;
  asm("vpackssdw %2, %1, %0" : "=v"(first) : "v"(x[0]), "v"(x[1]));
  asm("vpackssdw %2, %1, %0" : "=v"(second) : "v"(x[2]), "v"(x[3]));
  asm("vpacksswb %2, %1, %0" : "=v"(bytes) : "v"(first), "v"(second));
  asm("vpmaxsb %2, %1, %0" : "=v"(bytes) : "v"(bytes), "v"(c.low));
  asm("vpminsb %2, %1, %0" : "=v"(bytes) : "v"(bytes), "v"(c.high));
  if constexpr (Pass) {
    // widened again in the order of the packs, an output equals its unclamped value where no clamp acted
    u32x16 low_half, high_half, same;
    asm("vpunpcklbw %1, %1, %0" : "=v"(low_half) : "v"(bytes));
    asm("vpunpckhbw %1, %1, %0" : "=v"(high_half) : "v"(bytes));
    const s16x32 open_first = (reinterpret_cast<s16x32>(low_half) >> 8) == reinterpret_cast<s16x32>(first);
    const s16x32 open_second = (reinterpret_cast<s16x32>(high_half) >> 8) == reinterpret_cast<s16x32>(second);
    asm("vpacksswb %2, %1, %0" : "=v"(same) : "v"(open_first), "v"(open_second));
    asm("vpermd %2, %1, %0" : "=v"(same) : "v"(order), "v"(same));
    memory<u32x16>(pass).v = same & 0x01010101U;
  }
  asm("vpermd %2, %1, %0" : "=v"(bytes) : "v"(order), "v"(bytes));
  memory<u32x16>(y).v = bytes;
}

/// detail::requantize for int8 outputs and shifts of 0 to 31.
template <bool Each, bool Relu, bool Pass, bool Range>
LNN_AVX512 void requantize512(std::size_t n, const std::int32_t* acc, const std::int32_t* bias, std::int32_t same, int shift, int low,
                              int high, std::int8_t* y, std::uint8_t* pass, std::int32_t* extremes) {
  requantize_constants c;
  c.bias = same - s32x16{};
  rooms512(c.bias, c.low_room, c.high_room);
  c.half = std::max(shift - 1, 0) - s32x16{};
  c.one = std::min(shift, 1) - s32x16{};
  c.low = 0x01010101U * static_cast<std::uint8_t>(low) - u32x16{};
  c.high = 0x01010101U * static_cast<std::uint8_t>(high) - u32x16{};
  s32x16 least = std::numeric_limits<std::int32_t>::max() - s32x16{}, most = std::numeric_limits<std::int32_t>::min() - s32x16{};
  constexpr std::size_t block = 64;
  if (n >= block) {
    for (std::size_t i = 0;; i = std::min(i + block, n - block)) {  // the last block may overlap the one before it
      requantize_step512<Each, Relu, Pass, Range>(acc + i, Each ? bias + i : bias, c, y + i, Pass ? pass + i : pass, least, most);
      if (i + block == n) break;
    }
  } else {
    std::int32_t part[block], biases[block];
    std::int8_t out[block];
    std::uint8_t passed[block];
    for (std::size_t j = 0; j < block; ++j) {  // a short row is filled up with its last element
      part[j] = acc[std::min(j, n - 1)];
      if constexpr (Each) biases[j] = bias[std::min(j, n - 1)];
    }
    requantize_step512<Each, Relu, Pass, Range>(part, biases, c, out, passed, least, most);
    std::memcpy(y, out, n);
    if constexpr (Pass) std::memcpy(pass, passed, n);
  }
  if constexpr (Range)
    for (std::size_t j = 0; j < 16; ++j) extremes[0] = std::min(extremes[0], least[j]), extremes[1] = std::max(extremes[1], most[j]);
}
#endif

}  // namespace lnn::simd::detail
