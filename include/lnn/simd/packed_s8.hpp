// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstring>

#include "isa.hpp"
#include "lane.hpp"

namespace lnn::simd {

/// The right-hand matrix B[k][n] of an integer product, arranged for one instruction set: panels of columns,
/// in each the rows in groups of four bytes (avx512, neon) or two 16-bit numbers (avx2, portable), so that one
/// group of one column is one 32-bit lane.  The memory only grows; packing again and again allocates nothing.
///
/// avx512 holds b + 128 as unsigned bytes: vpdpbusd multiplies unsigned by signed, and
/// sum_k a[k] * b[k] = sum_k a[k] * (b[k] + 128) - 128 * sum_k a[k].
class packed_s8 {
 public:
  /// From row-major B[k][n], rows `ldb` elements apart.
  void pack(isa path, int k, int n, const std::int8_t* b, std::ptrdiff_t ldb);
  /// From the transposed matrix: B[j][i] = bt[i * ldb + j], as weights [outputs][inputs] lie in memory.
  void pack_transposed(isa path, int k, int n, const std::int8_t* bt, std::ptrdiff_t ldb);

  [[nodiscard]] int k() const { return k_; }
  [[nodiscard]] int n() const { return n_; }
  [[nodiscard]] isa path() const { return path_; }

  /// Rows in one 32-bit lane, columns in one vector, bytes of one vector.
  [[nodiscard]] int group() const { return group_of(path_); }
  [[nodiscard]] int lanes() const { return lanes_of(path_); }
  [[nodiscard]] int groups() const { return (k_ + group() - 1) / group(); }
  /// Bytes of vector v of a panel that starts at vector `first`: panel by panel, group by group, vector by
  /// vector.
  [[nodiscard]] const std::uint8_t* panel(int first) const {
    return memory_.data() + detail::at(first) * detail::at(groups()) * detail::at(lanes() * 4);
  }

  using cut512 = detail::panels<16, 4>;
  using cut256 = detail::panels<8, 2>;

 private:
  std::uint8_t* reserve(isa path, int k, int n);

