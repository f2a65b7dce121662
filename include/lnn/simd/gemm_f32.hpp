// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>
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
  for (int j = 0; j < width; j += 4) {
    const float* row = bt + j * ldb;
    int p = 0;
    if (j + 4 <= columns)
      for (; p + 4 <= k; p += 4) {
        const f32x4 x0 = memory<f32x4>(row + p).v, x1 = memory<f32x4>(row + ldb + p).v;
        const f32x4 x2 = memory<f32x4>(row + 2 * ldb + p).v, x3 = memory<f32x4>(row + 3 * ldb + p).v;
        const f32x4 a = __builtin_shufflevector(x0, x1, 0, 4, 1, 5),
                    b = __builtin_shufflevector(x2, x3, 0, 4, 1, 5);
        const f32x4 c = __builtin_shufflevector(x0, x1, 2, 6, 3, 7),
                    d = __builtin_shufflevector(x2, x3, 2, 6, 3, 7);
        float* to = out + p * width + j;
        memory<f32x4>(to).v = __builtin_shufflevector(a, b, 0, 1, 4, 5);
        memory<f32x4>(to + width).v = __builtin_shufflevector(a, b, 2, 3, 6, 7);
        memory<f32x4>(to + 2 * width).v = __builtin_shufflevector(c, d, 0, 1, 4, 5);
        memory<f32x4>(to + 3 * width).v = __builtin_shufflevector(c, d, 2, 3, 6, 7);
      }
    for (; p < k; ++p)
      for (int i = 0; i < 4; ++i) out[p * width + j + i] = j + i < columns ? row[i * ldb + p] : 0.0F;
  }
}

/// Every element of C is one chain of fused multiply-adds over k in blocks of `depth`, whatever tile it falls
/// into.
template <int Most, class Cut, class Run>
void gemm_blocked(const Cut& cut, int lanes, bool ta, bool tb, int m, int k, const float* a,
                  std::ptrdiff_t lda, const float* b, std::ptrdiff_t ldb, bool accumulate, float* c,
                  std::ptrdiff_t ldc, const Run& run) {
  constexpr int depth = 256;
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
      if (tb || columns < width || m > 12) {
        float* packed = scratch<panel_of_b, float>(at(depth) * 64);
        if (tb)
          pack_columns(deep, columns, width, panel, ldb, packed);
        else
          pack_rows(deep, columns, width, panel, ldb, packed);
        panel = packed, ld_panel = width;
      }
      over_tiles<Most>(m, cut.width(p), [&](auto size, int i) {
        run(size, tile_f32{deep, rows_a + i * row, row, step, panel, ld_panel, accumulate || first > 0,
                           c + i * ldc + column, ldc, columns});
      });
    }
  }
}
#endif

/// Eigen's product, compiled for whatever the translation unit is compiled for.  Transposed operands are
/// copied, so that one form of the product is all that has to be compiled.
template <class T>
void gemm_eigen(bool ta, bool tb, int m, int n, int k, const T* a, int lda, const T* b, int ldb,
                bool accumulate, T* c, int ldc) {
  using matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using stride = Eigen::OuterStride<>;
  using map = Eigen::Map<const matrix, 0, stride>;
  matrix at, bt;
  if (ta) at = map(a, k, m, stride(lda)).transpose(), a = at.data(), lda = k;
  if (tb) bt = map(b, n, k, stride(ldb)).transpose(), b = bt.data(), ldb = n;
  Eigen::Map<matrix, 0, stride> out(c, m, n, stride(ldc));
  if (!accumulate) out.setZero();
  out.noalias() += map(a, m, k, stride(lda)) * map(b, k, n, stride(ldb));
}

}  // namespace detail

/// C[i][j] = sum_p op(A)[i][p] * op(B)[p][j], or C += with `accumulate`; row-major, op(A) is m x k, op(B) k x
/// n. `ta`: A is stored transposed, [k][m]; `tb`: B is stored transposed, [n][k].  lda, ldb, ldc: elements
/// from one stored row to the next.
///
/// float: on avx2 and avx512 every element of C is one chain of fused multiply-adds in the order of p (in
/// blocks of 256, which are added in order), so it depends on its row of A and its column of B alone: not on
/// m and n, on how a caller cuts the matrices, or on which of the two sets runs.  Portable float, and double,
/// are Eigen's products.
template <class T>
void gemm(isa path, bool ta, bool tb, int m, int n, int k, const T* a, int lda, const T* b, int ldb,
          bool accumulate, T* c, int ldc) {
  if (m <= 0 || n <= 0) return;
  if (k <= 0) {
    for (int i = 0; i < m && !accumulate; ++i) std::fill_n(c + std::ptrdiff_t{i} * ldc, n, T{});
    return;
  }
#if LNN_X86
  if constexpr (std::is_same_v<T, float>) {
    if (path == isa::avx512)
      return detail::gemm_blocked<4>(
          detail::panels<16, 4>(n), 16, ta, tb, m, k, a, lda, b, ldb, accumulate, c, ldc,
          []<int R, int V>(detail::tile_size<R, V>, const detail::tile_f32& t) { detail::run512<R, V>(t); });
    if (path == isa::avx2)
      return detail::gemm_blocked<2>(
          detail::panels<8, 2>(n), 8, ta, tb, m, k, a, lda, b, ldb, accumulate, c, ldc,
          []<int R, int V>(detail::tile_size<R, V>, const detail::tile_f32& t) { detail::run256<R, V>(t); });
  }
#endif
  (void)path;
  detail::gemm_eigen(ta, tb, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
}

/// The same on the best instruction set.
template <class T>
void gemm(bool ta, bool tb, int m, int n, int k, const T* a, int lda, const T* b, int ldb, bool accumulate,
          T* c, int ldc) {
  gemm(std::is_same_v<T, float> ? best() : isa::portable, ta, tb, m, n, k, a, lda, b, ldb, accumulate, c,
       ldc);
}

}  // namespace lnn::simd
