// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "isa.hpp"
#include "lane.hpp"

namespace lnn::simd {

/// The right-hand matrix B[k][n] of an integer product, arranged for one instruction set: panels of columns, in each
/// the rows in groups of four bytes (avx512) or two 16-bit numbers (avx2, portable), so that one group of one column
/// is one 32-bit lane.  The memory only grows; packing again and again allocates nothing.
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
  [[nodiscard]] int group() const { return path_ == isa::avx512 ? 4 : 2; }
  [[nodiscard]] int lanes() const { return path_ == isa::avx512 ? 16 : 8; }
  [[nodiscard]] int groups() const { return (k_ + group() - 1) / group(); }
  /// Bytes of vector v of a panel that starts at vector `first`: panel by panel, group by group, vector by vector.
  [[nodiscard]] const std::uint8_t* panel(int first) const {
    return memory_.data() + detail::at(first) * detail::at(groups()) * detail::at(lanes() * 4);
  }

  using cut512 = detail::panels<16, 4>;
  using cut256 = detail::panels<8, 2>;

 private:
  template <class Group>
  void fill(isa path, int k, int n, const Group& group);

  detail::buffer<std::uint8_t> memory_;
  int k_ = 0, n_ = 0;
  isa path_ = isa::portable;
};

namespace detail {

/// One vector of the panel: `columns` (at most 8) columns of two rows as 16-bit pairs.  r1 is null behind the last row.
inline void interleave2(const std::int8_t* r0, const std::int8_t* r1, int columns, std::uint8_t* out) {
  s8x16 x{}, y{};
  std::memcpy(&x, r0, at(columns));
  if (r1) std::memcpy(&y, r1, at(columns));
  const s8x16 xy = __builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const auto low = reinterpret_cast<s16x8>(__builtin_shufflevector(xy, xy, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));
  const auto high = reinterpret_cast<s16x8>(
      __builtin_shufflevector(xy, xy, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15));
  memory<s16x8>(out).v = low >> 8;
  memory<s16x8>(out + 16).v = high >> 8;
}

#if LNN_X86
/// One vector of the panel: 16 columns of four rows as unsigned bytes b + 128.
LNN_AVX512 inline void interleave4(const std::int8_t* r0, const std::int8_t* r1, const std::int8_t* r2,
                                   const std::int8_t* r3, std::uint8_t* out) {
  const u32x4 x0 = memory<u32x4>(r0).v, x1 = memory<u32x4>(r1).v;
  const u32x4 x2 = memory<u32x4>(r2).v, x3 = memory<u32x4>(r3).v;
  const u32x8 x01 = __builtin_shufflevector(x0, x1, 0, 1, 2, 3, 4, 5, 6, 7);
  const u32x8 x23 = __builtin_shufflevector(x2, x3, 0, 1, 2, 3, 4, 5, 6, 7);
  // Lane l of four words gets columns 4l to 4l + 3 of each row; bytes are then transposed within the lanes.
  const u32x16 x = __builtin_shufflevector(x01, x23, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  constexpr u32x16 transpose{0x0c080400, 0x0d090501, 0x0e0a0602, 0x0f0b0703, 0x0c080400, 0x0d090501,
                             0x0e0a0602, 0x0f0b0703, 0x0c080400, 0x0d090501, 0x0e0a0602, 0x0f0b0703,
                             0x0c080400, 0x0d090501, 0x0e0a0602, 0x0f0b0703};
  u32x16 y;
  asm("vpshufb %2, %1, %0" : "=v"(y) : "v"(x), "v"(transpose));
  memory<u32x16>(out).v = y ^ 0x80808080U;
}

template <class Cut>
LNN_AVX512 void pack4(const Cut& cut, int k, const std::int8_t* b, std::ptrdiff_t ldb, std::uint8_t* out) {
  const int groups = (k + 3) / 4;
  for (int g = 0; g < groups; ++g) {
    const std::int8_t* row = b + 4 * g * ldb;
    const bool whole = 4 * g + 4 <= k;
    for (int p = 0; p < cut.count; ++p) {
      const int width = cut.width(p);
      std::uint8_t* to = out + (at(cut.first(p)) * at(groups) + at(g) * at(width)) * 64;
      for (int v = 0; v < width; ++v) {
        const int column = cut.first_column(p) + 16 * v, columns = std::min(16, cut.columns - column);
        if (whole && columns == 16) {
          const std::int8_t* from = row + column;
          interleave4(from, from + ldb, from + 2 * ldb, from + 3 * ldb, to + 64 * v);
        } else {
          std::int8_t edge[4][16]{};
          for (int i = 0; i < std::min(4, k - 4 * g); ++i) std::memcpy(edge[i], row + i * ldb + column, at(columns));
          interleave4(edge[0], edge[1], edge[2], edge[3], to + 64 * v);
        }
      }
    }
  }
}
#endif

}  // namespace detail

/// Calls group(first row, column, out) for every 32-bit lane of every panel.
template <class Group>
void packed_s8::fill(isa path, int k, int n, const Group& group) {
  const auto all = [&](const auto& cut) {
    std::uint8_t* out = memory_.data();
    for (int p = 0; p < cut.count; ++p)
      for (int g = 0; g < groups(); ++g)
        for (int j = 0; j < cut.width(p) * lanes(); ++j, out += 4) group(g, cut.first_column(p) + j, out);
  };
  if (path == isa::avx512) all(cut512(n));
  else all(cut256(n));
  (void)k;
}

inline void packed_s8::pack(isa path, int k, int n, const std::int8_t* b, std::ptrdiff_t ldb) {
  path_ = path, k_ = k, n_ = n;
  const int vectors = (n + lanes() - 1) / lanes();
  std::uint8_t* out = memory_.reserve(detail::at(vectors) * detail::at(groups()) * detail::at(lanes() * 4));
#if LNN_X86
  if (path == isa::avx512) return detail::pack4(cut512(n), k, b, ldb, out);
#endif
  const cut256 cut(n);
  for (int g = 0; g < groups(); ++g) {
    const std::int8_t* row = b + 2 * g * ldb;
    for (int p = 0; p < cut.count; ++p)
      for (int v = 0; v < cut.width(p); ++v) {
        const int column = cut.first_column(p) + 8 * v;
        detail::interleave2(row + column, 2 * g + 1 < k ? row + ldb + column : nullptr, std::min(8, n - column),
                            out + (detail::at(cut.first(p)) * detail::at(groups()) +
                                   detail::at(g) * detail::at(cut.width(p)) + detail::at(v)) * 32);
      }
  }
}

inline void packed_s8::pack_transposed(isa path, int k, int n, const std::int8_t* bt, std::ptrdiff_t ldb) {
  path_ = path, k_ = k, n_ = n;
  const int vectors = (n + lanes() - 1) / lanes();
  (void)memory_.reserve(detail::at(vectors) * detail::at(groups()) * detail::at(lanes() * 4));
  fill(path, k, n, [&](int g, int j, std::uint8_t* out) {
    std::int8_t bytes[4]{};
    const int first = g * group(), count = std::min(group(), k - first);
    if (j < n) std::memcpy(bytes, bt + j * ldb + first, detail::at(count));
    if (path == isa::avx512) {
      std::uint32_t word;
      std::memcpy(&word, bytes, 4);
      word ^= 0x80808080U;
      std::memcpy(out, &word, 4);
    } else {
      const std::int16_t pair[2] = {bytes[0], bytes[1]};
      std::memcpy(out, pair, 4);
    }
  });
}

}  // namespace lnn::simd
