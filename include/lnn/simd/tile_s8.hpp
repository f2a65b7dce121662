// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "../core/algorithm.hpp"
#include "isa.hpp"
#include "lane.hpp"

namespace lnn::simd::detail {

/// Lines of 64 inputs that a tile copies as it reads them itself, x + 128, while it multiplies: the copy of the next rows then
/// costs no time of its own.
struct copy_ahead {
  const std::int8_t* x;
  std::uint8_t* copy;
  std::ptrdiff_t lines;
};

/// What one call of a tile of R rows and V vectors of columns reads and writes.  The rows come in two halves that may lie
/// anywhere, as in two rows of an image; a row is read in segments, as the rows of a window.  avx512 reads unsigned bytes
/// (x + 128), four to a 32-bit lane, neon the bytes themselves; the others numbers of 16 bits, two to a lane.
struct tile_task {
  const std::uint8_t* a[2];  ///< first row of each half
  std::ptrdiff_t step;       ///< bytes from row to row
  const std::ptrdiff_t* segments;
  int count;                 ///< segments
  int words;                 ///< 32-bit lanes in one segment
  const std::uint8_t* b;     ///< panel: segment by segment, lane by lane, V vectors
  const std::int32_t* start;  ///< per column: what the sums begin with
  int rows[2], columns;       ///< that are written
  std::int8_t* y[2];         ///< null when the sums themselves are wanted
  std::int32_t* sums[2];
  std::ptrdiff_t y_step;     ///< elements from row to row
  int shift;                 ///< y = S8(sum >> shift), and not below `low`
  std::int32_t low;
  copy_ahead ahead;          ///< for tiles that copy
};

/// Few chains of additions leave the multipliers idle: small tiles keep several partial sums of every output.
constexpr int partial_sums(int chains) { return chains >= 8 ? 1 : chains >= 4 ? 2 : 4; }
/// True when avx512's tile of so many rows and vectors copies ahead; the small ones are too short for it.
constexpr bool copies(int rows, int vectors) { return partial_sums(rows * vectors) == 1; }

#if LNN_X86
/// max(S8(sums >> shift), low) of 16 V columns; saturating packs narrow them, one permutation restores their order.
template <int V>
LNN_AVX512 inline void store_bytes512(const u32x16* sums, int shift, const u32x16& low, std::uint64_t mask, std::int8_t* y) {
  constexpr u32x16 order{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
  s32x16 x[at(V)];
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) x[v] = reinterpret_cast<s32x16>(sums[v]) >> shift;
  u32x16 first, second, bytes;
  asm("vpackssdw %2, %1, %0" : "=v"(first) : "v"(x[0]), "v"(x[1 % V]));
  if constexpr (V > 2) asm("vpackssdw %2, %1, %0" : "=v"(second) : "v"(x[2]), "v"(x[3]));
  else second = first;
  asm("vpacksswb %2, %1, %0" : "=v"(bytes) : "v"(first), "v"(second));
  asm("vpmaxsb %2, %1, %0" : "=v"(bytes) : "v"(bytes), "v"(low));
  asm("vpermd %2, %1, %0" : "=v"(bytes) : "v"(order), "v"(bytes));
  asm volatile("vmovdqu8 %1, %0%{%2%}" : "+m"(memory<u32x16>(y).v) : "v"(bytes), "Yk"(mask));
}

template <int R, int V>
LNN_AVX512 void tile512(const tile_task& t) {
  constexpr int half = (R + 1) / 2, parts = partial_sums(R * V);
  u32x16 acc[at(parts)][at(R)][at(V)];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      acc[0][i][v] = memory<u32x16>(t.start + 16 * v).v;
#pragma GCC unroll 4
      for (int s = 1; s < parts; ++s) acc[s][i][v] = u32x16{};
    }
  const std::uint8_t* b = t.b;
  const std::ptrdiff_t step = t.step;
  // A vector read by the multiplication itself costs the front end nothing, a register holds it for all rows: both are scarce.
  constexpr int held = V > 3 ? 3 : V;
  const auto lane = [&](const std::uint8_t* low, const std::uint8_t* high, int s)
      __attribute__((always_inline, target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))) {
    u32x16 column[at(V)];
#pragma GCC unroll 4
    for (int v = 0; v < held; ++v) column[v] = memory<u32x16>(b + (s * V + v) * 64).v;
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
      const std::uint8_t* from = (i < half ? low + i * step : high + (i - half) * step) + 4 * s;
      u32x16 row;
      asm("vpbroadcastd %1, %0" : "=v"(row) : "m"(memory<std::uint32_t>(from)));
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v)
        if (v < held)
          asm("vpdpbusd %2, %1, %0" : "+v"(acc[s][i][v]) : "v"(row), "v"(column[v]));
        else
          asm("vpdpbusd %2, %1, %0" : "+v"(acc[s][i][v]) : "v"(row), "m"(memory<u32x16>(b + (s * V + v) * 64)));
    }
  };
  copy_ahead more = t.ahead;
  for (int c = 0; c < t.count; ++c) {
    const std::uint8_t *low = t.a[0] + t.segments[c], *high = t.a[1] + t.segments[c];
    int g = t.words;
    for (; g >= parts; g -= parts, b += parts * V * 64, low += 4 * parts, high += 4 * parts) {
#pragma GCC unroll 4
      for (int s = 0; s < parts; ++s) lane(low, high, s);
      if (copies(R, V) && more.lines > 0) {
        memory<u32x16>(more.copy).v = memory<u32x16>(more.x).v ^ (0x80808080U - u32x16{});
        more.x += 64, more.copy += 64, --more.lines;
      }
    }
    if constexpr (parts > 1)
      for (; g > 0; --g, b += V * 64, low += 4, high += 4) lane(low, high, 0);
  }
  for (; copies(R, V) && more.lines > 0; more.x += 64, more.copy += 64, --more.lines)
    memory<u32x16>(more.copy).v = memory<u32x16>(more.x).v ^ (0x80808080U - u32x16{});
