// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "isa.hpp"
#include "lane.hpp"

namespace lnn::simd {
namespace detail {

/// One row of outputs of a block of channels.
struct channelwise_row {
  const std::uint8_t* x;          ///< the first window's first pixel in the padded copy
  std::ptrdiff_t step;            ///< bytes from window to window
  const std::ptrdiff_t* offsets;  ///< of the taps, a multiple of four
  int groups;                     ///< of four taps
  const std::uint8_t* weights;
  const std::int32_t* start;
  int outputs;
  std::int8_t* y;
  std::ptrdiff_t y_step;
  std::ptrdiff_t below, weights_below;  ///< from y to the row below it, and from the weights to those for it
  int channels;                         ///< of the block that are written
  int shift;
  std::int32_t low;
};

#if LNN_X86
/// Four taps of 64 channels side by side: words[a] holds, in lane l and word j, those of channel 16 l + 4 a + j.
LNN_AVX512 inline void gather_taps512(const std::uint8_t* x, const std::ptrdiff_t* offsets, u32x16* words) {
  u32x16 r[4], low01, high01, low23, high23;
#pragma GCC unroll 4
  for (int t = 0; t < 4; ++t) r[t] = memory<u32x16>(x + offsets[t]).v;
  asm("vpunpcklbw %2, %1, %0" : "=v"(low01) : "v"(r[0]), "v"(r[1]));
  asm("vpunpckhbw %2, %1, %0" : "=v"(high01) : "v"(r[0]), "v"(r[1]));
  asm("vpunpcklbw %2, %1, %0" : "=v"(low23) : "v"(r[2]), "v"(r[3]));
  asm("vpunpckhbw %2, %1, %0" : "=v"(high23) : "v"(r[2]), "v"(r[3]));
  asm("vpunpcklwd %2, %1, %0" : "=v"(words[0]) : "v"(low01), "v"(low23));
  asm("vpunpckhwd %2, %1, %0" : "=v"(words[1]) : "v"(low01), "v"(low23));
  asm("vpunpcklwd %2, %1, %0" : "=v"(words[2]) : "v"(high01), "v"(high23));
  asm("vpunpckhwd %2, %1, %0" : "=v"(words[3]) : "v"(high01), "v"(high23));
}

/// Packs undo the order of gather_taps512.
LNN_AVX512 inline void store_channels512(const u32x16* sums, const channelwise_row& t, std::int8_t* y) {
  const u32x16 low = 0x01010101U * static_cast<std::uint8_t>(t.low) - u32x16{};
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - t.channels);
  s32x16 x[4];
#pragma GCC unroll 4
  for (int a = 0; a < 4; ++a) x[a] = reinterpret_cast<s32x16>(sums[a]) >> t.shift;
  u32x16 first, second, bytes;
  asm("vpackssdw %2, %1, %0" : "=v"(first) : "v"(x[0]), "v"(x[1]));
  asm("vpackssdw %2, %1, %0" : "=v"(second) : "v"(x[2]), "v"(x[3]));
  asm("vpacksswb %2, %1, %0" : "=v"(bytes) : "v"(first), "v"(second));
  asm("vpmaxsb %2, %1, %0" : "=v"(bytes) : "v"(bytes), "v"(low));
  asm volatile("vmovdqu8 %1, %0%{%2%}" : "+m"(memory<u32x16>(y).v) : "v"(bytes), "Yk"(mask));
}

/// Any window: four taps at a time.
LNN_AVX512 inline void channelwise512(const channelwise_row& t) {
  for (int j = 0; j < t.outputs; ++j) {
    const std::uint8_t* x = t.x + j * t.step;
    u32x16 acc[4], words[4];
#pragma GCC unroll 4
    for (int a = 0; a < 4; ++a) acc[a] = memory<u32x16>(t.start + 16 * a).v;
    for (int g = 0; g < t.groups; ++g) {
      gather_taps512(x, t.offsets + 4 * g, words);
#pragma GCC unroll 4
      for (int a = 0; a < 4; ++a)
        asm("vpdpbusd %2, %1, %0" : "+v"(acc[a]) : "v"(words[a]), "m"(memory<u32x16>(t.weights + (4 * g + a) * 64)));
    }
    store_channels512(acc, t, t.y + j * t.y_step);
  }
}

/// A window of three columns and up to four rows that moves by Stride pixels: a group of taps is a column, and neighbouring
/// outputs share it.  With three rows, two rows of outputs share four rows of input.
template <int Stride, int Rows>
LNN_AVX512 void three_columns512(const channelwise_row& t) {
  constexpr int outputs = 4 / Rows, columns = (outputs - 1) * Stride + 3;
  const std::ptrdiff_t pixel = t.step / Stride;
  for (int j = 0; j < t.outputs; j += outputs) {
    const std::uint8_t* x = t.x + j * t.step;
    u32x16 acc[at(Rows)][at(outputs)][4];
#pragma GCC unroll 2
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (int o = 0; o < outputs; ++o)
#pragma GCC unroll 4
        for (int a = 0; a < 4; ++a) acc[r][o][a] = memory<u32x16>(t.start + 16 * a).v;
#pragma GCC unroll 16
    for (int c = 0; c < columns; ++c) {
      u32x16 words[4];
      gather_taps512(x + c * pixel, t.offsets, words);
#pragma GCC unroll 4
      for (int o = 0; o < outputs; ++o)
        if (const int q = c - o * Stride; q >= 0 && q < 3)
#pragma GCC unroll 2
          for (int r = 0; r < Rows; ++r) {
            const std::uint8_t* weights = t.weights + r * t.weights_below + 256 * q;
#pragma GCC unroll 4
            for (int a = 0; a < 4; ++a)
              asm("vpdpbusd %2, %1, %0" : "+v"(acc[r][o][a]) : "v"(words[a]), "m"(memory<u32x16>(weights + 64 * a)));
          }
    }
#pragma GCC unroll 2
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (int o = 0; o < outputs; ++o)
        if (j + o < t.outputs) store_channels512(acc[r][o], t, t.y + (j + o) * t.y_step + r * t.below);
  }
}
#endif

/// Eight channels of 16-bit numbers, two taps at a time; the sums themselves.
struct channelwise_pairs {
  LNN_INLINE static void run(const std::uint8_t* x, const std::ptrdiff_t* offsets, int taps, const std::uint8_t* weights,
                             const std::int32_t* start, std::int32_t* sums) {
    u32x4 low = memory<u32x4>(start).v, high = memory<u32x4>(start + 4).v;
    for (int t = 0; t < taps; t += 2, weights += 32) {
      const s16x8 a = memory<s16x8>(x + offsets[t]).v, b = memory<s16x8>(x + offsets[t + 1]).v;
      const s16x8 w_low = memory<s16x8>(weights).v, w_high = memory<s16x8>(weights + 16).v;
      low += sum_pairs(__builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11), w_low);
      high += sum_pairs(__builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15), w_high);
    }
    memory<u32x4>(sums).v = low;
    memory<u32x4>(sums + 4).v = high;
  }
};

}  // namespace detail

}  // namespace lnn::simd
