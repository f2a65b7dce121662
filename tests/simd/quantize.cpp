// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <lnn/core/random.hpp>
#include <lnn/quant/quantizer.hpp>
#include <lnn/simd/quantize.hpp>
#include <vector>

namespace test_quantize {

namespace {

using namespace lnn::simd;

std::vector<float> numbers(lnn::random& draw, std::size_t n, int exponent) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const float special[] = {0.0F,  -0.0F,  inf,    -inf,    std::nanf(""),
                           3e38F, -3e38F, 1e-40F, -1e-40F, 0.49999997F};
  std::vector<float> v(n);
  for (float& x : v) {
    const float unit = lnn::power_of_two(-exponent);
    switch (draw.below(5)) {
      case 0: x = special[draw.below(10)]; break;
      case 3: x = std::nextafter(std::ldexp(1.0F, 31), draw.below(2) == 0 ? 0.0F : 3e38F) * unit * (draw.below(2) == 0 ? 1.0F : -1.0F); break;
      case 4: x = std::ldexp(1.0F, 31) * unit * (draw.below(2) == 0 ? 1.0F : -1.0F); break;
      case 1: x = (static_cast<float>(draw.below(600)) - 300.0F + 0.5F) * unit; break;
      case 2:
        x = std::nextafter((static_cast<float>(draw.below(70000)) - 35000.0F + 0.5F) * unit, 0.0F);
        break;
      default: x = draw.uniform(-200.0F, 200.0F) * unit;
    }
  }
  return v;
}

template <class To>
void compare(lnn::random& draw, std::size_t n, int exponent) {
  CAPTURE(n);
  CAPTURE(exponent);
  const auto x = numbers(draw, n, exponent);
  constexpr int low = std::numeric_limits<To>::min(), high = std::numeric_limits<To>::max();
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    std::vector<To> up(n + 1, 99), even(n + 1, 99), tight(n);
    quantize_half_up(path, n, x.data(), exponent, up.data());
    quantize_half_even(path, n, x.data(), exponent, even.data());
    quantize_half_even(path, n, x.data(), exponent, tight.data(), -8, 7);
    CHECK((up[n] == 99 && even[n] == 99));
    for (std::size_t i = 0; i < n; ++i) {
      CAPTURE(x[i]);
      const float scaled = x[i] * lnn::power_of_two(exponent);
      const auto wanted = [&](lnn::rounding mode, int least, int most) {
        return lnn::to_integer(lnn::round_real(scaled, mode), least, most);
      };
      REQUIRE(up[i] == wanted(lnn::rounding::half_up, low, high));
      REQUIRE(even[i] == wanted(lnn::rounding::half_even, low, high));
      REQUIRE(tight[i] == wanted(lnn::rounding::half_even, -8, 7));
    }
  }
}

}  // namespace

TEST_CASE("quantize: the same integers as the readable rounding") {
  lnn::random draw(6);
  for (int exponent : {-20, -3, 0, 1, 7, 12, 30})
    for (std::size_t n : {0U, 1U, 31U, 32U, 33U, 100U, 1000U}) {
      compare<std::int8_t>(draw, n, exponent);
      compare<std::int16_t>(draw, n, exponent);
    }
}

TEST_CASE("dequantize and masked") {
  lnn::random draw(9);
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    for (std::size_t n : {0U, 1U, 31U, 32U, 33U, 300U}) {
      std::vector<std::int8_t> x(n);
      std::vector<std::uint8_t> mask(n);
      for (auto& v : x) v = static_cast<std::int8_t>(draw.below(256));
      for (auto& v : mask) v = draw.below(2) == 1;
      std::vector<float> y(n), z(n);
      dequantize(path, n, x.data(), 5, y.data());
      masked(path, n, mask.data(), y.data(), z.data());
      for (std::size_t i = 0; i < n; ++i) {
        CHECK(y[i] == static_cast<float>(x[i]) / 32.0F);
        CHECK(z[i] == (mask[i] ? y[i] : 0.0F));
      }
      masked(path, n, mask.data(), y.data(), y.data());
      CHECK(y == z);
    }
  }
}

TEST_CASE("watch_quantized and straight_through: the masks of the readable quantizers") {
  lnn::random draw(11);
  for (int exponent : {-20, -3, 0, 1, 7, 12, 30})
    for (std::size_t n : {0U, 1U, 15U, 16U, 17U, 100U, 1000U}) {
      const auto x = numbers(draw, n, exponent);
      CAPTURE(exponent);
      for (isa path : all_isas) {
        if (!supported(path)) continue;
        CAPTURE(name_of(path));
        std::vector<std::uint8_t> pass(n + 1, 9);
        float low = 5, high = 6, low_alone = 5, high_alone = 6, wanted_low = 5, wanted_high = 6;
        watch_quantized(path, n, x.data(), exponent, -100, 127, pass.data(), low, high);
        watch_quantized(path, n, x.data(), exponent, -100, 127, nullptr, low_alone, high_alone);
        CHECK(pass[n] == 9);
        for (std::size_t i = 0; i < n; ++i) {
          CAPTURE(x[i]);
          const float rounded = lnn::round_real(x[i] * lnn::power_of_two(exponent), lnn::rounding::half_up);
          REQUIRE(pass[i] == (rounded >= -100 && rounded <= 127));
          wanted_low = std::min(wanted_low, x[i]);
          wanted_high = std::max(wanted_high, x[i]);
        }
        CHECK((low == wanted_low && high == wanted_high && low_alone == low && high_alone == high));
        for (int bits : {4, 8, 16, 32}) {
          CAPTURE(bits);
          std::vector<float> g(n + 1, 3.0F);
          straight_through(path, n, x.data(), exponent, bits, g.data());
          CHECK(g[n] == 3.0F);
          for (std::size_t i = 0; i < n; ++i) {
            CAPTURE(x[i]);
            REQUIRE(g[i] == (lnn::passes(x[i], exponent, bits, lnn::rounding::half_even) ? 3.0F : 0.0F));
          }
        }
      }
    }
}

}  // namespace test_quantize
