// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <lnn/core/random.hpp>
#include <lnn/simd/logistic.hpp>
#include <vector>

namespace test_logistic {

using namespace lnn::simd;

TEST_CASE_TEMPLATE("logistic and bounded: near the library's own functions everywhere", T, float, double) {
  lnn::random draw(2);
  const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
  constexpr T inf = std::numeric_limits<T>::infinity();
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    for (const std::size_t n : {0U, 1U, 15U, 16U, 17U, 1000U}) {
      std::vector<T> x(n + 1), y(n + 1, T{9}), z;
      for (T& v : x) v = static_cast<T>(draw.uniform(-1, 1)) * static_cast<T>(draw.below(2) == 0 ? 4 : 80);
      if (n > 15) x[0] = inf, x[1] = -inf, x[2] = 0, x[3] = T(-1e-6), x[4] = std::numeric_limits<T>::quiet_NaN();
      z = x;
      logistic(path, n, x.data(), y.data());
      bounded(path, n, z.data(), z.data());
      CHECK(y[n] == 9);
      for (std::size_t i = 0; i < n; ++i) {
        CAPTURE(x[i]);
        if (x[i] != x[i]) {
          CHECK((y[i] != y[i] && z[i] != z[i]));
          continue;
        }
        const double exact = 1 / (1 + std::exp(-static_cast<double>(x[i])));
        CHECK(std::abs(static_cast<double>(y[i]) - exact) <= 4 * eps * exact + 1.7e-38);
        CHECK(std::abs(static_cast<double>(z[i]) - std::tanh(static_cast<double>(x[i]))) <= 4 * eps);
      }
    }
  }
}

}  // namespace test_logistic
