// SPDX-License-Identifier: Apache-2.0
#include <lnn/op/strided.hpp>

#include "textbook.hpp"

namespace test_strided {

using lnn::strided;

TEST_CASE("strided: runs in any number of pieces are one walk") {
  lnn::random draw(2101);
  for (int i = 0; i < 200; ++i) {
    const int rank = textbook::pick(draw, 0, 5);
    const int first = textbook::pick(draw, 0, 50);
    strided w(first);
    std::vector<long> expected{first};
    for (int a = 0; a < rank; ++a) {
      const int count = textbook::pick(draw, 1, 4), step = textbook::pick(draw, -6, 6);
      w.axis(count, step);
      std::vector<long> next;
      for (const long at : expected)
        for (int k = 0; k < count; ++k) next.push_back(at + k * step);
      expected = next;
    }
    REQUIRE(w.run() * w.runs() == expected.size());
    std::vector<long> seen(expected.size());
    const std::size_t cut = draw.below(static_cast<std::uint32_t>(w.runs()) + 1);
    const auto take = [&](std::size_t y, std::ptrdiff_t x, std::size_t n, std::ptrdiff_t step) {
      for (std::size_t k = 0; k < n; ++k) seen[y + k] = x + static_cast<std::ptrdiff_t>(k) * step;
    };
    w.walk(0, cut, take);
    w.walk(cut, w.runs(), take);
    REQUIRE(seen == expected);
  }
}

TEST_CASE("strided: axes that continue each other are one run") {
  strided whole;
  for (int step : {12, 4, 1}) whole.axis(step == 12 ? 2 : step == 4 ? 3 : 4, step);
  CHECK(whole.runs() == 1);
  CHECK(whole.run() == 24);
  strided turned(23);
  turned.axis(2, -12);
  turned.axis(12, -1);
  CHECK(turned.runs() == 1);
}

}  // namespace test_strided
