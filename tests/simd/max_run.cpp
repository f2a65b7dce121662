// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/simd/max_run.hpp>
#include <vector>

namespace test_max_run {

namespace {

using namespace lnn::simd;

/// use(path, n, step, x) for every path, length and step; x is exactly as long as the run, so that the sanitizer sees what
/// reaches beyond, and holds few values, so that many are equal.
template <class T, class Use>
void each_run(lnn::random& draw, const Use& use) {
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    for (std::size_t n = 0; n < 40; ++n)
      for (std::size_t step : {1U, 2U, 3U}) {
        CAPTURE(n);
        CAPTURE(step);
        std::vector<T> x(n == 0 ? 0 : (n - 1) * step + 1);
        for (T& v : x) v = static_cast<T>(draw.below(4));
        use(path, n, step, x);
      }
  }
}

template <class T>
void compare(lnn::random& draw) {
  each_run<T>(draw, [&](isa path, std::size_t n, std::size_t step, const std::vector<T>& x) {
    std::vector<T> y(n);
    for (T& v : y) v = static_cast<T>(draw.below(4));
    std::vector<T> wanted = y;
    for (std::size_t i = 0; i < n; ++i) wanted[i] = std::max(wanted[i], x[i * step]);
    larger_run(path, n, x.data(), step, y.data());
    REQUIRE(y == wanted);
  });
}

}  // namespace

TEST_CASE("larger_run: the larger of two, for every length, step and type") {
  lnn::random draw(3);
  compare<float>(draw);
  compare<double>(draw);
  compare<std::int8_t>(draw);
  compare<std::int16_t>(draw);
  compare<std::int32_t>(draw);
}

TEST_CASE_TEMPLATE("larger_run_gradient: once, to the element that is the maximum", T, float, double) {
  lnn::random draw(4);
  each_run<T>(draw, [&](isa path, std::size_t n, std::size_t step, const std::vector<T>& x) {
    std::vector<T> y(n), gy(n), gx(x.size());
    for (T& v : gx) v = draw.uniform(-1, 1);
    std::vector<std::uint32_t> open(n);
    for (std::size_t i = 0; i < n; ++i) {
      y[i] = static_cast<T>(draw.below(4));
      gy[i] = draw.uniform(-1, 1);
      open[i] = draw.below(4) == 0 ? 0U : ~0U;
    }
    std::vector<T> wanted = gx;
    std::vector<std::uint32_t> left = open;
    for (std::size_t i = 0; i < n; ++i)
      if (open[i] != 0 && x[i * step] == y[i]) {
        wanted[i * step] += gy[i];
        left[i] = 0;
      }
    larger_run_gradient(path, n, x.data(), step, y.data(), gy.data(), open.data(), gx.data());
    REQUIRE(gx == wanted);
    REQUIRE(open == left);
  });
}

}  // namespace test_max_run
