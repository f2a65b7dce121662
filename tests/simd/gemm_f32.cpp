// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/simd/gemm_f32.hpp>
#include <vector>

namespace test_gemm_f32 {

namespace {

using namespace lnn::simd;

std::size_t area(int r, int c) { return static_cast<std::size_t>(r) * static_cast<std::size_t>(c); }

template <class T>
std::vector<T> reals(lnn::random& draw, std::size_t n) {
  std::vector<T> v(n);
  for (T& x : v) x = draw.uniform(-1.0F, 1.0F);
  return v;
}

struct problem {
  bool ta, tb, accumulate;
  int m, n, k, pad;
  [[nodiscard]] int lda() const { return (ta ? m : k) + pad; }
  [[nodiscard]] int ldb() const { return (tb ? k : n) + pad; }
  [[nodiscard]] int ldc() const { return n + pad; }
};

template <class T>
std::vector<T> product(isa path, const problem& s, const std::vector<T>& a, const std::vector<T>& b,
                       std::vector<T> c) {
  gemm(path, s.ta, s.tb, s.m, s.n, s.k, a.data(), s.lda(), b.data(), s.ldb(), s.accumulate, c.data(),
       s.ldc());
  return c;
}

/// Largest error over what the rounding of a sum of k terms may be; above 1 is wrong.
template <class T>
double excess(const problem& s, const std::vector<T>& a, const std::vector<T>& b,
              const std::vector<T>& before, const std::vector<T>& after, double unit) {
  double worst = 0;
  for (int i = 0; i < s.m; ++i)
    for (int j = 0; j < s.ldc(); ++j) {
      const std::size_t here = area(i, s.ldc()) + area(j, 1);
      if (j >= s.n) {
        if (after[here] != before[here]) return 1e9;
        continue;
      }
      double sum = s.accumulate ? static_cast<double>(before[here]) : 0, size = std::abs(sum);
      for (int p = 0; p < s.k; ++p) {
        const double x = a[s.ta ? area(p, s.lda()) + area(i, 1) : area(i, s.lda()) + area(p, 1)];
        const double y = b[s.tb ? area(j, s.ldb()) + area(p, 1) : area(p, s.ldb()) + area(j, 1)];
        sum += x * y;
        size += std::abs(x * y);
      }
      worst = std::max(worst, std::abs(after[here] - sum) / (unit * (size + 1e-30) * (s.k + 2)));
    }
  return worst;
}

template <class T>
void check(lnn::random& draw, const problem& s, double unit) {
  CAPTURE(s.ta);
  CAPTURE(s.tb);
  CAPTURE(s.accumulate);
  CAPTURE(s.m);
  CAPTURE(s.n);
  CAPTURE(s.k);
  CAPTURE(s.pad);
  const auto a = reals<T>(draw, area(s.ta ? s.k : s.m, s.lda())),
             b = reals<T>(draw, area(s.tb ? s.n : s.k, s.ldb()));
  const auto before = reals<T>(draw, area(s.m, s.ldc()));
  std::vector<T> wide;
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    const auto after = product(path, s, a, b, before);
    CHECK(excess(s, a, b, before, after, unit) <= 1);
    CHECK(after == product(path, s, a, b, before));
    if (path == isa::portable) continue;
    if (!wide.empty()) CHECK(after == wide);  // the two wide sets agree to the last bit
    wide = after;
  }
}

}  // namespace

TEST_CASE("gemm: close to the sum in double, and the same every time") {
  lnn::random draw(7);
  for (int trial = 0; trial < 500; ++trial) {
    const auto extent = [&] { return 1 + static_cast<int>(draw.below(70)); };
    const auto coin = [&] { return draw.below(2) == 1; };
    check<float>(draw, {coin(), coin(), coin(), extent(), extent(), extent(), trial % 3}, 0x1p-24);
  }
  for (bool ta : {false, true})
    for (bool tb : {false, true}) {
      check<float>(draw, {ta, tb, true, 64, 196, 576, 0}, 0x1p-24);
      check<float>(draw, {ta, tb, false, 33, 75, 1153, 2}, 0x1p-24);
      check<double>(draw, {ta, tb, true, 13, 21, 75, 1}, 0x1p-53);
      check<double>(draw, {ta, tb, false, 64, 30, 40, 0}, 0x1p-53);
    }
}

TEST_CASE("gemm: cutting the rows or columns of a product does not change its bits") {
  lnn::random draw(8);
  const int m = 37, n = 83, k = 700;
  const auto a = reals<float>(draw, area(m, k)), b = reals<float>(draw, area(k, n));
  for (isa path : all_isas) {
    if (!supported(path) || path == isa::portable) continue;
    std::vector<float> whole(area(m, n)), pieces(area(m, n));
    gemm(path, false, false, m, n, k, a.data(), k, b.data(), n, false, whole.data(), n);
    for (int i = 0; i < m; i += 9)
      for (int j = 0; j < n; j += 20)
        gemm(path, false, false, std::min(9, m - i), std::min(20, n - j), k, a.data() + area(i, k), k,
             b.data() + j, n, false, pieces.data() + area(i, n) + j, n);
    CHECK(whole == pieces);
  }
}

TEST_CASE("gemm: no terms give zero, or leave what is there") {
  float c[2] = {1, 2};
  gemm<float>(false, false, 1, 2, 0, nullptr, 1, nullptr, 2, true, c, 2);
  CHECK(c[1] == 2);
  gemm<float>(false, false, 1, 2, 0, nullptr, 1, nullptr, 2, false, c, 2);
  CHECK(c[1] == 0);
}

}  // namespace test_gemm_f32
