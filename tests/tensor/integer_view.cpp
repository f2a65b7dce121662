// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/tensor/integer_view.hpp>

namespace test_integer_view {

using lnn::dtype;

TEST_CASE("elements of every integer type are read as 64 bits") {
  std::int8_t a[] = {-128, 127};
  std::int16_t b[] = {-32768};
  std::int32_t c[] = {INT32_MIN};
  std::int64_t d[] = {INT64_MIN};
  CHECK(lnn::integer_view{a, dtype::int8, {2}, 0}.at(0) == -128);
  CHECK(lnn::integer_view{a, dtype::int4, {2}, 0}.at(1) == 127);
  CHECK(lnn::integer_view{b, dtype::int16, {1}, 0}.at(0) == -32768);
  CHECK(lnn::integer_view{c, dtype::int32, {1}, 0}.at(0) == INT32_MIN);
  CHECK(lnn::integer_view{d, dtype::int64, {1}, 0}.at(0) == INT64_MIN);
  CHECK_FALSE(lnn::integer_view{});
}

TEST_CASE("code is chosen by the element type; real types are refused") {
  const auto width = [](dtype t) {
    return lnn::with_element(t, [](auto e) { return static_cast<int>(sizeof e); });
  };
  CHECK(width(dtype::int4) == 1);
  CHECK(width(dtype::int8) == 1);
  CHECK(width(dtype::int16) == 2);
  CHECK(width(dtype::int32) == 4);
  CHECK(width(dtype::int64) == 8);
  CHECK_THROWS_WITH_AS(width(dtype::float32), "quantized: float32 is no integer type", lnn::error);
}

}  // namespace test_integer_view
