// SPDX-License-Identifier: Apache-2.0
#include <lnn/op/matmul.hpp>

#include "textbook.hpp"

namespace test_matmul {

using lnn::matmul;
using namespace textbook;

namespace {

/// The element of a stack of matrices at a place of the result, whose leading axes may be more and longer.
std::int64_t element(const integer_tensor& t, const std::vector<int>& leading, int row, int column) {
  const shape& s = t.dims();
  std::size_t at = 0;
  const int stacked = s.rank() - 2, skip = static_cast<int>(leading.size()) - stacked;
  for (int i = 0; i < stacked; ++i)
    at = at * static_cast<std::size_t>(s[i]) +
         static_cast<std::size_t>(s[i] == 1 ? 0 : leading[static_cast<std::size_t>(i + skip)]);
  at = at * static_cast<std::size_t>(s[stacked]) + static_cast<std::size_t>(row);
  return get(t, at * static_cast<std::size_t>(s[stacked + 1]) + static_cast<std::size_t>(column));
}

}  // namespace

TEST_CASE("matmul: integers equal the definition, leading axes repeat") {
  lnn::random draw(1301);
  const std::pair<shape, shape> stacks[] = {
      {{}, {}},         {{3}, {3}},   {{2, 3}, {2, 3}}, {{2, 3}, {3}},
      {{1, 3}, {2, 1}}, {{}, {2, 2}}, {{4}, {1}},       {{2, 1, 3}, {1, 2, 1}}};
  for (int i = 0; i < 120; ++i) {
    auto [a, b] = stacks[i % 8];
    const int m = pick(draw, 1, 5), n = pick(draw, 1, 9), l = pick(draw, 1, 5), shift = pick(draw, 0, 20);
    for (const int d : {m, n}) a.append(d);
    for (const int d : {n, l}) b.append(d);
    const dtype type = i % 3 == 0 ? dtype::int16 : dtype::int8;
    const std::vector<integer_tensor> in{noise(draw, type, a, 10), noise(draw, type, b, 10)};
    const shape dims = result(matmul{}, {a, b});
    const integer_tensor y = run(matmul{}, in, dims, dtype::int16, 20 - shift, *lnn::chips[i % 3]);
    for (std::size_t k = 0; k < y.size(); ++k) {
      std::vector<int> place(static_cast<std::size_t>(dims.rank()));
      std::size_t rest = k;
      for (int axis = dims.rank(); axis-- > 0; rest /= static_cast<std::size_t>(dims[axis]))
        place[static_cast<std::size_t>(axis)] = static_cast<int>(rest % static_cast<std::size_t>(dims[axis]));
      const int row = place[place.size() - 2], column = place.back();
      place.resize(place.size() - 2);
      wide::number sum = 0;
      for (int j = 0; j < n; ++j)
        sum += wide::number{element(in[0], place, row, j)} * element(in[1], place, j, column);
      REQUIRE(get(y, k) == finish(sum, shift, dtype::int16, false));
    }
  }
}

TEST_CASE("matmul: rules") {
  CHECK(result(matmul{}, {shape{2, 1, 4, 5}, shape{3, 5, 2}}) == shape{2, 3, 4, 2});
  CHECK(refusal(matmul{}, {shape{5}, shape{5, 2}}) ==
        "it: axes of the smaller factor 1 is below the least of 2; give both factors two axes or more; "
        "reshape a vector "
        "to [1, n] or [n, 1]");
  CHECK(refusal(matmul{}, {shape{4, 5}, shape{4, 5}}) ==
        "it: columns of the first factor 5 must be 4; let them be the rows of the second one");
  CHECK(
      refusal(matmul{}, {shape{2, 4, 5}, shape{3, 5, 2}}) ==
      "it: factors, but for their last two axes, 2x4x5 and 3x5x2 must agree; let leading axes be equal or 1");
  for (const lnn::chip* on : lnn::chips) {
    CHECK_FALSE(breaks(matmul{}, {shape{3, 4, 5}, shape{3, 5, 2}}, *on, lnn::limit::bmm::batches));
    CHECK(breaks(matmul{}, {shape{3, 4, 5}, shape{5, 2}}, *on, lnn::limit::bmm::batches));
    CHECK(breaks(matmul{}, {shape{1, 3, 4, 5}, shape{1, 3, 5, 2}}, *on, lnn::limit::bmm::rank));
  }
}

}  // namespace test_matmul
