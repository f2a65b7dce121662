// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/fixed/saturate.hpp>
#include <lnn/simd/requantize.hpp>
#include <vector>

namespace test_requantize {

namespace {

using namespace lnn::simd;

/// Extremes, ties and plain numbers.
std::int32_t number(lnn::random& draw, int shift) {
  const auto bits = draw.next();
  switch (draw.below(6)) {
    case 0: return static_cast<std::int32_t>(bits);
    case 1: return static_cast<std::int32_t>(bits) >> draw.below(31);
    case 2:
      return bits % 2 ? INT32_MAX - static_cast<int>(draw.below(3))
                      : INT32_MIN + static_cast<int>(draw.below(3));
    case 3: return 0;
    default: {  // half a unit, and its neighbours
      const std::int64_t half = shift > 0 ? std::int64_t{1} << (std::min(shift, 40) - 1) : 0;
      const std::int64_t v =
          (static_cast<std::int64_t>(draw.below(600)) - 300) * 2 * half + half + draw.below(3) - 1;
      return lnn::saturate<std::int32_t>(v);
    }
  }
}

template <class Out>
void compare(lnn::random& draw, std::size_t n, int shift, bool relu, bool narrow, bool each) {
  CAPTURE(n);
  CAPTURE(shift);
  CAPTURE(relu);
  CAPTURE(narrow);
  auto how = requantization::to<Out>(shift, relu);
  if (narrow) how.low = -8, how.high = 7;
  std::vector<std::int32_t> acc(n), bias(n, number(draw, shift));
  for (auto& x : acc) x = number(draw, shift);
  if (each)
    for (auto& x : bias) x = number(draw, shift);
  std::vector<Out> wanted;
  std::vector<std::uint8_t> pass_wanted;
  accumulator_range range_wanted;
  for (std::size_t i = 0; i < n; ++i) {
    const auto t = lnn::saturate<std::int32_t>(std::int64_t{acc[i]} + bias[i]);
    range_wanted.low = std::min(range_wanted.low, t);
    range_wanted.high = std::max(range_wanted.high, t);
    const std::int64_t r = lnn::shift_half_up(relu && t < 0 ? 0 : t, shift);
    wanted.push_back(static_cast<Out>(r < how.low ? how.low : r > how.high ? how.high : r));
    pass_wanted.push_back(r >= how.low && r <= how.high && (!relu || t >= 0));
  }
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    for (int form = 0; form < 4; ++form) {
      std::vector<Out> y(n + 1, 99);
      std::vector<std::uint8_t> pass(n + 1, 99);
      accumulator_range seen;
      std::uint8_t* const p = form % 2 ? pass.data() : nullptr;
      accumulator_range* const s = form / 2 ? &seen : nullptr;
      if (each)
        requantize(path, n, acc.data(), bias.data(), how, y.data(), p, s);
      else
        requantize(path, n, acc.data(), bias[0], how, y.data(), p, s);
      CHECK(y[n] == 99);
      CHECK(pass[n] == 99);
      y.pop_back();
      pass.pop_back();
      CHECK(y == wanted);
      if (p) CHECK(pass == pass_wanted);
      if (s) CHECK((seen.low == range_wanted.low && seen.high == range_wanted.high));
    }
  }
}

}  // namespace

TEST_CASE("requantize: ties, extremes and every shift, as the chips' arithmetic has it") {
  lnn::random draw(5);
  for (int shift = 0; shift <= 63; ++shift)
    for (bool relu : {false, true})
      for (std::size_t n : {1U, 10U, 31U, 32U, 33U, 49U, 64U, 196U}) {
        compare<std::int8_t>(draw, n, shift, relu, n == 33, n % 2 == 0);
        compare<std::int16_t>(draw, n, shift, relu, false, n % 2 == 1);
        compare<std::int32_t>(draw, n, shift, relu, false, n % 2 == 0);
      }
}

TEST_CASE("requantize: halves go up") {
  const std::int32_t acc[] = {-5, 5, -6, 6, -2, 2};
  std::int8_t y[6];
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    requantize(path, 2, acc, 0, {.shift = 1}, y);
    CHECK((y[0] == -2 && y[1] == 3));
    requantize(path, 6, acc, 0, {.shift = 2}, y);
    CHECK((y[2] == -1 && y[3] == 2 && y[4] == 0 && y[5] == 1));
  }
}

}  // namespace test_requantize