#pragma GCC unroll 4
  for (int s = 1; s < parts; ++s)
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) acc[0][i][v] += acc[s][i][v];

  if (t.y[0] != nullptr) {
    const std::uint64_t mask = ~std::uint64_t{0} >> (64 - t.columns);
    const u32x16 low = 0x01010101U * static_cast<std::uint8_t>(t.low) - u32x16{};
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
      const int h = i < half ? 0 : 1, r = i - h * half;
      if (r < t.rows[h]) store_bytes512<V>(acc[0][i], t.shift, low, mask, t.y[h] + r * t.y_step);
    }
    return;
  }
  const int left = t.columns - 16 * (V - 1);  // the last vector may be broken
  const auto mask = static_cast<std::uint16_t>(left >= 16 ? 0xffff : (1 << left) - 1);
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) {
    const int h = i < half ? 0 : 1, r = i - h * half;
    if (r >= t.rows[h]) continue;
    std::int32_t* y = t.sums[h] + r * t.y_step;
#pragma GCC unroll 4
    for (int v = 0; v < V - 1; ++v) memory<u32x16>(y + 16 * v).v = acc[0][i][v];
    __builtin_ia32_storedqusi512_mask(y + 16 * (V - 1), reinterpret_cast<s32x16>(acc[0][i][V - 1]), mask);
  }
}
#endif

/// Writes the vector of row r of half h that starts at column `column`: the sums, or their int8 outputs.
template <class Signed>
LNN_INLINE void finish_vector(const tile_task& t, int h, int r, int column, const Signed& sum) {
  constexpr int lanes = sizeof(Signed) / 4;
  const int n = std::min(t.columns - column, lanes);
  if (r >= t.rows[h] || n <= 0) return;
  const std::ptrdiff_t place = r * t.y_step + column;
  if (t.y[0] == nullptr) {
    std::memcpy(t.sums[h] + place, &sum, at(n) * 4);
    return;
  }
  const Signed least = t.low - Signed{}, most = 127 - Signed{};
  Signed x = sum >> t.shift;
  x = x < least ? least : x;
  x = x > most ? most : x;
  std::int8_t bytes[at(lanes)];
  for (int j = 0; j < lanes; ++j) bytes[j] = static_cast<std::int8_t>(x[j]);
  if (n == lanes) std::memcpy(t.y[h] + place, bytes, lanes);
  else std::memcpy(t.y[h] + place, bytes, at(n));
}

[[nodiscard]] LNN_INLINE std::uint32_t lane_of(const std::uint8_t* from) {
  std::uint32_t word;
  std::memcpy(&word, from, 4);
  return word;
}

