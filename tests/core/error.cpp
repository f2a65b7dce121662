// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdint>
#include <lnn/core/error.hpp>

namespace test_error {

TEST_CASE("a sentence joins words, numbers and shapes") {
  CHECK(lnn::sentence("conv1: input ", lnn::shape{1, 3, 8, 8}, " has ", 3, " channels, ", 0.5, " of ",
                      std::size_t{7}) == "conv1: input 1x3x8x8 has 3 channels, 0.5 of 7");
  CHECK(lnn::sentence(std::int64_t{-5}, " ", std::string_view{"x"}, std::string("y")) == "-5 xy");
}

TEST_CASE("failing throws the sentence") {
  CHECK_THROWS_WITH_AS(lnn::fail("int4: element ", 1, " is ", 8), "int4: element 1 is 8", lnn::error);
  CHECK_THROWS_AS(lnn::fail("x"), std::runtime_error);
}

}  // namespace test_error
