// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
#include <type_traits>

#include "isa.hpp"
#include "lane.hpp"

namespace lnn::simd {
namespace detail {

/// What one call of a tile needs: A[i][p] = a[i * row + p * step], a block of B with rows of whole vectors.
struct tile_f32 {
  int k;
  const float* a;
  std::ptrdiff_t row, step;
  const float* b;
  std::ptrdiff_t ldb;
  bool accumulate;
  float* c;
  std::ptrdiff_t ldc;
  int columns;
};

#if LNN_X86
template <int R, int V>
LNN_AVX512 void run512(const tile_f32& t) {
  f32x16 acc[at(R)][at(V)];
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) acc[i][v] = f32x16{};
  const float *a = t.a, *b = t.b;
  for (int p = 0; p < t.k; ++p, a += t.step, b += t.ldb) {
    f32x16 column[at(V)];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) column[v] = memory<f32x16>(b + 16 * v).v;
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
      const f32x16 row = a[i * t.row] - f32x16{};
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) asm("vfmadd231ps %2, %1, %0" : "+v"(acc[i][v]) : "v"(row), "v"(column[v]));
    }
  }
  const int left = t.columns - 16 * (V - 1);  // the last vector may be broken
  const auto mask = static_cast<std::uint16_t>(left >= 16 ? 0xffff : (1 << left) - 1);
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i) {
    float* c = t.c + i * t.ldc;
    float* last = c + 16 * (V - 1);
#pragma GCC unroll 4
    for (int v = 0; v < V - 1; ++v) {
      if (t.accumulate) {
        const f32x16 before = memory<f32x16>(c + 16 * v).v;
        acc[i][v] += before;
      }
      memory<f32x16>(c + 16 * v).v = acc[i][v];
    }
    if (t.accumulate) acc[i][V - 1] += __builtin_ia32_loadups512_mask(last, f32x16{}, mask);
    __builtin_ia32_storeups512_mask(last, acc[i][V - 1], mask);
  }
}

template <int R, int V>
LNN_AVX2 void run256(const tile_f32& t) {
  f32x8 acc[at(R)][at(V)];
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) acc[i][v] = f32x8{};
  const float *a = t.a, *b = t.b;
  for (int p = 0; p < t.k; ++p, a += t.step, b += t.ldb) {
    f32x8 column[at(V)];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) column[v] = memory<f32x8>(b + 8 * v).v;
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
      const f32x8 row = a[i * t.row] - f32x8{};
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) asm("vfmadd231ps %2, %1, %0" : "+x"(acc[i][v]) : "x"(row), "x"(column[v]));
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      float* c = t.c + i * t.ldc + 8 * v;
      const int left = t.columns - 8 * v;
      if (left >= 8) {
        if (t.accumulate) {
          const f32x8 before = memory<f32x8>(c).v;
          acc[i][v] += before;
        }
        memory<f32x8>(c).v = acc[i][v];
      } else {
        f32x8 part{};
        if (t.accumulate) std::memcpy(&part, c, at(left) * sizeof(float));
        part += acc[i][v];
        std::memcpy(c, &part, at(left) * sizeof(float));
      }
    }
}

#endif

/// The same in vectors of 16 bytes, as every target of the compilers has them or imitates them.
template <int R, int V>
void run128(const tile_f32& t) {
  f32x4 acc[at(R)][at(V)];
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) acc[i][v] = f32x4{};
  const float *a = t.a, *b = t.b;
  for (int p = 0; p < t.k; ++p, a += t.step, b += t.ldb) {
    f32x4 column[at(V)];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) column[v] = memory<f32x4>(b + 4 * v).v;
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
      const f32x4 row = a[i * t.row] - f32x4{};
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) acc[i][v] += row * column[v];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      float* c = t.c + i * t.ldc + 4 * v;
      const int left = std::min(t.columns - 4 * v, 4);
      f32x4 part{};
      if (t.accumulate) std::memcpy(&part, c, at(left) * sizeof(float));
      part += acc[i][v];
      std::memcpy(c, &part, at(left) * sizeof(float));
    }
}

struct panel_of_b;
struct block_of_a;

/// Copies `columns` columns of B into rows of `width` floats, zeros behind them.
inline void pack_rows(int k, int columns, int width, const float* b, std::ptrdiff_t ldb, float* out) {
  for (int p = 0; p < k; ++p, b += ldb, out += width) {
    std::memcpy(out, b, at(columns) * sizeof(float));
    for (int j = columns; j < width; ++j) out[j] = 0.0F;
  }
}
/// The same from the transposed matrix: column j is row j of `bt`.
inline void pack_columns(int k, int columns, int width, const float* bt, std::ptrdiff_t ldb, float* out) {
  constexpr int line = 64;  // floats that are read of a row at a time: what they become fits the first cache
  for (; k > 0; k -= line, bt += line, out += line * width) {
    const int deep = std::min(k, line);
    const float* row = bt;
    for (int j = 0; j < width; j += 4, row += 4 * ldb) {
      for (int i = 8; i < 12 && j + i < columns; ++i)  // too far apart for the machine to guess
        for (int ahead = 0; ahead < deep; ahead += 16) __builtin_prefetch(bt + (j + i) * ldb + ahead);
      int p = 0;
      for (; j + 4 <= columns && p + 4 <= deep; p += 4) {
        const u32x4 x0 = memory<u32x4>(row + p).v, x1 = memory<u32x4>(row + ldb + p).v;
        const u32x4 x2 = memory<u32x4>(row + 2 * ldb + p).v, x3 = memory<u32x4>(row + 3 * ldb + p).v;
        transpose4(x0, x1, x2, x3, out + p * width + j, std::ptrdiff_t{width} * 4);
      }
      for (; p < deep; ++p)
        for (int i = 0; i < 4; ++i) out[p * width + j + i] = j + i < columns ? row[i * ldb + p] : 0.0F;
    }
  }
}

