// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/simd/lstm_gradient.hpp>
#include <vector>

namespace test_lstm_gradient {

TEST_CASE_TEMPLATE("lstm_gradient: the textbook's on every path, for every length", T, float, double) {
  using namespace lnn::simd;
  lnn::random draw(5);
  const auto numbers = [&](std::size_t n) {
    std::vector<T> v(n);
    for (T& e : v) e = draw.uniform(-1.0F, 1.0F);
    return v;
  };
  for (std::size_t n = 1; n < 70; ++n) {
    const auto t = numbers(n), before = numbers(n), gates = numbers(4 * n), dh = numbers(n), dc = numbers(n);
    for (isa path : all_isas) {
      if (!supported(path)) continue;
      CAPTURE(name_of(path));
      CAPTURE(n);
      auto sums = gates, left = dh, cell = dc;
      lstm_gradient(path, n, t.data(), before.data(), sums.data(), left.data(), cell.data());
      CHECK(left == std::vector<T>(n));
      bool near = true;
      const auto see = [&](T got, double wanted) { near = near && std::abs(got - wanted) < (sizeof(T) == 4 ? 2e-6 : 1e-14); };
      for (std::size_t k = 0; k < n; ++k) {
        const double i = gates[k], f = gates[n + k], g = gates[2 * n + k], o = gates[3 * n + k], tanh_c = t[k];
        const double at_c = dc[k] + double{dh[k]} * o * (1 - tanh_c * tanh_c);
        see(sums[k], at_c * g * i * (1 - i));
        see(sums[n + k], at_c * before[k] * f * (1 - f));
        see(sums[2 * n + k], at_c * i * (1 - g * g));
        see(sums[3 * n + k], dh[k] * tanh_c * o * (1 - o));
        see(cell[k], at_c * f);
      }
      CHECK(near);
    }
  }
}

}  // namespace test_lstm_gradient
