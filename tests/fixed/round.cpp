// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/fixed/round.hpp>
#include <vector>

#include "../wide.hpp"

namespace test_round {

using lnn::rounding;

namespace {

constexpr rounding modes[] = {rounding::floor, rounding::half_up, rounding::half_even, rounding::half_away,
                              rounding::ceil};

/// x / 2^s in any mode, from the definitions.
wide::number define(wide::number x, int s, rounding mode) {
  const wide::number unit = wide::power(s), down = wide::floor_div(x, unit), twice = 2 * (x - down * unit);
  switch (mode) {
    case rounding::floor: return down;
    case rounding::half_up: return twice >= unit ? down + 1 : down;
    case rounding::ceil: return twice > 0 ? down + 1 : down;
    case rounding::half_even: return twice > unit || (twice == unit && down % 2 != 0) ? down + 1 : down;
    case rounding::half_away: return twice > unit || (twice == unit && x > 0) ? down + 1 : down;
  }
  return 0;
}

std::vector<std::int64_t> interesting() {
  std::vector<std::int64_t> v{0, INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1};
  for (int i = 1; i <= 64; ++i) v.insert(v.end(), {i, -i});
  for (int bit = 0; bit < 63; ++bit)
    for (std::int64_t near : {-1, 0, 1})
      for (std::int64_t times : {1, 3})
        if (bit < 61 || times == 1) {
          const std::int64_t x = times * (std::int64_t{1} << bit) + near;
          v.insert(v.end(), {x, -x});
        }
  lnn::random draw(7);
  for (int i = 0; i < 400; ++i) {
    const auto bits = (static_cast<std::uint64_t>(draw.next()) << 32 | draw.next()) >> draw.below(63);
    v.push_back(static_cast<std::int64_t>(bits));
    v.push_back(-static_cast<std::int64_t>(bits >> 1));
  }
  return v;
}

}  // namespace

TEST_CASE("shifting right equals the definition of every mode, for shifts of 0 to 70") {
  for (const std::int64_t x : interesting())
    for (int s = 0; s <= 70; ++s) {
      if (s <= 63) REQUIRE(lnn::shift_floor(x, s) == wide::floor_div(x, wide::power(s)));
      REQUIRE(lnn::shift_half_up(x, s) == wide::half_up(x, s));
      for (const rounding mode : modes) {
        CAPTURE(x);
        CAPTURE(s);
        CAPTURE(static_cast<int>(mode));
        REQUIRE(lnn::shift_right(x, s, mode) == define(x, s, mode));
      }
    }
}

TEST_CASE("shifting left clamps at 64 bits") {
  for (const std::int64_t x : interesting())
    for (int k = 0; k <= 60; ++k) {
      CAPTURE(x);
      CAPTURE(k);
      REQUIRE(lnn::shift_left(x, k) == wide::clamp(x * wide::power(k), 64));
    }
  CHECK(lnn::shift_left(-1, 63) == INT64_MIN);
  CHECK(lnn::shift_left(1, 200) == INT64_MAX);
  CHECK(lnn::shift_left(0, 200) == 0);
}

TEST_CASE("ties of the chips go up: -5 >> 1 is -2, 5 >> 1 is 3, -6 >> 2 is -1, 6 >> 2 is 2") {
  static_assert(lnn::shift_half_up(-5, 1) == -2 && lnn::shift_half_up(5, 1) == 3);
  static_assert(lnn::shift_half_up(-6, 2) == -1 && lnn::shift_half_up(6, 2) == 2);
  static_assert(lnn::rescale(5, 1, 0) == 3 && lnn::rescale(5, 0, 3) == 40 && lnn::rescale(-7, 4, 4) == -7);
}

TEST_CASE("real numbers are rounded as integers are") {
  for (std::int64_t n = -4096; n <= 4096; ++n)
    for (int s = 0; s <= 6; ++s)
      for (const rounding mode : modes) {
        const double unit = static_cast<double>(1 << s);
        CAPTURE(n);
        CAPTURE(s);
        REQUIRE(lnn::round_real(static_cast<double>(n) / unit, mode) ==
                static_cast<double>(define(n, s, mode)));
        REQUIRE(lnn::round_real(static_cast<float>(n) / static_cast<float>(unit), mode) ==
                static_cast<float>(define(n, s, mode)));
      }
}

TEST_CASE("floor of a real number agrees with the C library") {
  lnn::random draw(3);
  for (int i = 0; i < 200000; ++i) {
    const std::uint32_t bits = draw.next();
    const float x = std::bit_cast<float>(bits);
    if (!std::isfinite(x)) continue;
    REQUIRE(lnn::floor_real(x) == std::floor(x));
    const double y = std::bit_cast<double>(static_cast<std::uint64_t>(bits) << 32 | draw.next());
    if (std::isfinite(y)) REQUIRE(lnn::floor_real(y) == std::floor(y));
  }
  for (const float x : {0.0F, 0.5F, -0.5F, 8388607.5F, -8388607.5F, 8388608.0F, 1e30F, -1e30F})
    CHECK(lnn::floor_real(x) == std::floor(x));
}

TEST_CASE("rounding to nearest agrees with the C library beyond the half grid") {
  lnn::random draw(5);
  for (int i = 0; i < 100000; ++i) {
    const auto x = static_cast<double>(draw.uniform(-100000.0F, 100000.0F));
    REQUIRE(lnn::round_real(x, rounding::half_even) == std::nearbyint(x));
    REQUIRE(lnn::round_real(x, rounding::half_away) == std::round(x));
    REQUIRE(lnn::round_real(x, rounding::ceil) == std::ceil(x));
    REQUIRE(lnn::round_real(x, rounding::half_up) == std::floor(x + 0.5));
  }
}

TEST_CASE("powers of two") {
  for (int e = -126; e <= 127; ++e) REQUIRE(lnn::power_of_two(e) == std::ldexp(1.0F, e));
}

TEST_CASE("a float becomes an integer of its range, whatever it is") {
  CHECK(lnn::to_integer(1e30, -128, 127) == 127);
  CHECK(lnn::to_integer(-1e30, -128, 127) == -128);
  CHECK(lnn::to_integer(INFINITY, -128, 127) == 127);
  CHECK(lnn::to_integer(-INFINITY, -128, 127) == -128);
  CHECK(lnn::to_integer(NAN, -128, 127) == 0);
  CHECK(lnn::to_integer(-3.0, -128, 127) == -3);
  CHECK(lnn::to_integer(2147483647.0, INT32_MIN, INT32_MAX) == INT32_MAX);
}

TEST_CASE("the chips' Quant rounds once to float before the floor") {
  CHECK(lnn::chip_quant(0.0625F, 3) == 1.0F);    // 0.5 goes up
  CHECK(lnn::chip_quant(-0.0625F, 3) == 0.0F);   // -0.5 goes up
  CHECK(lnn::chip_quant(-0.1875F, 3) == -1.0F);  // -1.5 goes up
  // 0.49999997 + 0.5 is below 1 in double, but 1 as a float
  CHECK(lnn::chip_quant(0.49999997F, 0) == 1.0F);
  lnn::random draw(9);
  for (int i = 0; i < 100000; ++i) {
    const float x = draw.uniform(-64.0F, 64.0F);
    const float sum = static_cast<float>(static_cast<double>(x * 32.0F) + 0.5);
    REQUIRE(lnn::chip_quant(x, 5) == std::floor(sum));
  }
}

TEST_CASE("the float requantization of 16-bit convolution is a floor") {
  for (int s = 0; s <= 12; ++s)
    for (std::int32_t acc = -70000; acc <= 70000; acc += 37)  // exact in float
      REQUIRE(lnn::chip_float_requant(acc, s) == static_cast<float>(wide::floor_div(acc, wide::power(s))));
}

}  // namespace test_round