/// Every element of C is one chain of fused multiply-adds over k in blocks of `depth`, whatever tile it falls
/// into.
template <int Most, int Tall = 6, class Cut, class Run>
void gemm_blocked(const Cut& cut, int lanes, bool ta, bool tb, int m, int k, const float* a,
                  std::ptrdiff_t lda, const float* b, std::ptrdiff_t ldb, bool accumulate, float* c,
                  std::ptrdiff_t ldc, const Run& run) {
  constexpr int depth = 256;
  const int few = ldb <= 256 ? 36 : 12;  // rows of A for which copying B costs more than reading it where it lies
  for (int first = 0; first < k; first += depth) {
    const int deep = std::min(depth, k - first);
    const float* rows_a = ta ? a + first * lda : a + first;
    std::ptrdiff_t row = ta ? 1 : lda, step = ta ? lda : 1;
    if (ta && m < lda) {
      float* packed = scratch<block_of_a, float>(at(m) * at(depth));
      pack_rows(deep, m, m, rows_a, lda, packed);
      rows_a = packed, step = m;
    }
    for (int p = 0; p < cut.count; ++p) {
      const int width = cut.width(p) * lanes, column = cut.first_column(p), columns = cut.columns_in(p);
      const float* panel = tb ? b + column * ldb + first : b + first * ldb + column;
      std::ptrdiff_t ld_panel = ldb;
      if (tb || columns < width || m > few) {
        float* packed = scratch<panel_of_b, float>(at(depth) * 64);
        if (tb)
          pack_columns(deep, columns, width, panel, ldb, packed);
        else
          pack_rows(deep, columns, width, panel, ldb, packed);
        panel = packed, ld_panel = width;
      }
      over_tiles<Most, Tall>(m, cut.width(p), [&](auto size, int i) {
        run(size, tile_f32{deep, rows_a + i * row, row, step, panel, ld_panel, accumulate || first > 0,
                           c + i * ldc + column, ldc, columns});
      });
    }
  }
}

/// Row by row for other types: double, in which gradients are checked.
template <class T>
void gemm_plain(bool ta, bool tb, int m, int n, int k, const T* a, std::ptrdiff_t lda, const T* b, std::ptrdiff_t ldb,
                bool accumulate, T* c, std::ptrdiff_t ldc) {
  for (int i = 0; i < m; ++i, c += ldc) {
    if (!accumulate) std::fill_n(c, n, T{});
    const T* row = ta ? a + i : a + i * lda;
    const std::ptrdiff_t step = ta ? lda : 1;
    for (int j = 0; tb && j < n; ++j) {
      T sum{};
      for (int p = 0; p < k; ++p) sum += row[p * step] * b[j * ldb + p];
      c[j] += sum;
    }
    for (int p = 0; !tb && p < k; ++p) {
      const T factor = row[p * step];
      for (int j = 0; j < n; ++j) c[j] += factor * b[p * ldb + j];
    }
  }
}

}  // namespace detail

/// C[i][j] = sum_p op(A)[i][p] * op(B)[p][j], or C += with `accumulate`; row-major, op(A) is m x k, op(B) k x
/// n. `ta`: A is stored transposed, [k][m]; `tb`: B is stored transposed, [n][k].  lda, ldb, ldc: elements
/// from one stored row to the next.
///
/// float: every element of C is one chain of multiply-adds in the order of p (in blocks of 256, which are added in
/// order), so it depends on its row of A and its column of B alone: not on m and n or on how a caller cuts the
/// matrices.  avx2 and avx512 fuse the two and give the same bits; portable code fuses them where its target does.
template <class T>
void gemm(isa path, bool ta, bool tb, int m, int n, int k, const T* a, int lda, const T* b, int ldb,
          bool accumulate, T* c, int ldc) {
  if (m <= 0 || n <= 0) return;
  if (k <= 0) {
    for (int i = 0; i < m && !accumulate; ++i) std::fill_n(c + std::ptrdiff_t{i} * ldc, n, T{});
    return;
  }
  if constexpr (std::is_same_v<T, float>) {
#if LNN_X86
    if (path == isa::avx512)
      return detail::gemm_blocked<4>(
          detail::panels<16, 4>(n), 16, ta, tb, m, k, a, lda, b, ldb, accumulate, c, ldc,
          []<int R, int V>(detail::tile_size<R, V>, const detail::tile_f32& t) { detail::run512<R, V>(t); });
    if (path == isa::avx2)
      return detail::gemm_blocked<2>(
          detail::panels<8, 2>(n), 8, ta, tb, m, k, a, lda, b, ldb, accumulate, c, ldc,
          []<int R, int V>(detail::tile_size<R, V>, const detail::tile_f32& t) { detail::run256<R, V>(t); });
#endif
    detail::gemm_blocked<2, 4>(
        detail::panels<4, 2>(n), 4, ta, tb, m, k, a, lda, b, ldb, accumulate, c, ldc,
        []<int R, int V>(detail::tile_size<R, V>, const detail::tile_f32& t) { detail::run128<R, V>(t); });
  } else {
    detail::gemm_plain<T>(ta, tb, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
  }
  static_cast<void>(path);
}

/// The same on the best instruction set.
template <class T>
void gemm(bool ta, bool tb, int m, int n, int k, const T* a, int lda, const T* b, int ldb, bool accumulate,
          T* c, int ldc) {
  gemm(std::is_same_v<T, float> ? best() : isa::portable, ta, tb, m, n, k, a, lda, b, ldb, accumulate, c,
       ldc);
}

}  // namespace lnn::simd
