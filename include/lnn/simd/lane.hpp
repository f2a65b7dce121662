// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

#include "../core/algorithm.hpp"
#include "../core/config.hpp"
#include "buffer.hpp"

namespace lnn::simd {

/// Vectors in the compiler's own notation: they need no header, and a function compiled for an instruction
/// set (LNN_AVX2, LNN_AVX512) turns arithmetic on them into its instructions.  They must not be passed to or
/// returned from functions that are not compiled for the same set.
using s8x16 = std::int8_t __attribute__((vector_size(16)));
using s16x8 = std::int16_t __attribute__((vector_size(16)));
using s32x4 = std::int32_t __attribute__((vector_size(16)));
using u32x4 = std::uint32_t __attribute__((vector_size(16)));
using u64x2 = std::uint64_t __attribute__((vector_size(16)));
using f32x4 = float __attribute__((vector_size(16)));
using s16x16 = std::int16_t __attribute__((vector_size(32)));
using s32x8 = std::int32_t __attribute__((vector_size(32)));
using u32x8 = std::uint32_t __attribute__((vector_size(32)));
using f32x8 = float __attribute__((vector_size(32)));
using s16x32 = std::int16_t __attribute__((vector_size(64)));
using s32x16 = std::int32_t __attribute__((vector_size(64)));
using u32x16 = std::uint32_t __attribute__((vector_size(64)));
using f32x16 = float __attribute__((vector_size(64)));

/// A vector in memory, at any address and whatever the type of the elements there: memory<f32x8>(p).v reads
/// or writes eight floats.  Read into a variable of its own: g++ takes the member for aligned inside of
/// expressions.
template <class Vector>
struct [[gnu::packed, gnu::may_alias]] in_memory {
  Vector v;
};
template <class Vector>
[[nodiscard]] LNN_INLINE in_memory<Vector>& memory(void* p) {
  return *static_cast<in_memory<Vector>*>(p);
}
template <class Vector>
[[nodiscard]] LNN_INLINE const in_memory<Vector>& memory(const void* p) {
  return *static_cast<const in_memory<Vector>*>(p);
}

namespace detail {

constexpr std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

/// a[2i] * b[2i] + a[2i + 1] * b[2i + 1] for products that fit 16 bits, as those of 8-bit numbers do.
[[nodiscard]] LNN_INLINE u32x4 sum_pairs(s16x8 a, s16x8 b) {
#if LNN_X86
  return reinterpret_cast<u32x4>(__builtin_ia32_pmaddwd128(a, b));
#else
  const auto pair = reinterpret_cast<u32x4>(a * b);
  return reinterpret_cast<u32x4>(reinterpret_cast<s32x4>(pair << 16) >> 16) +
         reinterpret_cast<u32x4>(reinterpret_cast<s32x4>(pair) >> 16);
#endif
}

/// How a vector of columns meets a row of the other matrix: sum += the products of the numbers in each 32-bit lane.
struct pairs_of_16 {
  static constexpr int group = 2;
  LNN_INLINE static void add(u32x4& sum, u32x4 column, u32x4 row) {
    sum += sum_pairs(reinterpret_cast<s16x8>(column), reinterpret_cast<s16x8>(row));
  }
};
#if LNN_ARM
/// For functions compiled as LNN_NEON.
struct fours_of_8 {
  static constexpr int group = 4;
  LNN_INLINE static void add(u32x4& sum, u32x4 column, u32x4 row) {
    asm("sdot %0.4s, %1.16b, %2.16b" : "+w"(sum) : "w"(column), "w"(row));
  }
};
#endif

/// Writes the columns of four rows of four words as rows `step` bytes apart.
LNN_INLINE void transpose4(u32x4 x0, u32x4 x1, u32x4 x2, u32x4 x3, void* out, std::ptrdiff_t step) {
  const u32x4 a = __builtin_shufflevector(x0, x1, 0, 4, 1, 5),
              b = __builtin_shufflevector(x2, x3, 0, 4, 1, 5);
  const u32x4 c = __builtin_shufflevector(x0, x1, 2, 6, 3, 7),
              d = __builtin_shufflevector(x2, x3, 2, 6, 3, 7);
  auto* to = static_cast<std::uint8_t*>(out);
  memory<u32x4>(to).v = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  memory<u32x4>(to + step).v = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  memory<u32x4>(to + 2 * step).v = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  memory<u32x4>(to + 3 * step).v = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}

/// This thread's own scratch memory of one purpose.
template <class Purpose, class T>
[[nodiscard]] T* scratch(std::size_t n) {
  thread_local buffer<T> memory;
  return memory.reserve(n);
}

/// Cuts the columns of a matrix into vectors of `Lanes` columns, and the vectors into panels of nearly equal
/// width, at most `Most` vectors each.
template <int Lanes, int Most>
struct panels {
  int columns, vectors, count, least, wider;
  constexpr explicit panels(int n)
      : columns(n),
        vectors((n + Lanes - 1) / Lanes),
        count((vectors + Most - 1) / Most),
        least(vectors / std::max(count, 1)),
        wider(vectors - least * count) {}
  /// First vector of panel p; panel `count` starts behind the last one.
  [[nodiscard]] constexpr int first(int p) const { return p * least + std::min(p, wider); }
  [[nodiscard]] constexpr int width(int p) const { return first(p + 1) - first(p); }
  [[nodiscard]] constexpr int first_column(int p) const { return first(p) * Lanes; }
  /// Columns of panel p that exist in the matrix.
  [[nodiscard]] constexpr int columns_in(int p) const {
    return std::min(columns, first_column(p + 1)) - first_column(p);
  }
};

/// A tile of R rows and V vectors of columns, as a type.
template <int R, int V>
struct tile_size {};

/// Calls tile(tile_size<R, V>, first row) for tiles that cover m rows of a panel of V <= Most vectors: of
/// `Tall` rows, or eight where a narrow panel leaves registers to six, then of what remains.
template <int Most, int Tall = 6, class Tile>
void over_tiles(int m, int width, const Tile& tile) {
  if constexpr (Most > 1)
    if (width < Most) return over_tiles<Most - 1, Tall == 6 ? 8 : Tall>(m, width, tile);
  int i = 0;
  for (; i + Tall <= m; i += Tall) tile(tile_size<Tall, Most>{}, i);
  if constexpr (Tall > 4)
    if (i + 4 <= m) tile(tile_size<4, Most>{}, i), i += 4;
  if constexpr (Tall > 2)
    if (i + 2 <= m) tile(tile_size<2, Most>{}, i), i += 2;
  if (i < m) tile(tile_size<1, Most>{}, i);
}

}  // namespace detail
}  // namespace lnn::simd
