// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>
#include <lnn/quant/range.hpp>

namespace test_range {

using lnn::exponent_for;
using lnn::log2_single;
using lnn::mom;
using lnn::tqt;

TEST_CASE("range: exponents are the nearest power of two, ties to even, 0 to 23") {
  CHECK(exponent_for(log2_single(1.0F), 8) == 7);
  CHECK(exponent_for(log2_single(0.5F), 8) == 8);
  CHECK(exponent_for(log2_single(8.0F), 8) == 4);
  CHECK(exponent_for(log2_single(1.0F), 4) == 3);
  CHECK(exponent_for(log2_single(1.0F), 16) == 15);
  CHECK(exponent_for(log2_single(1.40F), 8) == 7);
  CHECK(exponent_for(log2_single(1.42F), 8) == 6);
  // single precision decides: 7 - log2(1.4142135) is exactly 6.5 there, and 6 is even
  CHECK(7.0F - log2_single(1.4142135F) == 6.5F);
  CHECK(exponent_for(log2_single(1.4142135F), 8) == 6);
  CHECK(exponent_for(log2_single(0.70710677F), 8) == 8);  // 7.5 -> 8
  CHECK(exponent_for(log2_single(1e-6F), 8) == 23);
  CHECK(exponent_for(log2_single(1e30F), 8) == 0);
  CHECK(exponent_for(log2_single(128.0F), 8) == 0);
  CHECK(exponent_for(log2_single(1e6F), 8) == 0);
  CHECK(exponent_for(std::numeric_limits<float>::quiet_NaN(), 8) == 0);
  CHECK(exponent_for(std::numeric_limits<float>::infinity(), 8) == 0);
  CHECK(exponent_for(-std::numeric_limits<float>::infinity(), 8) == 23);
}

TEST_CASE("range: the moving maximum") {
  mom m;
  CHECK(m.log2_reach() == 0);  // nothing seen: 1
  m.observe(4);
  CHECK(m.running == 4);
  float expected = 4;
  for (const float x : {2.0F, 8.0F, 0.0F, 1.0F, 100.0F}) {
    m.observe(x);
    expected = 0.9F * expected + 0.1F * std::max(x, 1e-6F);
    CHECK(m.running == expected);
  }
  CHECK(m.log2_reach() == log2_single(expected));
  mom zero;
  zero.observe(0);
  CHECK(zero.running == 1e-6F);
  CHECK(exponent_for(zero.log2_reach(), 8) == 23);
  zero.observe(-3);
  CHECK(zero.running == doctest::Approx(1e-6F));
  zero.set(5);
  CHECK(zero.running == 5);
  zero.observe(6);
  CHECK(zero.running == 0.9F * 5 + 0.1F * 6);
}

TEST_CASE("range: learned") {
  tqt t;
  CHECK(t.learned == 2.1F);
  t.observe(1000);
  CHECK(t.learned == 2.1F);
  t.set(8);
  CHECK(t.log2_reach() == 3);
  CHECK(t.learns(8));
  constexpr float ln2 = 0.693147180559945309F;
  CHECK(tqt::slope(1.3F, 1.25F, true) == -ln2 * (1.3F - 1.25F));
  CHECK(tqt::slope(9.0F, 7.9375F, false) == ln2 * 7.9375F);
  CHECK(tqt::slope(-9.0F, -8.0F, false) == ln2 * -8.0F);
  t.learned = -16.4F;  // exponent 23.4 -> 23: not cut off
  CHECK(t.learns(8));
  t.learned = -16.6F;
  CHECK_FALSE(t.learns(8));
  t.learned = 7.4F;
  CHECK(t.learns(8));
  t.learned = 7.6F;
  CHECK_FALSE(t.learns(8));
  CHECK(t.learns(16));
}

}  // namespace test_range
