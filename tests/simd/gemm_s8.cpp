// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/simd/gemm_s8.hpp>
#include <vector>

namespace test_gemm_s8 {

namespace {

using namespace lnn::simd;

std::vector<std::int8_t> bytes(lnn::random& draw, std::size_t n, bool extreme) {
  std::vector<std::int8_t> v(n);
  for (auto& x : v)
    x = extreme ? static_cast<std::int8_t>(draw.below(2) ? -128 : 127)
                : static_cast<std::int8_t>(draw.below(256));
  return v;
}

std::vector<std::int32_t> textbook(int m, int n, int k, const std::int8_t* a, int lda, const std::int8_t* b,
                                   int ldb) {
  std::vector<std::int32_t> c;
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      std::int64_t sum = 0;
      for (int p = 0; p < k; ++p) sum += a[i * lda + p] * b[p * ldb + j];
      c.push_back(static_cast<std::int32_t>(sum));
    }
  return c;
}

void compare(lnn::random& draw, int m, int n, int k, bool extreme, int pad) {
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(k);
  CAPTURE(pad);
  const int lda = k + pad, ldb = n + 2 * pad, ldbt = k + 3 * pad, ldc = n + pad;
  const auto size = [](int r, int c) { return static_cast<std::size_t>(r * c); };
  const auto a = bytes(draw, size(m, lda), extreme), b = bytes(draw, size(k, ldb), extreme);
  std::vector<std::int8_t> bt(size(n, ldbt));
  for (int p = 0; p < k; ++p)
    for (int j = 0; j < n; ++j) bt[size(j, ldbt) + size(p, 1)] = b[size(p, ldb) + size(j, 1)];
  const auto wanted = textbook(m, n, k, a.data(), lda, b.data(), ldb);

  static packed_s8 packed;  // used again and again, as in training
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    for (bool transposed : {false, true}) {
      if (transposed)
        packed.pack_transposed(path, k, n, bt.data(), ldbt);
      else
        packed.pack(path, k, n, b.data(), ldb);
      std::vector<std::int32_t> c(size(m, ldc), 77);
      gemm_s8(path, m, n, k, a.data(), lda, packed, c.data(), ldc);
      int wrong = 0;
      for (int i = 0; i < m; ++i)
        for (int j = 0; j < ldc; ++j)
          wrong += c[size(i, ldc) + size(j, 1)] != (j < n ? wanted[size(i, n) + size(j, 1)] : 77);
      CHECK(wrong == 0);
    }
  }
}

}  // namespace

TEST_CASE("gemm_s8: equal to the textbook on every instruction set") {
  lnn::random draw(1);
  SUBCASE("random small shapes") {
    for (int trial = 0; trial < 400; ++trial) {
      const auto extent = [&] { return 1 + static_cast<int>(draw.below(70)); };
      const int m = extent(), n = extent(), k = extent();
      compare(draw, m, n, k, trial % 4 == 0, trial % 3);
    }
  }
  SUBCASE("every tail") {
    for (int m = 1; m <= 13; ++m)
      for (int n : {1, 2, 15, 16, 17, 31, 33, 48, 63, 64, 65, 80})
        for (int k = 1; k <= 9; ++k) compare(draw, m, n, k, false, 1);
  }
  SUBCASE("large shapes") {
    compare(draw, 64, 196, 576, false, 0);
    compare(draw, 100, 49, 1152, true, 0);
    compare(draw, 1, 256, 1027, false, 0);
    compare(draw, 197, 130, 75, false, 3);
  }
  SUBCASE("the largest magnitudes") {
    for (int k : {1, 4, 63, 64, 1000, 4608}) {
      const std::vector<std::int8_t> low(static_cast<std::size_t>(k) * 20, -128);
      for (isa path : all_isas) {
        if (!supported(path)) continue;
        packed_s8 packed;
        packed.pack(path, k, 20, low.data(), 20);
        std::vector<std::int32_t> c(140);
        gemm_s8(path, 7, 20, k, low.data(), k, packed, c.data(), 20);
        for (std::int32_t x : c) CHECK(x == 16384 * k);
      }
    }
  }
}

TEST_CASE("gemm_s8: a matrix packed for another product is refused") {
  const std::int8_t b[12]{};
  packed_s8 packed;
  packed.pack(isa::portable, 3, 4, b, 4);
  std::int32_t c[4];
  CHECK_THROWS_WITH_AS(gemm_s8(isa::portable, 1, 4, 2, b, 2, packed, c, 4),
                       "gemm_s8: B is packed as 3x4 for portable, the product wants 2x4 for portable",
                       lnn::error);
}

}  // namespace test_gemm_s8
