// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_concat {

using lnn::concat;
using namespace textbook;

TEST_CASE("concat: every piece is brought to the output's grid") {
  lnn::random draw(1001);
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int i = 0; i < 200; ++i) {
    const int rank = pick(draw, 1, 4), axis = pick(draw, -rank, rank - 1),
              along = axis < 0 ? axis + rank : axis;
    shape first;
    for (int a = 0; a < rank; ++a) first.append(pick(draw, 1, 5));
    const dtype type = types[pick(draw, 0, 2)];
    const int q_o = pick(draw, 0, 8);
    std::vector<integer_tensor> in;
    std::vector<shape> shapes;
    for (int n = pick(draw, 1, 4); n > 0; --n) {
      shape s = first;
      s[along] = pick(draw, 1, 6);
      shapes.push_back(s);
      in.push_back(noise(draw, type, s, pick(draw, 0, 8)));
    }
    const shape dims = result(concat{axis}, shapes);
    const auto y = run(concat{axis}, in, dims, type, q_o);
    const std::size_t inner = dims.span(along + 1, rank);
    for (std::size_t k = 0; k < y.size(); ++k) {
      std::size_t place = k / inner % static_cast<std::size_t>(dims[along]), piece = 0;
      while (place >= static_cast<std::size_t>(shapes[piece][along]))
        place -= static_cast<std::size_t>(shapes[piece++][along]);
      const std::size_t outer = k / inner / static_cast<std::size_t>(dims[along]);
      const std::size_t from =
          (outer * static_cast<std::size_t>(shapes[piece][along]) + place) * inner + k % inner;
      const wide::number expected =
          wide::clamp(wide::half_up(get(in[piece], from), in[piece].exponent() - q_o), bits(type));
      REQUIRE(get(y, k) == expected);
    }
  }
}

TEST_CASE("concat: shapes") {
  CHECK(refusal(concat{2}, {shape{2, 3}, shape{2, 3}}) ==
        "it: axis 2 is above the limit of 1; use an axis of the inputs");
  CHECK(refusal(concat{-3}, {shape{2, 3}, shape{2, 3}}) ==
        "it: axis -3 is below the least of -2; use an axis of the inputs");
  CHECK(refusal(concat{}, {shape{2, 3}, shape{3, 3}}) ==
        "it: input shapes, but for the joined axis, 2x3 and 3x3 must agree; crop or pad one of them");
  CHECK(refusal(concat{}, {shape{2, 3}, shape{2, 3, 1}}) ==
        "it: input shapes, but for the joined axis, 2x3 and 2x3x1 must agree; crop or pad one of them");
  CHECK(result(concat{-1}, {shape{2, 3}, shape{2, 4}, shape{2, 1}}) == shape{2, 8});
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(concat{}, {shape{2, 3}}, *on, lnn::limit::concat::input_number));
    CHECK_FALSE(breaks(concat{}, {shape{2, 3}, shape{2, 3}}, *on, lnn::limit::concat::input_number));
  }
}

}  // namespace test_concat
