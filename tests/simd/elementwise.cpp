// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/simd/elementwise.hpp>
#include <vector>

namespace test_elementwise {

namespace {

using namespace lnn::simd;

template <class T>
void check(lnn::random& draw, isa path, std::size_t n, double unit) {
  CAPTURE(name_of(path));
  CAPTURE(n);
  const auto numbers = [&] {
    std::vector<T> v(n);
    for (T& e : v) e = draw.uniform(-2.0F, 2.0F);
    return v;
  };
  const auto near = [&](double got, double wanted) {
    return std::abs(got - wanted) <= 8 * unit * (1 + std::abs(wanted));
  };
  const auto x = numbers(), before = numbers(), g = numbers();
  auto axpy_y = before, scaled = before, shifted = x, rectified = x, back = g, v = before, p = x;
  axpy(path, n, 0.75F, x.data(), axpy_y.data());
  scale_add(path, n, 0.75F, x.data(), -1.5F, scaled.data());
  affine(path, n, 3, shifted.data(), 0.5F, shifted.data());
  relu(path, n, rectified.data(), rectified.data());
  relu_backward(path, n, x.data(), back.data(), back.data());
  sgd(path, n, 0.1F, 0.9F, 0.01F, false, g.data(), v.data(), p.data());
  auto v_ahead = before, p_ahead = x;
  sgd(path, n, 0.1F, 0.9F, 0.01F, true, g.data(), v_ahead.data(), p_ahead.data());
  auto first = before, second = rectified, weight = x;
  const adam_constants c{.rate = 0.01, .decay = 0.1, .correction1 = 0.1, .correction2 = 0.001};
  adam(path, n, c, g.data(), first.data(), second.data(), weight.data());

  double sum = 0, squares = 0, most = -5, most_abs = 0;
  bool right = true;
  for (std::size_t i = 0; i < n; ++i) {
    const double xi = x[i], gi = g[i], yi = before[i];
    right = right && near(axpy_y[i], yi + 0.75 * xi) && near(scaled[i], 0.75 * xi - 1.5 * yi);
    right = right && near(shifted[i], 3 * xi + 0.5) && rectified[i] == (x[i] > 0 ? x[i] : T{});
    right = right && back[i] == (x[i] > 0 ? g[i] : T{});
    const double velocity = T(0.9F) * yi + (gi + T(0.01F) * xi);
    right = right && near(v[i], velocity) && near(p[i], xi - T(0.1F) * velocity);
    right = right && v_ahead[i] == v[i] && near(p_ahead[i], xi - T(0.1F) * (gi + T(0.01F) * xi + T(0.9F) * velocity));
    const double m = 0.9 * yi + 0.1 * gi, s = 0.999 * rectified[i] + 0.001 * gi * gi;
    right = right && near(first[i], m) && near(second[i], s);
    const double updated = xi - 0.01 * ((m / 0.1) / (std::sqrt(s / 0.001) + 1e-8) + 0.1 * xi);
    right = right && std::abs(weight[i] - updated) <= 64 * unit * (1 + std::abs(updated));
    sum += xi;
    squares += xi * xi;
    most = std::max(most, xi);
    most_abs = std::max(most_abs, std::abs(xi));
  }
  CHECK(right);
  const moments total = sum_moments(path, n, x.data()), plain = sum_moments(isa::portable, n, x.data());
  const double rounding = static_cast<double>(n + 1) * 0x1p-53;
  CHECK(std::abs(total.sum - sum) <= rounding * 2 * static_cast<double>(n));
  CHECK(std::abs(total.squares - squares) <= rounding * squares);
  if (sizeof(T) == 4) CHECK((total.sum == plain.sum && total.squares == plain.squares));
  CHECK(max_of(path, n, x.data(), -5) == most);
  CHECK(max_abs(path, n, x.data()) == most_abs);
}

}  // namespace

TEST_CASE("elementwise: every helper equals its formula") {
  lnn::random draw(12);
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    for (std::size_t n : {0U, 1U, 7U, 15U, 16U, 17U, 49U, 196U, 1000U}) {
      check<float>(draw, path, n, 0x1p-24);
      check<double>(draw, path, n, 0x1p-50);
    }
  }
}

}  // namespace test_elementwise
