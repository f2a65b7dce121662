// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/tensor/quantized.hpp>

namespace test_quantized {

using lnn::quantized;
using lnn::shape;
using lnn::tensor;

TEST_CASE("real numbers are rounded and clamped onto the grid") {
  const tensor<float> x(shape{7}, {0.125F, -0.125F, 0.375F, 100.0F, -100.0F, 31.75F, -32.0F});
  const auto q = quantized<std::int8_t>::from(x.flatten(), 2);
  const std::int8_t expected[] = {1, 0, 2, 127, -128, 127, -128};
  for (std::size_t i = 0; i < 7; ++i) CHECK(q.values[i] == expected[i]);
  const auto even = quantized<std::int8_t>::from(x.flatten(), 2, lnn::rounding::half_even);
  CHECK(even.values[0] == 0);
  CHECK(even.values[2] == 2);
  CHECK(q.to_real()[2] == 0.5F);
}

TEST_CASE("32 bits are clamped as well, and what is no number becomes 0") {
  const tensor<float> x(shape{4}, {1e30F, -1e30F, std::numeric_limits<float>::quiet_NaN(), 1.5F});
  const auto q = quantized<std::int32_t>::from(x.flatten(), 0);
  CHECK(q.values[0] == INT32_MAX);
  CHECK(q.values[1] == INT32_MIN);
  CHECK(q.values[2] == 0);
  CHECK(q.values[3] == 2);
}

TEST_CASE("an integer tensor knows its type at run time and finds the first difference") {
  quantized<std::int16_t> q{tensor<std::int16_t>(shape{2, 3}, {1, 2, 3, 4, 5, 6}), 7};
  lnn::integer_tensor a(q), b(q);
  CHECK(a.type() == lnn::dtype::int16);
  CHECK(a.exponent() == 7);
  CHECK(a.size() == 6);
  CHECK(a.byte_count() == 12);
  CHECK(a == b);
  CHECK(a.mismatch(b) == 6);
  b.as<std::int16_t>()[4] = -1;
  CHECK(a.mismatch(b) == 4);
  CHECK_FALSE(a == b);
  CHECK(a.access().at(5) == 6);
  CHECK(lnn::integer_tensor(lnn::dtype::int4, shape{5}, 0).size() == 5);
  CHECK(lnn::integer_tensor().empty());
  CHECK_FALSE(lnn::integer_tensor().access());
}

}  // namespace test_quantized
