// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_cast {

using lnn::cast;
using namespace textbook;

TEST_CASE("cast: integers lose their upper bits, as in C") {
  lnn::random draw(3301);
  const auto x = noise(draw, dtype::int32, {500}, 3);
  const auto bytes = run(cast{}, {x}, {500}, dtype::int8, 3),
             words = run(cast{}, {x}, {500}, dtype::int16, 3);
  for (std::size_t i = 0; i < 500; ++i) {
    REQUIRE(get(bytes, i) == static_cast<std::int8_t>(get(x, i)));
    REQUIRE(get(words, i) == static_cast<std::int16_t>(get(x, i)));
  }
  const auto small = noise(draw, dtype::int8, {500}, 3);
  const auto wide_ones = run(cast{}, {small}, {500}, dtype::int32, 3);
  const auto reals = run(cast{}, {small}, {500}, dtype::float32, 3);
  for (std::size_t i = 0; i < 500; ++i) {
    REQUIRE(get(wide_ones, i) == get(small, i));
    REQUIRE(reals.as<float>()[i] == static_cast<float>(get(small, i)));
  }
}

TEST_CASE("cast: real numbers lose their fraction") {
  integer_tensor x(dtype::float32, {4}, 0);
  const float values[] = {1.9F, -1.9F, 130.5F, 1e30F};
  std::copy(values, values + 4, x.as<float>());
  const auto y = run(cast{}, {x}, {4}, dtype::int32, 0);
  CHECK(get(y, 0) == 1);
  CHECK(get(y, 1) == -1);
  CHECK(get(y, 2) == 130);
  CHECK(get(y, 3) == INT32_MAX);
}

TEST_CASE("cast: no packer takes it") {
  for (const lnn::chip* on : lnn::chips) CHECK(breaks(cast{}, {shape{2}}, *on, lnn::limit::unsupported));
}

}  // namespace test_cast