  detail::buffer<std::uint8_t> memory_;
  int k_ = 0, n_ = 0;
  isa path_ = isa::portable;
};

namespace detail {

/// The first `count` of eight bytes, zeros behind them.
[[nodiscard]] LNN_INLINE s8x16 eight(const std::int8_t* from, int count = 8) {
  std::uint64_t word = 0;
  if (count == 8)
    std::memcpy(&word, from, 8);
  else
    std::memcpy(&word, from, at(count));
  return reinterpret_cast<s8x16>(u64x2{word, 0});
}
/// Eight bytes as 16-bit numbers.
[[nodiscard]] LNN_INLINE s16x8 widened(s8x16 x) {
  return reinterpret_cast<s16x8>(
             __builtin_shufflevector(x, x, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7)) >>
         8;
}

/// One vector of the panel: `columns` (at most 8) columns of two rows as 16-bit pairs.  r1 is null behind the
/// last row.
LNN_INLINE void interleave2(const std::int8_t* r0, const std::int8_t* r1, int columns, std::uint8_t* out) {
  const s8x16 x = eight(r0, columns), y = r1 ? eight(r1, columns) : s8x16{};
  const s8x16 xy = __builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  memory<s16x8>(out).v = widened(xy);
  memory<s16x8>(out + 16).v =
      widened(__builtin_shufflevector(xy, xy, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
}

/// The same of four rows as bytes; `rows` of them exist.
LNN_INLINE void interleave4(const std::int8_t* from, std::ptrdiff_t ldb, int rows, int columns, std::uint8_t* out) {
  const auto row = [&](int i) { return i < rows ? eight(from + i * ldb, columns) : s8x16{}; };
  const s8x16 x = row(0), y = row(1), z = row(2), w = row(3);
  const auto xy = reinterpret_cast<s16x8>(__builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)),
             zw = reinterpret_cast<s16x8>(__builtin_shufflevector(z, w, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  memory<s16x8>(out).v = __builtin_shufflevector(xy, zw, 0, 8, 1, 9, 2, 10, 3, 11);
  memory<s16x8>(out + 16).v = __builtin_shufflevector(xy, zw, 4, 12, 5, 13, 6, 14, 7, 15);
}

template <int Group, class Cut>
void pack_rows(const Cut& cut, int k, const std::int8_t* b, std::ptrdiff_t ldb, std::uint8_t* out) {
  const int groups = (k + Group - 1) / Group;
  for (int g = 0; g < groups; ++g, b += Group * ldb)
    for (int p = 0; p < cut.count; ++p) {
      const int width = cut.width(p), rows = std::min(Group, k - Group * g);
      const std::int8_t* from = b + cut.first_column(p);
      std::uint8_t* to = out + (at(cut.first(p)) * at(groups) + at(g * width)) * 32;
      for (int v = 0; v < width; ++v, from += 8, to += 32) {
        const int columns = std::min(8, cut.columns_in(p) - 8 * v);
        if constexpr (Group == 4) interleave4(from, ldb, rows, columns, to);
        else interleave2(from, rows > 1 ? from + ldb : nullptr, columns, to);
      }
    }
}

/// Every 32-bit lane of every panel from the transposed matrix.  Group is the number of rows in one lane: 4
/// bytes, with the bits of `turned` turned, or 2 numbers of 16 bits.
template <int Group, class Cut>
void pack_columns(const Cut& cut, int lanes, int k, const std::int8_t* bt, std::ptrdiff_t ldb,
                  std::uint8_t* out, [[maybe_unused]] std::uint32_t turned = 0) {
  const auto lane = [&](const std::int8_t* from, int count) {  // count: rows that exist
    std::int8_t bytes[4]{};
    std::memcpy(bytes, from, at(count));
    if constexpr (Group == 4)
      return std::bit_cast<std::uint32_t>(bytes) ^ turned;
    else
      return static_cast<std::uint32_t>(static_cast<std::uint16_t>(bytes[0])) |
             static_cast<std::uint32_t>(bytes[1]) << 16;
  };
  const auto lanes4 = [&](const std::int8_t* from) {
    if constexpr (Group == 4) {
      const u32x4 words = memory<u32x4>(from).v;
      return words ^ turned;
    }
    return reinterpret_cast<u32x4>(widened(eight(from)));
  };
  const int groups = (k + Group - 1) / Group;
  for (int p = 0; p < cut.count; ++p) {
    const int columns = cut.width(p) * lanes, there = cut.columns_in(p);
    const std::int8_t* column = bt + cut.first_column(p) * ldb;
    const std::ptrdiff_t step = std::ptrdiff_t{columns} * 4;
    for (int j = 0; j < columns; j += 4, column += 4 * ldb, out += 16) {
      int g = 0;
      for (; j + 4 <= there && (g + 4) * Group <= k; g += 4) {
        const std::int8_t* from = column + g * Group;
        transpose4(lanes4(from), lanes4(from + ldb), lanes4(from + 2 * ldb), lanes4(from + 3 * ldb),
                   out + g * step, step);
      }
      for (; g < groups; ++g)
        for (int i = 0; i < 4; ++i) {
          const int rows = j + i < there ? std::min(Group, k - g * Group) : 0;
          const std::uint32_t word = lane(rows > 0 ? column + i * ldb + g * Group : bt, rows);
          std::memcpy(out + g * step + 4 * i, &word, 4);
        }
    }
    out += step * (groups - 1);
  }
}

#if LNN_X86
template <class Cut>
LNN_AVX512 void pack4(const Cut& cut, int k, const std::int8_t* b, std::ptrdiff_t ldb, std::uint8_t* out) {
  constexpr u32x16 transpose{0x0c080400, 0x0d090501, 0x0e0a0602, 0x0f0b0703, 0x0c080400, 0x0d090501,
                             0x0e0a0602, 0x0f0b0703, 0x0c080400, 0x0d090501, 0x0e0a0602, 0x0f0b0703,
                             0x0c080400, 0x0d090501, 0x0e0a0602, 0x0f0b0703};
  const int groups = (k + 3) / 4;
  for (int g = 0; g < groups; ++g, b += 4 * ldb) {
    const int rows = k - 4 * g;
    for (int p = 0; p < cut.count; ++p) {
      const int width = cut.width(p), first_column = cut.first_column(p);
      std::uint8_t* to = out + (at(cut.first(p)) * at(groups) + at(g) * at(width)) * 64;
      for (int v = 0; v < width; ++v, to += 64) {
        const int column = first_column + 16 * v, columns = cut.columns - column;
        const std::int8_t* from = b + column;
        u32x4 x0, x1, x2, x3;
        if (rows >= 4 && columns >= 16) {
          x0 = memory<u32x4>(from).v, x1 = memory<u32x4>(from + ldb).v;
          x2 = memory<u32x4>(from + 2 * ldb).v, x3 = memory<u32x4>(from + 3 * ldb).v;
        } else {
          const int mask =
              columns >= 16 ? 0xffff : (1 << columns) - 1;  // bytes outside of it are not touched
          const auto load = [&](u32x4 & x, const std::int8_t* row, bool there)
              __attribute__((always_inline)) {
            asm("vmovdqu8 %1, %0%{%2%}%{z%}"
                : "=v"(x)
                : "m"(memory<u32x4>(row)), "Yk"(static_cast<std::uint16_t>(there ? mask : 0)));
          };
          load(x0, from, true);
          load(x1, from + ldb, rows > 1);
          load(x2, from + 2 * ldb, rows > 2);
          load(x3, from + 3 * ldb, rows > 3);
        }
        const u32x8 x01 = __builtin_shufflevector(x0, x1, 0, 1, 2, 3, 4, 5, 6, 7);
        const u32x8 x23 = __builtin_shufflevector(x2, x3, 0, 1, 2, 3, 4, 5, 6, 7);
        // Lane l of four words gets columns 4l to 4l + 3 of each row; bytes are then transposed within the
        // lanes.
        const u32x16 x =
            __builtin_shufflevector(x01, x23, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        u32x16 y;
        asm("vpshufb %2, %1, %0" : "=v"(y) : "v"(x), "v"(transpose));
        memory<u32x16>(to).v = y ^ 0x80808080U;
      }
    }
  }
}
#endif

}  // namespace detail

inline std::uint8_t* packed_s8::reserve(isa path, int k, int n) {
  path_ = path, k_ = k, n_ = n;
  return memory_.reserve(detail::at((n + lanes() - 1) / lanes()) * detail::at(groups()) *
                         detail::at(lanes() * 4));
}

inline void packed_s8::pack(isa path, int k, int n, const std::int8_t* b, std::ptrdiff_t ldb) {
  std::uint8_t* out = reserve(path, k, n);
#if LNN_X86
  if (path == isa::avx512) return detail::pack4(cut512(n), k, b, ldb, out);
#endif
  if (group() == 4) detail::pack_rows<4>(cut256(n), k, b, ldb, out);
  else detail::pack_rows<2>(cut256(n), k, b, ldb, out);
}

inline void packed_s8::pack_transposed(isa path, int k, int n, const std::int8_t* bt, std::ptrdiff_t ldb) {
  std::uint8_t* out = reserve(path, k, n);
  if (path == isa::avx512)
    detail::pack_columns<4>(cut512(n), lanes(), k, bt, ldb, out, 0x80808080U);
  else if (group() == 4)
    detail::pack_columns<4>(cut256(n), lanes(), k, bt, ldb, out);
  else
    detail::pack_columns<2>(cut256(n), lanes(), k, bt, ldb, out);
}

}  // namespace lnn::simd
