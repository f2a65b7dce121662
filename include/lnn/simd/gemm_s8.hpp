// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "packed_s8.hpp"

namespace lnn::simd {
namespace detail {

/// What one call of a tile of `R` rows needs: rows of A, one panel of B, the corner of C.
struct tile_s8 {
  int groups;  // whole groups of k in a row of A
  int rest;    // rows of B in the last, broken group
  const void* a;
  std::ptrdiff_t lda;  // in bytes
  const std::uint8_t* b;
  const std::uint32_t* start;  // per row: what the sum begins with
  std::int32_t* c;
  std::ptrdiff_t ldc;
  int columns;
};

#if LNN_X86
template <int R, int V>
LNN_AVX512 void run512(const tile_s8& t) {
  u32x16 acc[at(R)][at(V)];
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) acc[i][v] = t.start[i] - u32x16{};
  const std::uint8_t* b = t.b;
  const auto* a = static_cast<const std::uint8_t*>(t.a);
  for (int g = 0; g < t.groups; ++g, a += 4, b += V * 64) {
    u32x16 column[at(V)];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) column[v] = memory<u32x16>(b + v * 64).v;
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
      std::uint32_t word;
      std::memcpy(&word, a + i * t.lda, 4);
      const u32x16 row = word - u32x16{};
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) asm("vpdpbusd %2, %1, %0" : "+v"(acc[i][v]) : "v"(column[v]), "v"(row));
    }
  }
  if (t.rest > 0)
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
      std::uint32_t word = 0;
      std::memcpy(&word, a + i * t.lda, at(t.rest));
      const u32x16 row = word - u32x16{};
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) {
        const u32x16 column = memory<u32x16>(b + v * 64).v;
        asm("vpdpbusd %2, %1, %0" : "+v"(acc[i][v]) : "v"(column), "v"(row));
      }
    }
  const int left = t.columns - 16 * (V - 1);  // the last vector may be broken
  const auto mask = static_cast<std::uint16_t>(left >= 16 ? 0xffff : (1 << left) - 1);
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i) {
    std::int32_t* c = t.c + i * t.ldc;
#pragma GCC unroll 4
    for (int v = 0; v < V - 1; ++v) memory<u32x16>(c + 16 * v).v = acc[i][v];
    __builtin_ia32_storedqusi512_mask(c + 16 * (V - 1), reinterpret_cast<s32x16>(acc[i][V - 1]), mask);
  }
}

/// start[i] = -128 * sum_k a[i][k]: takes back the 128 that the packed columns are too large by.
LNN_AVX512 inline void start512(int m, int k, const std::int8_t* a, std::ptrdiff_t lda,
                                std::uint32_t* start) {
  for (int i = 0; i < m; ++i, a += lda) {
    u32x16 sum{};
    const u32x16 ones = 0x01010101U - u32x16{};
    std::uint32_t total = 0;
    int p = 0;
    for (; p + 64 <= k; p += 64) {
      const u32x16 x = memory<u32x16>(a + p).v;
      asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(ones), "v"(x));
    }
    if (p < k) {
      u32x16 x{};
      std::memcpy(&x, a + p, at(k - p));
      asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(ones), "v"(x));
    }
#pragma GCC unroll 16
    for (int j = 0; j < 16; ++j) total += sum[j];
    start[i] = total * 0xffffff80U;
  }
}

template <int R, int V>
LNN_AVX2 void run256(const tile_s8& t) {
  u32x8 acc[at(R)][at(V)];
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) acc[i][v] = u32x8{};
  const std::uint8_t* b = t.b;
  const auto* a = static_cast<const std::uint8_t*>(t.a);
  for (int g = 0; g < t.groups + t.rest; ++g, a += 4, b += V * 32) {  // rows are filled up to whole groups
    s16x16 column[at(V)];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) column[v] = memory<s16x16>(b + v * 32).v;
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
      std::uint32_t word;
      std::memcpy(&word, a + i * t.lda, 4);
      const auto row = reinterpret_cast<s16x16>(word - u32x8{});
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v)
        acc[i][v] += reinterpret_cast<u32x8>(__builtin_ia32_pmaddwd256(column[v], row));
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i) {
    std::int32_t* c = t.c + i * t.ldc;
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      if (t.columns >= 8 * (v + 1))
        memory<u32x8>(c + 8 * v).v = acc[i][v];
      else
        std::memcpy(c + 8 * v, &acc[i][v], at(t.columns - 8 * v) * 4);
    }
  }
}
#endif

/// V * 2 vectors of four columns: the plain form of the same arithmetic, with pairs or fours in a lane.
template <class Lanes, int R, int V>
LNN_INLINE void run_lanes(const tile_s8& t) {
  u32x4 acc[at(R)][at(2 * V)];
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < 2 * V; ++v) acc[i][v] = u32x4{};
  const std::uint8_t* b = t.b;
  const auto* a = static_cast<const std::uint8_t*>(t.a);
  const auto group = [&](std::size_t bytes) __attribute__((always_inline)) {
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
      std::uint32_t word = 0;
      std::memcpy(&word, a + i * t.lda, bytes);
      const u32x4 row = word - u32x4{};
#pragma GCC unroll 4
      for (int v = 0; v < 2 * V; ++v) {
        const u32x4 column = memory<u32x4>(b + v * 16).v;
        Lanes::add(acc[i][v], column, row);
      }
    }
  };
  for (int g = 0; g < t.groups; ++g, a += 4, b += V * 32) group(4);
  if (t.rest > 0) group(Lanes::group == 4 ? at(t.rest) : 4);  // pairs are filled up
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < 2 * V; ++v) {
      std::int32_t* c = t.c + i * t.ldc + 4 * v;
      if (t.columns >= 4 * (v + 1))
        memory<u32x4>(c).v = acc[i][v];
      else if (t.columns > 4 * v)
        std::memcpy(c, &acc[i][v], at(t.columns - 4 * v) * 4);
    }
}

