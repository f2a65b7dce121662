// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "textbook.hpp"

namespace test_quant {

using lnn::dequant;
using lnn::quant;
using namespace textbook;

namespace {

integer_tensor reals(const std::vector<float>& values) {
  integer_tensor t(dtype::float32, {static_cast<int>(values.size())}, 0);
  std::copy(values.begin(), values.end(), t.as<float>());
  return t;
}

}  // namespace

TEST_CASE("quant: floor(x * 2^q + 1/2), clamped, whatever the number") {
  lnn::random draw(1201);
  for (const dtype type : {dtype::int8, dtype::int16, dtype::int32})
    for (const int q : {-3, 0, 3, 7, 12}) {
      std::vector<float> x{0.5F, -0.5F, 1.5F, -1.5F, 1e30F, -1e30F, INFINITY, -INFINITY, 0.0F};
      for (int i = 0; i < 5000; ++i) x.push_back(draw.uniform(-40.0F, 40.0F));
      const auto y = run(quant{}, {reals(x)}, {static_cast<int>(x.size())}, type, q);
      const auto range = lnn::integer_range::of(bits(type));
      for (std::size_t i = 0; i < x.size(); ++i) {
        const float product = x[i] * std::ldexp(1.0F, q);
        const double down =
            std::floor(static_cast<double>(static_cast<float>(static_cast<double>(product) + 0.5)));
        const double limited =
            std::min(std::max(down, static_cast<double>(range.low)), static_cast<double>(range.high));
        REQUIRE(static_cast<double>(get(y, i)) == limited);
      }
      CHECK(get(run(quant{}, {reals({NAN})}, {1}, type, q), 0) == 0);
    }
}

TEST_CASE("dequant: x * 2^-q, exactly") {
  lnn::random draw(1202);
  for (const dtype type : {dtype::int8, dtype::int16, dtype::int32})
    for (const int q : {-2, 0, 7}) {
      const auto x = noise(draw, type, {200}, q);
      const auto y = run(dequant{}, {x}, {200}, dtype::float32, 0);
      for (std::size_t i = 0; i < 200; ++i)
        REQUIRE(y.as<float>()[i] == std::ldexp(static_cast<float>(get(x, i)), -q));
    }
}

TEST_CASE("quant and dequant stand between real numbers and integers only") {
  lnn::random draw(1);
  CHECK_THROWS_WITH_AS(run(quant{}, {noise(draw, dtype::int8, {4})}, {4}, dtype::int8, 0),
                       "quant: element type int8 where float32 is needed", lnn::error);
  CHECK_THROWS_AS(run(dequant{}, {noise(draw, dtype::int8, {4})}, {4}, dtype::int8, 0), lnn::error);
  CHECK(result(quant{}, {shape{2, 3}}) == shape{2, 3});
}

}  // namespace test_quant
