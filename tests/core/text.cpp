// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/text.hpp>

namespace test_text {

TEST_CASE("a text grows by words and numbers, and is cut at its capacity") {
  lnn::text<16> t{"kernel "};
  t.append(7).append(" x ").append(-3LL);
  CHECK(t.view() == "kernel 7 x -3");
  t.append("abcdef");
  CHECK(t.view() == "kernel 7 x -3abc");
  CHECK(t.length == 16);
}

TEST_CASE("every 64-bit number is written") {
  CHECK(lnn::text<32>{}.append(0).view() == "0");
  CHECK(lnn::text<32>{}.append(9223372036854775807LL).view() == "9223372036854775807");
  CHECK(lnn::text<32>{}.append(-9223372036854775807LL - 1).view() == "-9223372036854775808");
}

namespace {
template <lnn::text<8> Name>
struct named {
  static constexpr std::string_view name() { return Name.view(); }
};
}  // namespace

TEST_CASE("a text is a template argument and compares by its letters") {
  CHECK(named<"conv1">::name() == "conv1");
  CHECK(lnn::text<8>{"a"} == lnn::text<8>{"a"});
  CHECK_FALSE(lnn::text<8>{"a"} == lnn::text<8>{"ab"});
}

}  // namespace test_text
