// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/tensor/dtype.hpp>

namespace test_dtype {

using lnn::dtype;

TEST_CASE("types have widths and names") {
  static_assert(lnn::bits_of(dtype::int4) == 4 && lnn::bits_of(dtype::float64) == 64);
  static_assert(lnn::bytes_of(dtype::int4, 3) == 2 && lnn::bytes_of(dtype::int16, 3) == 6);
  static_assert(lnn::name_of(dtype::int32) == "int32" && lnn::name_of(dtype::float32) == "float32");
  static_assert(lnn::dtype_of<const std::int16_t> == dtype::int16 && lnn::dtype_of<double> == dtype::float64);
}

TEST_CASE("a number of bits finds the least type that holds it") {
  static_assert(lnn::integer_of(4) == dtype::int4 && lnn::integer_of(5) == dtype::int8);
  static_assert(lnn::integer_of(8) == dtype::int8 && lnn::integer_of(9) == dtype::int16);
  static_assert(lnn::integer_of(32) == dtype::int32 && lnn::integer_of(33) == dtype::int64);
}

}  // namespace test_dtype
