// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/luna/matrix.hpp>
#include <vector>

#include "../wide.hpp"

namespace test_matrix {

namespace {

template <class T>
std::vector<T> noise(lnn::random& draw, std::size_t n) {
  std::vector<T> v(n);
  for (T& e : v) e = static_cast<T>(draw.next());
  return v;
}

template <class X, class W>
void check_product(lnn::dtype x_type, lnn::dtype w_type) {
  lnn::random draw(31);
  lnn::pool workers(2);
  for (const int rows : {1, 3})
    for (const int in : {1, 7, 32})
      for (const int out : {1, 5}) {
        const auto n = [](int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); };
        auto x = noise<X>(draw, n(rows, in));
        auto w = noise<W>(draw, n(out, in));
        const auto bias = noise<std::int32_t>(draw, static_cast<std::size_t>(out));
        std::vector<std::int32_t> y(n(rows, out));
        const lnn::luna::product p{.rows = rows,
                                   .in = in,
                                   .out = out,
                                   .x = {x.data(), x_type, {rows, in}, 0},
                                   .weight = {w.data(), w_type, {out, in}, 0},
                                   .bias = bias.data()};
        const lnn::luna::requantizer to{.out = {y.data(), lnn::dtype::int32, {rows, out}, 0},
                                        .shift = 3,
                                        .rule = lnn::accumulator::exact};
        lnn::luna::multiply(p, to, workers);
        for (int r = 0; r < rows; ++r)
          for (int o = 0; o < out; ++o) {
            wide::number sum = bias[static_cast<std::size_t>(o)];
            for (std::size_t k = 0; k < static_cast<std::size_t>(in); ++k)
              sum += wide::number{x[n(r, in) + k]} * w[n(o, in) + k];
            REQUIRE(y[n(r, out) + static_cast<std::size_t>(o)] == wide::clamp(wide::half_up(sum, 3), 32));
          }
      }
}

}  // namespace

TEST_CASE("products of every pair of types are exact") {
  check_product<std::int8_t, std::int8_t>(lnn::dtype::int8, lnn::dtype::int8);
  check_product<std::int16_t, std::int16_t>(lnn::dtype::int16, lnn::dtype::int16);
  check_product<std::int8_t, std::int16_t>(lnn::dtype::int8, lnn::dtype::int16);
  check_product<std::int16_t, std::int8_t>(lnn::dtype::int16, lnn::dtype::int8);
}

TEST_CASE("32-bit products are exact as far as the chips' 64-bit sums are") {
  lnn::random draw(5);
  lnn::pool workers(1);
  std::vector<std::int32_t> x(6), w(6);
  for (int round = 0; round < 200; ++round) {
    wide::number sum = 0;
    for (std::size_t i = 0; i < 6; ++i) {
      x[i] = static_cast<std::int32_t>(draw.next());
      w[i] = static_cast<std::int32_t>(draw.next()) >> 4;
      sum += wide::number{x[i]} * w[i];
    }
    std::int32_t y = 0;
    lnn::luna::multiply(
        {.rows = 1,
         .in = 6,
         .out = 1,
         .x = {x.data(), lnn::dtype::int32, {1, 6}, 0},
         .weight = {w.data(), lnn::dtype::int32, {1, 6}, 0}},
        {.out = {&y, lnn::dtype::int32, {1, 1}, 0}, .shift = 28, .rule = lnn::accumulator::exact}, workers);
    REQUIRE(y == wide::clamp(wide::half_up(sum, 28), 32));
  }
}

}  // namespace test_matrix
