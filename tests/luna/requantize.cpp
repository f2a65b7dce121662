// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/luna/requantize.hpp>
#include <vector>

#include "../wide.hpp"

namespace test_requantize {

using lnn::accumulator;
using lnn::luna::requantizer;

namespace {

const std::int64_t edges[] = {0,
                              1,
                              -1,
                              INT32_MAX,
                              INT32_MIN,
                              INT32_MAX + 1LL,
                              INT32_MIN - 1LL,
                              1LL << 40,
                              -(1LL << 40),
                              3000000000LL,
                              -3000000000LL,
                              12345,
                              -12345};

wide::number join(accumulator rule, std::int64_t sum, std::int64_t bias) {
  switch (rule) {
    case accumulator::clamp_with_bias: return wide::clamp(wide::number{sum} + bias, 32);
    case accumulator::clamp_before_bias: return wide::clamp(sum, 32) + bias;
    case accumulator::exact: break;
  }
  return wide::number{sum} + bias;
}

template <class T>
void check_all(lnn::dtype type, int bits) {
  for (const accumulator rule :
       {accumulator::clamp_with_bias, accumulator::clamp_before_bias, accumulator::exact})
    for (const bool relu : {false, true})
      for (const int shift : {-20, -3, 0, 1, 5, 14, 31, 40})
        for (const std::int64_t sum : edges)
          for (const std::int64_t bias :
               {std::int64_t{0}, std::int64_t{INT32_MAX}, std::int64_t{INT32_MIN}, std::int64_t{-7}}) {
            T out = 0;
            const requantizer to{.out = {&out, type, {1}, 0}, .shift = shift, .relu = relu, .rule = rule};
            to.row(0, &sum, 1, bias);
            const wide::number acc = join(rule, sum, bias);
            const wide::number expected = relu && acc < 0 ? 0 : wide::clamp(wide::half_up(acc, shift), bits);
            CAPTURE(sum);
            CAPTURE(bias);
            CAPTURE(shift);
            REQUIRE(out == expected);
          }
}

}  // namespace

TEST_CASE("accumulator, bias, shift, clamp: every rule, every width") {
  check_all<std::int8_t>(lnn::dtype::int8, 8);
  check_all<std::int16_t>(lnn::dtype::int16, 16);
  check_all<std::int32_t>(lnn::dtype::int32, 32);
}

// luna_ops.md 2.1, PRELU
TEST_CASE("a slope shifts negative accumulators further, after the clamp to 32 bits") {
  std::int8_t y[5]{};
  std::uint8_t pass[5]{};
  float exact[5]{};
  lnn::tap watch{.pass = pass, .exact = exact, .open = {-128, 127}};
  const std::int64_t acc[] = {40, -40, -41, 8191, -(1LL << 40)};
  requantizer{.out = {y, lnn::dtype::int8, {5}, 0}, .shift = 3, .slope = 2, .watch = &watch}.row(0, acc, 5, 0);
  CHECK(std::vector<int>(y, y + 5) == std::vector<int>{5, -1, -1, 127, -128});
  CHECK(std::vector<int>(pass, pass + 5) == std::vector<int>{1, 1, 1, 0, 0});
  CHECK(exact[0] == 5);
  CHECK(exact[1] == -1.25F);
  CHECK(exact[4] == -67108864.0F);
}

TEST_CASE("a row is written where it belongs") {
  std::vector<std::int8_t> y(8, 99);
  const std::int32_t acc[] = {16, -16, 4000};
  requantizer{.out = {y.data(), lnn::dtype::int8, {8}, 0}, .shift = 4}.row(2, acc, 3, 8);
  CHECK(y == std::vector<std::int8_t>{99, 99, 2, 0, 127, 99, 99, 99});
}

TEST_CASE("what training watches: exact values, extremes, and where the gradient passes") {
  std::int8_t y[3]{};
  std::uint8_t pass[3]{};
  float exact[3]{};
  lnn::tap watch{.pass = pass, .exact = exact, .open = {-128, 127}};
  const std::int32_t acc[] = {100, -5000, 2032};  // at exponent 7; the output counts in 2^-3
  requantizer{.out = {y, lnn::dtype::int8, {3}, 3}, .shift = 4, .rule = accumulator::exact, .watch = &watch}
      .row(0, acc, 3, 4);
  CHECK(y[0] == 7);
  CHECK(y[1] == -128);
  CHECK(y[2] == 127);
  CHECK(exact[0] == 104.0F / 128);
  CHECK(exact[1] == -4996.0F / 128);
  CHECK(pass[0] == 1);
  CHECK(pass[1] == 0);
  CHECK(pass[2] == 1);  // 2036 / 16 = 127.25 rounds to 127
  CHECK(watch.lowest == -4996.0F / 128);
  CHECK(watch.highest == 2036.0F / 128);
}

}  // namespace test_requantize
