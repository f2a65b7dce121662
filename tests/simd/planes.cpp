// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <lnn/core/random.hpp>
#include <lnn/simd/planes.hpp>
#include <vector>

namespace test_planes {

namespace {

using namespace lnn;

template <class T>
std::vector<T> noise(std::size_t n, std::uint64_t seed) {
  lnn::random draw(seed);
  std::vector<T> x(n);
  for (T& v : x) v = static_cast<T>(draw.uniform(-1, 1));
  return x;
}

/// One channel of a batch, between elements of others that must stay as they are.
struct channel {
  planes p;
  std::size_t first, size;

  channel(std::size_t samples, std::size_t plane) : p{samples, 3 * plane + 5, plane}, first(plane + 2), size(samples * p.stride + 1) {}

  /// visit(index) for the elements of the channel.
  template <class Visit>
  void each(const Visit& visit) const {
    for (std::size_t n = 0; n < p.samples; ++n)
      for (std::size_t i = 0; i < p.plane; ++i) visit(first + n * p.stride + i);
  }
};

template <class T>
void check(simd::isa path, std::size_t samples, std::size_t plane) {
  CAPTURE(simd::name_of(path));
  CAPTURE(plane);
  const channel c(samples, plane);
  const auto x = noise<T>(c.size, 1), y = noise<T>(c.size, 2), gy = noise<T>(c.size, 3), before = noise<T>(c.size, 4);
  const value_bounds<T> keep{T(-0.25), T(0.5)};
  const auto a = T(1.5), b = T(-0.75), d = T(0.125);
  const double near = std::is_same_v<T, float> ? 1e-6 : 1e-13;
  const auto close = [&](double got, double wanted, double scale) { return std::abs(got - wanted) <= near * scale; };

  double sum = 0, squares = 0, gated = 0, product = 0;
  auto affine = before, fresh = before, added = before;
  c.each([&](std::size_t i) {
    const double v = static_cast<double>(x[i]), g = y[i] > keep.low && y[i] < keep.high ? static_cast<double>(gy[i]) : 0.0;
    sum += v;
    squares += v * v;
    gated += g;
    product += g * v;
    affine[i] = std::clamp(a * x[i] + b, keep.low, keep.high);
    fresh[i] = static_cast<T>(static_cast<double>(a) * g + (static_cast<double>(b) * v + static_cast<double>(d)));
    added[i] += fresh[i];
  });
  const auto count = static_cast<double>(samples * plane);
  const simd::moments m = simd::plane_moments(path, c.p, x.data() + c.first);
  CHECK(close(m.sum, sum, count));
  CHECK(close(m.squares, squares, count));
  const simd::moments s = simd::gated_sums(path, c.p, keep, y.data() + c.first, gy.data() + c.first, x.data() + c.first);
  CHECK(close(s.sum, gated, count));
  CHECK(close(s.squares, product, count));

  const auto same = [&](const std::vector<T>& got, const std::vector<T>& wanted) {
    for (std::size_t i = 0; i < got.size(); ++i)
      if (!close(static_cast<double>(got[i]), static_cast<double>(wanted[i]), 4)) return false;
    return true;
  };
  auto out = before;
  simd::clipped_affine(path, c.p, a, b, keep, x.data() + c.first, out.data() + c.first);
  CHECK(same(out, affine));
  auto in_place = before;
  c.each([&](std::size_t i) { in_place[i] = x[i]; });
  simd::clipped_affine(path, c.p, a, b, keep, in_place.data() + c.first, in_place.data() + c.first);
  CHECK(in_place == out);
  for (const bool is_fresh : {true, false}) {
    auto gx = before;
    simd::gated_combination(path, c.p, keep, y.data() + c.first, a, gy.data() + c.first, b, x.data() + c.first, d, is_fresh, gx.data() + c.first);
    CHECK(same(gx, is_fresh ? fresh : added));
  }
}

}  // namespace

TEST_CASE("planes: sums, clamped lines and gradients of a channel, with every end, touch no other") {
  for (const simd::isa path : simd::all_isas) {
    if (!simd::supported(path)) continue;
    for (std::size_t plane = 1; plane <= 70; ++plane) {
      check<float>(path, 3, plane);
      check<double>(path, 2, plane);
    }
    for (const std::size_t plane : {255U, 257U, 272U, 1029U}) check<float>(path, 9, plane);
  }
}

}  // namespace test_planes
