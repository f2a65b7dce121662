// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_mul {

using lnn::mul;
using namespace textbook;

TEST_CASE("mul: one rounding of the exact product, every width") {
  lnn::random draw(901);
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (const dtype left : types)
    for (const dtype right : types)
      for (const dtype out : types)
        for (const int shift : {-3, 0, 1, 7, 15, 31, 40}) {
          const auto a = noise(draw, left, {3, 4, 25}, 6), b = noise(draw, right, {3, 4, 25}, 5);
          const auto y = run(mul{}, {a, b}, a.dims(), out, 11 - shift);
          for (std::size_t i = 0; i < y.size(); ++i)
            REQUIRE(get(y, i) ==
                    wide::clamp(wide::half_up(wide::number{get(a, i)} * get(b, i), shift), bits(out)));
        }
}

TEST_CASE("mul: a scalar scales all, [n, c, 1, 1] scales channels") {
  lnn::random draw(902);
  const auto x = noise(draw, dtype::int8, {2, 6, 5, 7}, 4);
  const auto scalar = noise(draw, dtype::int8, {}, 3), each = noise(draw, dtype::int8, {2, 6, 1, 1}, 7);
  const auto scaled = run(mul{}, {x, scalar}, x.dims(), dtype::int8, 2);
  const auto by_channel = run(mul{}, {x, each}, x.dims(), dtype::int8, 6);
  for (std::size_t i = 0; i < x.size(); ++i) {
    REQUIRE(get(scaled, i) == wide::clamp(wide::half_up(get(x, i) * get(scalar, 0), 5), 8));
    REQUIRE(get(by_channel, i) == wide::clamp(wide::half_up(get(x, i) * get(each, i / 35), 5), 8));
  }
}

TEST_CASE("mul: a real scalar loses its fraction") {
  lnn::random draw(903);
  const auto x = noise(draw, dtype::int16, {3, 50}, 4);
  for (const float real : {0.75F, 3.99F, -3.99F, 100.0F}) {
    integer_tensor scalar(dtype::float32, {}, 0);
    *scalar.as<float>() = real;
    const auto y = run(mul{}, {x, scalar}, x.dims(), dtype::int16, 3);
    for (std::size_t i = 0; i < x.size(); ++i)
      REQUIRE(get(y, i) == wide::clamp(wide::half_up(get(x, i) * static_cast<std::int64_t>(real), 1), 16));
  }
}

TEST_CASE("mul: shapes") {
  CHECK(refusal(mul{}, {shape{2, 3}, shape{3, 3}}) ==
        "it: input shapes 2x3 and 3x3 must agree; they may differ only where one of them is 1");
  for (const lnn::chip* on : lnn::chips) {
    CHECK_FALSE(breaks(mul{}, {shape{2, 3}, shape{2, 3}}, *on, lnn::limit::mul::chip_shapes));
    CHECK_FALSE(breaks(mul{}, {shape{2, 3}, shape{}}, *on, lnn::limit::mul::chip_shapes));
    CHECK_FALSE(breaks(mul{}, {shape{1, 8, 5, 5}, shape{1, 8, 1, 1}}, *on, lnn::limit::mul::chip_shapes));
    CHECK(breaks(mul{}, {shape{1, 8, 5, 5}, shape{1, 8, 1, 5}}, *on, lnn::limit::mul::chip_shapes));
    CHECK(breaks(mul{}, {shape{2, 8, 5, 5}, shape{1, 8, 1, 1}}, *on, lnn::limit::mul::chip_shapes));
    CHECK(breaks(mul{}, {shape{2, 3}, shape{1, 3}}, *on, lnn::limit::mul::chip_shapes));
  }
}

}  // namespace test_mul
