// SPDX-License-Identifier: Apache-2.0
#include <lnn/luna/curve.hpp>

#include "textbook.hpp"

namespace test_glu {

using lnn::glu;
using namespace textbook;

TEST_CASE("glu: every type and chip, along every axis") {
  lnn::random draw(621);
  for (const lnn::chip* on : lnn::chips)
    for (const dtype from : {dtype::int8, dtype::int16, dtype::int32})
      for (const dtype to : {dtype::int8, dtype::int16, dtype::int32})
        for (const int dim : {0, 1, 2, -1, -3}) {
          const int q = pick(draw, -2, 28), q_o = pick(draw, q - 4, q + 15);
          const shape dims{2 * pick(draw, 1, 2), 2 * pick(draw, 1, 3), 2 * pick(draw, 1, 20)};
          const auto x = noise(draw, from, dims, q);
          const auto y = run(glu{dim}, {x}, result(glu{dim}, {dims}), to, q_o, *on);
          const int along = dim < 0 ? dim + 3 : dim, half = dims[along] / 2;
          std::size_t at = 0;
          for (int i = 0; i < y.dims()[0]; ++i)
            for (int j = 0; j < y.dims()[1]; ++j)
              for (int k = 0; k < y.dims()[2]; ++k, ++at) {
                const auto place = [&](int more) {
                  const int l = i + (along == 0 ? more : 0), m = j + (along == 1 ? more : 0),
                            n = k + (along == 2 ? more : 0);
                  return static_cast<std::size_t>((l * dims[1] + m) * dims[2] + n);
                };
                const bool narrow = on == &lnn::venus;
                const auto b = static_cast<std::int32_t>(wide::clamp(
                    wide::half_up(get(x, place(half)), q - (narrow ? 11 : 27)), narrow ? 16 : 32));
                const wide::number gate = narrow ? lnn::luna::sigmoid(on->unit, b, 16)
                                                 : wide::half_up(lnn::luna::sigmoid(on->unit, b, 32), 16);
                REQUIRE(get(y, at) ==
                        wide::clamp(wide::half_up(get(x, place(0)) * gate, 15 + q - q_o), bits(to)));
              }
        }
}

TEST_CASE("glu: shapes and chips") {
  CHECK(result(glu{1}, {shape{2, 6, 3}}) == shape{2, 3, 3});
  CHECK(refusal(glu{1}, {shape{2, 5, 3}}) ==
        "it: the axis has an odd number of elements; give the layer before an even number of outputs");
  CHECK(refusal(glu{2}, {shape{2, 6}}) == "it: axis 2 is above the limit of 1; use an axis of the input");
  CHECK(breaks(glu{}, {{2, 8}}, lnn::venus, lnn::limit::glu::engine));
  CHECK(breaks(glu{}, {{2, 8}}, lnn::arcs, lnn::limit::glu::engine));
  CHECK_FALSE(breaks(glu{}, {{2, 8}}, lnn::venusA, lnn::limit::glu::engine));
  CHECK(breaks(glu{0}, {{2, 8}}, lnn::venusA, lnn::limit::glu::axis));
}

}  // namespace test_glu
