// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_add {

using lnn::add;
using namespace textbook;

TEST_CASE("add: each operand is rounded and clamped by itself, then the sum is clamped") {
  lnn::random draw(801);
  const shape pairs[][2] = {
      {{3, 33}, {3, 33}}, {{1, 8, 5, 5}, {1, 8, 1, 1}}, {{2, 3, 4}, {4}},      {{4, 1}, {1, 5}}, {{6}, {}},
      {{}, {}},           {{1, 5000}, {1, 5000}},       {{1, 8, 5, 5}, {5, 1}}};
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int i = 0; i < 400; ++i) {
    const auto& [left, right] = pairs[i % 8];
    const int q_a = pick(draw, 0, 8), q_b = pick(draw, 0, 8), q_o = pick(draw, 0, 9);
    const auto a = noise(draw, types[pick(draw, 0, 2)], left, q_a),
               b = noise(draw, types[pick(draw, 0, 2)], right, q_b);
    const dtype type = types[pick(draw, 0, 2)];
    const shape dims = result(add{}, {left, right});
    const auto y = run(add{}, {a, b}, dims, type, q_o);
    for (std::size_t k = 0; k < y.size(); ++k) {
      const auto part = [&](const integer_tensor& t, int q) {
        return wide::clamp(wide::half_up(get(t, meets(t.dims(), dims, k)), q - q_o), bits(type));
      };
      REQUIRE(get(y, k) == wide::clamp(part(a, q_a) + part(b, q_b), bits(type)));
    }
  }
}

TEST_CASE("add: a real scalar is cut to the first operand's grid, then there is one rounding") {
  lnn::random draw(802);
  const auto a = noise(draw, dtype::int8, {3, 40}, 4);
  for (const float b : {0.0F, 1.97F, -1.97F, 7.5F, 100.0F, -100.0F}) {
    integer_tensor scalar(dtype::float32, {}, 0);
    *scalar.as<float>() = b;
    const auto y = run(add{}, {a, scalar}, a.dims(), dtype::int8, 2);
    const auto k = static_cast<std::int64_t>(std::clamp(b * 16.0F, -128.0F, 127.0F));
    for (std::size_t i = 0; i < y.size(); ++i)
      REQUIRE(get(y, i) == wide::clamp(wide::half_up(get(a, i) + k, 2), 8));
  }
}

TEST_CASE("add: shapes") {
  CHECK(refusal(add{}, {shape{2, 3}, shape{2, 4}}) ==
        "it: input shapes 2x3 and 2x4 must agree; they may differ only where one of them is 1");
  CHECK(refusal(add{}, {shape{2, 3}}) == "it: number of inputs 1 must be 2; give it as many as the operator takes");
  CHECK(result(add{}, {shape{1, 8, 1, 1}, shape{1, 1, 5, 6}}) == shape{1, 8, 5, 6});
  for (const lnn::chip* on : lnn::chips) {
    CHECK_FALSE(breaks(add{}, {shape{2, 3}, shape{2, 3}}, *on, lnn::limit::add::equal_shapes));
    CHECK(breaks(add{}, {shape{2, 3}, shape{1, 3}}, *on, lnn::limit::add::equal_shapes));
  }
}

}  // namespace test_add