/// The tile on pairs of 16-bit numbers: a multiplication and an addition where avx512 has one instruction.
#if LNN_X86
template <int R, int V>
LNN_AVX2 void tile256(const tile_task& t) {
  constexpr int half = (R + 1) / 2;
  u32x8 acc[at(R)][at(V)];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) acc[i][v] = memory<u32x8>(t.start + 8 * v).v;
  const std::uint8_t* b = t.b;
  const std::ptrdiff_t step = t.step;
  for (int c = 0; c < t.count; ++c) {
    const std::uint8_t *low = t.a[0] + t.segments[c], *high = t.a[1] + t.segments[c];
    for (int g = 0; g < t.words; ++g, b += 32 * V, low += 4, high += 4) {
      s16x16 column[at(V)];
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) column[v] = memory<s16x16>(b + 32 * v).v;
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) {
        const auto row = reinterpret_cast<s16x16>(lane_of(i < half ? low + i * step : high + (i - half) * step) - u32x8{});
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) acc[i][v] += reinterpret_cast<u32x8>(__builtin_ia32_pmaddwd256(column[v], row));
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      const auto sum = reinterpret_cast<s32x8>(acc[i][v]);
      finish_vector(t, i < half ? 0 : 1, i < half ? i : i - half, 8 * v, sum);
    }
}
#endif
/// A vector of eight columns is two of four here.
template <class Lanes, int R, int V>
LNN_INLINE void tile_of_lanes(const tile_task& t) {
  constexpr int half = (R + 1) / 2;
  u32x4 acc[at(R)][at(2 * V)];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < 2 * V; ++v) acc[i][v] = memory<u32x4>(t.start + 4 * v).v;
  const std::uint8_t* b = t.b;
  const std::ptrdiff_t step = t.step;
  for (int c = 0; c < t.count; ++c) {
    const std::uint8_t *low = t.a[0] + t.segments[c], *high = t.a[1] + t.segments[c];
    for (int g = 0; g < t.words; ++g, b += 32 * V, low += 4, high += 4) {
      u32x4 column[at(2 * V)];
#pragma GCC unroll 4
      for (int v = 0; v < 2 * V; ++v) column[v] = memory<u32x4>(b + 16 * v).v;
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) {
        const u32x4 row = lane_of(i < half ? low + i * step : high + (i - half) * step) - u32x4{};
#pragma GCC unroll 4
        for (int v = 0; v < 2 * V; ++v) Lanes::add(acc[i][v], column[v], row);
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < 2 * V; ++v) {
      const auto sum = reinterpret_cast<s32x4>(acc[i][v]);
      finish_vector(t, i < half ? 0 : 1, i < half ? i : i - half, 4 * v, sum);
    }
}

template <int R, int V>
void tile128(const tile_task& t) {
  tile_of_lanes<pairs_of_16, R, V>(t);
}
#if LNN_ARM
template <int R, int V>
LNN_NEON void tile_neon(const tile_task& t) {
  tile_of_lanes<fours_of_8, R, V>(t);
}
#endif

struct tile_choice {
  int rows = 0;
  void (*run)(const tile_task&) = nullptr;
};
/// The lowest tile for a panel of `vectors` (4, 2 or 1; 2 or 1; 1) that holds `rows`, or else the tallest one.
inline tile_choice tile_for(isa path, int vectors, int rows) {
  const auto pick = [&](auto... choices) {
    tile_choice best{};
    ((best = best.rows < rows ? choices : best), ...);
    return best;
  };
  using t = tile_choice;
#if LNN_X86
  if (path == isa::avx512) {
    if (vectors == 4) return pick(t{1, tile512<1, 4>}, t{2, tile512<2, 4>}, t{4, tile512<4, 4>}, t{7, tile512<7, 4>});
    if (vectors == 2) return pick(t{1, tile512<1, 2>}, t{4, tile512<4, 2>}, t{8, tile512<8, 2>}, t{14, tile512<14, 2>});
    return pick(t{1, tile512<1, 1>}, t{4, tile512<4, 1>}, t{8, tile512<8, 1>}, t{16, tile512<16, 1>});
  }
  if (path == isa::avx2) {
    if (vectors == 2) return pick(t{1, tile256<1, 2>}, t{2, tile256<2, 2>}, t{4, tile256<4, 2>}, t{6, tile256<6, 2>});
    return pick(t{1, tile256<1, 1>}, t{4, tile256<4, 1>}, t{8, tile256<8, 1>});
  }
#endif
#if LNN_ARM
  if (path == isa::neon) {
    if (vectors == 2) return pick(t{1, tile_neon<1, 2>}, t{2, tile_neon<2, 2>}, t{4, tile_neon<4, 2>}, t{6, tile_neon<6, 2>});
    return pick(t{1, tile_neon<1, 1>}, t{4, tile_neon<4, 1>}, t{8, tile_neon<8, 1>});
  }
#endif
  (void)path, (void)vectors;
  return pick(t{1, tile128<1, 1>}, t{4, tile128<4, 1>});
}

}  // namespace lnn::simd::detail
