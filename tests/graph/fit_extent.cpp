// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/graph/fit_extent.hpp>

namespace test_fit_extent {

namespace {

template <class F>
std::vector<lnn::extent_sample> seen(int symbols, const F& f) {
  std::vector<lnn::extent_sample> all;
  for (int t = 3; t < 40; ++t)
    for (int u = 2; u < (symbols > 1 ? 9 : 3); ++u) {
      std::vector<int> at{t};
      if (symbols > 1) at.push_back(u);
      all.push_back({at, f(t, u)});
    }
  return all;
}

}  // namespace

TEST_CASE("dimensions are recognized: fixed, linear, rounded down, products") {
  const auto finds = [](int symbols, auto f) {
    const auto samples = seen(symbols, f);
    const auto x = lnn::fit_extent(samples);
    REQUIRE(x);
    for (const auto& s : samples) CHECK(x->at(s.symbols) == s.dim);
    return *x;
  };
  CHECK(finds(1, [](int, int) { return 7; }) == lnn::extent::fixed(7));
  CHECK(finds(1, [](int t, int) { return t; }) == lnn::extent{.first = 0});
  CHECK(finds(1, [](int t, int) { return 3 * t - 4; }) == lnn::extent{.first = 0, .scale = 3, .offset = -4});
  CHECK(finds(1, [](int t, int) { return 100 - 2 * t; }).scale == -2);
  CHECK(finds(1, [](int t, int) { return (t - 3) / 2 + 1; }).divisor == 2);
  CHECK(finds(1, [](int t, int) { return ((t + 1) / 2 + 1) / 2 * 6 + 1; }).divisor == 4);
  CHECK(finds(2, [](int, int u) { return u + 2; }) == lnn::extent{.first = 1, .offset = 2});
  CHECK(finds(2, [](int t, int u) { return 8 * t * u; }) == lnn::extent{.first = 0, .second = 1, .scale = 8});
  CHECK(finds(2, [](int t, int u) { return t * u / 4; }).divisor == 4);
  CHECK(finds(1, [](int t, int) { return t * t; }) == lnn::extent{.first = 0, .second = 0});
}

TEST_CASE("what follows no form is not guessed") {
  CHECK_FALSE(lnn::fit_extent(seen(2, [](int t, int u) { return t + u; })));
  CHECK_FALSE(lnn::fit_extent(seen(1, [](int t, int) { return t % 3; })));
  CHECK_FALSE(lnn::fit_extent(seen(1, [](int t, int) { return t < 20 ? t : 20; })));
}

}  // namespace test_fit_extent
