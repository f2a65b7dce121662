// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cfenv>
#include <cmath>
#include <limits>
#include <lnn/core/random.hpp>
#include <lnn/quant/quantizer.hpp>
#include <lnn/tensor/tensor.hpp>
#include <vector>

namespace test_quantizer {

namespace {

using lnn::flat;
using lnn::rounding;
using lnn::tensor;

double round_as(double x, rounding mode) {
  switch (mode) {
    case rounding::floor: return std::floor(x);
    case rounding::half_up: return std::floor(x + 0.5);
    case rounding::half_even: return std::nearbyint(x);
    case rounding::half_away: return std::round(x);
    default: return std::ceil(x);
  }
}

/// quantization.md 3.2, forward and both gradients, in double.
template <class Q>
void compare(Q q, const tensor<float>& x) {
  const std::size_t n = x.size();
  tensor<float> y(x.dims()), dy(x.dims()), dx(x.dims());
  lnn::random draw(1);
  for (float& g : dy) g = draw.uniform(-1, 1);
  q.observe(x.flatten());
  const int e = q.exponent();
  q.forward(x.flatten(), y.flatten());
  q.backward(x.flatten(), dy.flatten(), dx.flatten());
  const double s = std::ldexp(1.0, e), low = -std::ldexp(1.0, Q::bits - 1), high = -low - 1;
  double learned = 0;
  bool clipped = false, passed = false;
  for (std::size_t i = 0; i < n; ++i) {
    const double v = static_cast<double>(x[i]), rounded = round_as(v * s, Q::mode);
    const double fq = std::min(std::max(rounded, low), high) / s;
    const bool within = rounded >= low && rounded <= high;
    (within ? passed : clipped) = true;
    CHECK(static_cast<double>(y[i]) == fq);
    CHECK(dx[i] == (within ? dy[i] : 0));
    learned += static_cast<double>(dy[i]) * (within ? -std::log(2.0) * (v - fq) : std::log(2.0) * fq);
  }
  CHECK(passed);
  CHECK(clipped);
  if constexpr (requires { q.range.learned; })
    CHECK(static_cast<double>(q.learned_gradient) == doctest::Approx(learned).epsilon(1e-5));
}

template <class Range>
Range range_of(float reach) {
  Range r;
  r.set(reach);
  return r;
}

}  // namespace

TEST_CASE("quantizer: forward, mask and learned gradient are those of the specification") {
  lnn::random draw(2);
  tensor<float> x({500});
  for (float& v : x) v = draw.uniform(-3, 3);
  for (std::size_t i = 0; i < 40; ++i) x[i] = (static_cast<float>(i) - 20) / 8 + 1.0F / 64;  // ties
  using lnn::quantizer;
  using lnn::tqt;
  compare(quantizer<8, rounding::half_up, tqt>{range_of<tqt>(2)}, x);
  compare(quantizer<4, rounding::half_up, tqt>{range_of<tqt>(2)}, x);
  compare(quantizer<8, rounding::half_even, tqt>{range_of<tqt>(1)}, x);
  compare(quantizer<4, rounding::floor, tqt>{range_of<tqt>(2)}, x);
  compare(quantizer<6, rounding::half_away, tqt>{range_of<tqt>(2)}, x);
  compare(quantizer<5, rounding::ceil, tqt>{range_of<tqt>(2)}, x);
  compare(quantizer<16, rounding::half_up, tqt>{range_of<tqt>(2)}, x);
  auto first = range_of<lnn::mom>(1);
  first.running = 1;
  compare(lnn::activation_quantizer<lnn::mom>{first}, x);
  compare(lnn::weight_quantizer<lnn::mom, 4>{first}, x);
}

TEST_CASE("quantizer: a value that rounds exactly onto a bound passes its gradient") {
  using lnn::passes;
  CHECK(passes(127.0F / 16, 4, 8, rounding::half_up));
  CHECK(passes(127.4F / 16, 4, 8, rounding::half_up));
  CHECK_FALSE(passes(127.5F / 16, 4, 8, rounding::half_up));
  CHECK(passes(-128.5F / 16, 4, 8, rounding::half_up));
  CHECK_FALSE(passes(-128.6F / 16, 4, 8, rounding::half_up));
  CHECK_FALSE(passes(127.5F, 0, 8, rounding::half_even));  // 128
  CHECK(passes(-128.5F, 0, 8, rounding::half_even));       // -128
  CHECK_FALSE(passes(std::numeric_limits<float>::quiet_NaN(), 0, 8, rounding::half_up));
}

TEST_CASE("quantizer: an exact power of two as maximum saturates to 127/128 of itself") {
  for (const float top : {0.5F, 1.0F, 2.0F}) {
    tensor<float> x({2}, {top, -top}), y({2});
    lnn::activation_quantizer<lnn::mom> q;
    q.observe(x.flatten());
    q.forward(x.flatten(), y.flatten());
    CHECK(y[0] == top * 127 / 128);
    CHECK(y[1] == -top);
  }
  CHECK(lnn::quantize(1.0F, 7, 8, rounding::half_up) == 127);
}

TEST_CASE("quantizer: saturation, infinities and what is not a number") {
  CHECK(lnn::quantize(1e30F, 0, 8, rounding::half_up) == 127);
  CHECK(lnn::quantize(-1e30F, 23, 8, rounding::half_even) == -128);
  CHECK(lnn::quantize(3e9F, 0, 32, rounding::half_even) == INT32_MAX);
  CHECK(lnn::quantize(-3e9F, 0, 32, rounding::half_even) == INT32_MIN);
  CHECK(lnn::quantize(std::numeric_limits<float>::infinity(), 4, 16, rounding::half_up) == 32767);
  CHECK(lnn::quantize(std::numeric_limits<float>::quiet_NaN(), 4, 8, rounding::half_up) == 0);
  CHECK(lnn::quantize(-2.5F, 0, 8, rounding::half_up) == -2);
  CHECK(lnn::quantize(2.5F, 0, 8, rounding::half_up) == 3);
  CHECK(lnn::quantize(2.5F, 0, 8, rounding::half_even) == 2);
}

TEST_CASE("quantizer: a layer in front of a relu ranges over positive values") {
  tensor<float> x({3}, {-100, 1.9F, 0.5F}), none({2}, {-1, -2});
  lnn::activation_quantizer<lnn::mom> q{.positive = true};
  q.observe(x.flatten());
  CHECK(q.range.running == 1.9F);
  CHECK(q.exponent() == 6);
  q.observe(none.flatten());
  CHECK(q.range.running == doctest::Approx(0.9F * 1.9F));
}

TEST_CASE("quantizer: a range at its limit learns nothing; no gradient wanted gives none") {
  tensor<float> x({2}, {300, -1}), dy({2}, {1, 1}), dx({2});
  lnn::activation_quantizer<lnn::tqt> q;
  q.range.learned = 9;  // exponent -2, cut off at 0
  CHECK(q.exponent() == 0);
  q.backward(x.flatten(), dy.flatten(), dx.flatten());
  CHECK(q.learned_gradient == 0);
  CHECK(dx[0] == 0);
  CHECK(dx[1] == 1);
  q.range.learned = 3;
  q.backward(x.flatten(), dy.flatten(), {});
  CHECK(q.learned_gradient != 0);
}

}  // namespace test_quantizer
