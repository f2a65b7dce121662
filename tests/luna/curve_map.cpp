// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/luna/curve_map.hpp>
#include <vector>

namespace test_curve_map {

namespace luna = lnn::luna;
using lnn::curves;
using lnn::dtype;

TEST_CASE("map_curve: few and many elements, from the middle on, give what the function gives") {
  lnn::random draw(91);
  for (const std::size_t n : {std::size_t{1}, std::size_t{255}, std::size_t{257}, std::size_t{1000}})
    for (const luna::curve_function f :
         {&luna::sigmoid_of, &luna::tanh_of, &luna::gelu_of, &luna::swish_of}) {
      std::vector<std::int8_t> x(n + 3), y(n + 3, 99);
      for (std::int8_t& v : x) v = static_cast<std::int8_t>(draw.below(256));
      const lnn::shape dims{static_cast<int>(n + 3)};
      const luna::requantizer to{
          .out = {y.data(), dtype::int8, dims, 0}, .shift = 24, .rule = lnn::accumulator::exact};
      luna::map_curve(to, f, curves::fused, {x.data(), dtype::int8, dims, 4}, 2, n + 2);
      for (std::size_t i = 0; i < x.size(); ++i)
        REQUIRE(y[i] == (i < 2 || i >= n + 2 ? 99
                                             : lnn::saturate<std::int8_t>(
                                                   lnn::shift_half_up(f(curves::fused, x[i], 4), 24))));
    }
}

TEST_CASE("gated: a times the gate of b, with one rounding of the gate") {
  static_assert(luna::gated(curves::narrow, 100, 0, 5) == 100 * 16384);
  static_assert(luna::gated(curves::stepped, -7, 127, 0) == -7 * 32768);
  for (const curves unit : {curves::narrow, curves::stepped, curves::fused})
    for (int b = -128; b < 128; ++b) {
      const auto gate = luna::sigmoid(unit, luna::curve_argument(unit, b, 4), 32);
      REQUIRE(luna::gated(unit, 3, b, 4) == 3 * lnn::shift_half_up(gate, 16));
    }
}

}  // namespace test_curve_map