template <int R, int V>
void run128(const tile_s8& t) {
  run_lanes<pairs_of_16, R, V>(t);
}
#if LNN_ARM
template <int R, int V>
LNN_NEON void run_neon(const tile_s8& t) {
  run_lanes<fours_of_8, R, V>(t);
}
#endif

/// Rows of A as 16-bit numbers, each row filled up with a zero to an even count.
template <class T>
void widen(int m, int k, const T* a, std::ptrdiff_t lda, std::int16_t* out, std::ptrdiff_t ldo) {
  for (int i = 0; i < m; ++i, a += lda, out += ldo) {
    int p = 0;
    for (; p + 16 <= k; p += 16) {
      const s8x16 x = memory<s8x16>(a + p).v;
      memory<s16x8>(out + p).v = widened(x);
      memory<s16x8>(out + p + 8).v =
          widened(__builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
    }
    for (; p < k; ++p) out[p] = a[p];
    if (k % 2 != 0) out[k] = 0;
  }
}

struct widened_rows;

}  // namespace detail

/// C[i][j] = sum_p A[i][p] * B[p][j] modulo 2^32: the exact sum while k * 2^14 < 2^31, and the wrapped one
/// beyond, the same on every instruction set.  A is row-major m x k with rows `lda` elements apart, C
/// row-major m x n with rows `ldc` apart.  Throws lnn::error when B was packed for other extents or another
/// instruction set.
template <class T>
requires std::same_as<T, std::int8_t>
void gemm_s8(isa path, int m, int n, int k, const T* a, std::ptrdiff_t lda, const packed_s8& b,
             std::int32_t* c, std::ptrdiff_t ldc) {
  if (b.path() != path || b.n() != n || b.k() != k)
    fail("gemm_s8: B is packed as ", b.k(), "x", b.n(), " for ", name_of(b.path()), ", the product wants ", k,
         "x", n, " for ", name_of(path));
  constexpr int block = 96;  // rows that share one pass over B
  const int groups = k / b.group(), rest = k % b.group();
  for (int i = 0; i < m; i += block) {
    const int here = std::min(block, m - i);
    std::uint32_t start[block];
    const auto over_panels = [&]<int Most, int Tall>(const auto& cut, detail::tile_size<Tall, Most>,
                                                     const void* rows, std::ptrdiff_t bytes, const auto& run) {
      for (int p = 0; p < cut.count; ++p) {
        detail::tile_s8 t{groups,
                          rest,
                          rows,
                          bytes,
                          b.panel(cut.first(p)),
                          start,
                          c + i * ldc + cut.first_column(p),
                          ldc,
                          cut.columns_in(p)};
        detail::over_tiles<Most, Tall>(here, cut.width(p), [&](auto size, int first) {
          t.a = static_cast<const std::uint8_t*>(rows) + first * bytes;
          t.start = start + first;
          t.c = c + (i + first) * ldc + cut.first_column(p);
          run(size, t);
        });
      }
    };
#if LNN_X86
    if (path == isa::avx512) {
      detail::start512(here, k, a + i * lda, lda, start);
      over_panels(
          packed_s8::cut512(n), detail::tile_size<6, 4>{}, a + i * lda, lda,
          []<int R, int V>(detail::tile_size<R, V>, const detail::tile_s8& t) { detail::run512<R, V>(t); });
      continue;
    }
#endif
#if LNN_ARM
    if (path == isa::neon) {
      over_panels(packed_s8::cut256(n), detail::tile_size<6, 2>{}, a + i * lda, lda,
                  []<int R, int V>(detail::tile_size<R, V>, const detail::tile_s8& t) { detail::run_neon<R, V>(t); });
      continue;
    }
#endif
    const int even = k + k % 2;
    auto* wide = detail::scratch<detail::widened_rows, std::int16_t>(detail::at(block) * detail::at(even));
    detail::widen(here, k, a + i * lda, lda, wide, even);
#if LNN_X86
    if (path == isa::avx2) {
      over_panels(packed_s8::cut256(n), detail::tile_size<6, 2>{}, wide, 2 * even,
                  []<int R, int V>(detail::tile_size<R, V>, const detail::tile_s8& t) { detail::run256<R, V>(t); });
      continue;
    }
#endif
    over_panels(packed_s8::cut256(n), detail::tile_size<2, 2>{}, wide, 2 * even,
                []<int R, int V>(detail::tile_size<R, V>, const detail::tile_s8& t) { detail::run128<R, V>(t); });
  }
}

}  // namespace lnn::simd
