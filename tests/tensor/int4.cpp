// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/tensor/int4.hpp>

namespace test_int4 {

TEST_CASE("two values in a byte, the even one low, and back") {
  std::vector<std::int8_t> all;
  for (int v = -8; v <= 7; ++v) all.push_back(static_cast<std::int8_t>(v));
  all.push_back(-3);  // an odd number of values leaves half a byte
  const auto packed = lnn::pack_int4(all);
  REQUIRE(packed.size() == 9);
  CHECK(packed[0] == 0x98);
  CHECK(packed[8] == 0x0D);
  CHECK(lnn::unpack_int4(packed, all.size()) == all);
}

TEST_CASE("values that do not fit are named") {
  const std::vector<std::int8_t> bad{1, 8};
  CHECK_THROWS_WITH_AS(lnn::pack_int4(bad),
                       "int4: element 1 is 8, outside -8 to 7; quantize it with 4 bits first", lnn::error);
  CHECK_THROWS_AS(lnn::unpack_int4(std::vector<std::uint8_t>{0}, 3), lnn::error);
}

}  // namespace test_int4
