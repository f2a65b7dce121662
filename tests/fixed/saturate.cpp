// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/fixed/saturate.hpp>

namespace test_saturate {

TEST_CASE("narrowing clamps at both ends and nowhere else") {
  CHECK(lnn::saturate<std::int8_t>(127) == 127);
  CHECK(lnn::saturate<std::int8_t>(128) == 127);
  CHECK(lnn::saturate<std::int8_t>(-128) == -128);
  CHECK(lnn::saturate<std::int8_t>(-129) == -128);
  CHECK(lnn::saturate<std::int16_t>(32768) == 32767);
  CHECK(lnn::saturate<std::int32_t>(INT64_MIN) == INT32_MIN);
  CHECK(lnn::saturate<std::int32_t>(INT64_MAX) == INT32_MAX);
  CHECK(lnn::saturate<std::int64_t>(INT64_MIN) == INT64_MIN);
}

TEST_CASE("ranges of any width") {
  static_assert(lnn::integer_range::of(4).low == -8 && lnn::integer_range::of(4).high == 7);
  static_assert(lnn::integer_range::of(2).clamp(9) == 1 && lnn::integer_range::of(2).clamp(-9) == -2);
  static_assert(lnn::integer_range::of(63).holds(0) && !lnn::integer_range::of(63).holds(INT64_MAX));
}

}  // namespace test_saturate
