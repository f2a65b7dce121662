// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "textbook.hpp"

namespace test_div {

using namespace textbook;

namespace {

/// Three numbers against a divisor, all of int32 at the same exponent as the result.
std::vector<std::int64_t> quotients(std::vector<std::int64_t> a, std::int64_t b, const lnn::chip& on) {
  const int n = static_cast<int>(a.size());
  integer_tensor x(dtype::int32, {n}, 0), by(dtype::int32, {n}, 0);
  for (std::size_t i = 0; i < a.size(); ++i) set(x, i, a[i]), set(by, i, b);
  const auto y = run(lnn::div{}, {x, by}, {n}, dtype::int32, 0, on);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = get(y, i);
  return a;
}

}  // namespace

TEST_CASE("div: the nearest quotient on the output's grid, ties either way") {
  lnn::random draw(2801);
  const shape pairs[][2] = {
      {{3, 33}, {3, 33}}, {{1, 8, 5, 5}, {1, 8, 1, 1}}, {{2, 3, 4}, {4}}, {{4, 1}, {1, 5}}};
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int i = 0; i < 200; ++i) {
    const auto& [left, right] = pairs[i % 4];
    const int q_a = pick(draw, 0, 8), q_b = pick(draw, 0, 8), s = pick(draw, 0, 16), q_o = s + q_a - q_b;
    const auto a = noise(draw, types[pick(draw, 0, 2)], left, q_a);
    auto b = noise(draw, types[pick(draw, 0, 2)], right, q_b);
    for (std::size_t k = 0; k < b.size(); ++k)
      if (get(b, k) == 0) set(b, k, 1);
    const dtype type = types[pick(draw, 0, 2)];
    const shape dims = result(lnn::div{}, {left, right});
    const auto y = run(lnn::div{}, {a, b}, dims, type, q_o, *lnn::chips[i % 3]);
    const auto range = lnn::integer_range::of(bits(type));
    for (std::size_t k = 0; k < y.size(); ++k) {
      const double exact = std::ldexp(static_cast<double>(get(a, meets(left, dims, k))) /
                                          static_cast<double>(get(b, meets(right, dims, k))), s);
      // the reciprocal has 30 bits
      const double near = 0.501 + std::abs(exact) * 0x1p-29;
      const auto within = [&](double v) {
        return std::max(static_cast<double>(range.low), std::min(v, static_cast<double>(range.high)));
      };
      const double least = within(std::ceil(exact - near)), most = within(std::floor(exact + near));
      REQUIRE(static_cast<double>(get(y, k)) >= least);
      REQUIRE(static_cast<double>(get(y, k)) <= most);
    }
  }
}

TEST_CASE("div: below the quotient's own grid the whole quotient is shifted") {
  integer_tensor a(dtype::int32, {2}, 4), b(dtype::int32, {2}, 0);
  set(a, 0, 100), set(a, 1, -100), set(b, 0, 3), set(b, 1, 3);
  const auto y = run(lnn::div{}, {a, b}, {2}, dtype::int8, 2);
  CHECK(get(y, 0) == 8);   // 33 / 4 = 8.25
  CHECK(get(y, 1) == -8);  // -33 / 4 = -8.25
}

TEST_CASE("div: by zero as every chip answers it") {
  using list = std::vector<std::int64_t>;
  for (const lnn::chip* on : {&lnn::venus, &lnn::arcs})
    CHECK(quotients({5, -5, 0}, 0, *on) == list{INT32_MIN, INT32_MIN, INT32_MIN});
  CHECK(quotients({5, -5, 0}, 0, lnn::venusA) == list{INT32_MIN, INT32_MAX, 0});
}

TEST_CASE("div: a scalar divides by the greatest power of two up to it") {
  lnn::random draw(2802);
  const auto x = noise(draw, dtype::int32, {3, 700}, 6);
  for (const int divisor : {1, 2, 3, 8, 100})
    for (const int q_o : {2, 6, 9}) {
      integer_tensor by(dtype::int8, {}, 1);
      set(by, 0, divisor);
      integer_tensor real(dtype::float32, {}, 0);
      *real.as<float>() = static_cast<float>(divisor) / 2;
      const int log2 = std::ilogb(static_cast<double>(divisor)) - 1;  // of divisor * 2^-1
      const auto y = run(lnn::div{}, {x, by}, x.dims(), dtype::int16, q_o);
      const auto z = run(lnn::div{}, {x, real}, x.dims(), dtype::int16, q_o);
      for (std::size_t i = 0; i < x.size(); ++i) {
        REQUIRE(get(y, i) == wide::clamp(wide::half_up(get(x, i), 6 + log2 - q_o), 16));
        REQUIRE(get(z, i) == get(y, i));
      }
    }
  integer_tensor zero(dtype::int8, {}, 0);
  CHECK_THROWS_WITH_AS(run(lnn::div{}, {x, zero}, x.dims(), dtype::int32, 0),
                       "div: a scalar divisor must be positive, not 0", lnn::error);
}

TEST_CASE("div: training sees the exact quotient") {
  integer_tensor a(dtype::int32, {3}, 4), b(dtype::int32, {3}, 1), y(dtype::int8, {3}, 5);
  const std::int64_t left[] = {48, -7, 5}, right[] = {2, 3, 0};
  for (std::size_t i = 0; i < 3; ++i) set(a, i, left[i]), set(b, i, right[i]);
  const lnn::integer_view in[] = {a.access(), b.access()}, out[] = {y.access()};
  std::uint8_t pass[3];
  float exact[3];
  lnn::tap watch{.pass = pass, .exact = exact, .open = {-128, 127}};
  lnn::pool workers(1);
  lnn::div{}.integer(lnn::integer_call<lnn::luna::kernels>{in, out, lnn::venus, false, &watch, workers});
  CHECK(exact[0] == 3.0F);
  CHECK(exact[1] == doctest::Approx(-7.0 / 24));
  CHECK(exact[2] == 0.0F);
  CHECK(pass[0] == 1);
  CHECK(pass[2] == 0);  // a division by zero is no value to train on
}

TEST_CASE("div: shapes and limits") {
  CHECK(refusal(lnn::div{}, {shape{2, 3}, shape{2, 4}}) ==
        "it: input shapes 2x3 and 2x4 must agree; they may differ only where one of them is 1");
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(lnn::div{}, {shape{2, 3}, shape{1, 3}}, *on, lnn::limit::div::equal_shapes));
    CHECK_FALSE(breaks(lnn::div{}, {shape{2, 3}, shape{}}, *on, lnn::limit::div::equal_shapes));
    CHECK(advises(lnn::div{}, {shape{2, 3}, shape{}}, *on, lnn::limit::div::scalar));
  }
  const int q[] = {5, 3};
  CHECK(lnn::div{}.greatest_exponent({q, {}}) == 30);
}

}  // namespace test_div
