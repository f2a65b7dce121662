// SPDX-License-Identifier: Apache-2.0
#include <lnn/op/gather.hpp>

#include "textbook.hpp"

namespace test_gather {

using lnn::gather;
using namespace textbook;

namespace {

void check_case(const gather& op, const integer_tensor& x, const std::vector<int>& at,
                const std::vector<integer_tensor>& in, std::vector<shape> shapes, const lnn::chip& on) {
  const shape dims = result(op, shapes);
  const integer_tensor y = run(op, in, dims, x.type(), x.exponent(), on);
  const int rank = x.dims().rank(), along = op.axis < 0 ? op.axis + rank : op.axis;
  const std::size_t inner = x.dims().span(along + 1, rank),
                    places = static_cast<std::size_t>(x.dims()[along]);
  REQUIRE(y.size() == x.size() / places * at.size());
  for (std::size_t k = 0; k < y.size(); ++k) {
    const int index = at[k / inner % at.size()];
    const auto place =
        index < 0 ? places - static_cast<std::size_t>(-index) : static_cast<std::size_t>(index);
    REQUIRE(get(y, k) == get(x, (k / inner / at.size() * places + place) * inner + k % inner));
  }
}

}  // namespace

TEST_CASE("gather: constant indices and those of an input, along every axis, in every type") {
  lnn::random draw(1601);
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int i = 0; i < 120; ++i) {
    shape s;
    for (int rank = pick(draw, 1, 4); rank > 0; --rank) s.append(pick(draw, 1, 5));
    gather op{.axis = pick(draw, -s.rank(), s.rank() - 1)};
    const int places = s[lnn::normal_axis(op.axis, s.rank())];
    std::vector<int> at(static_cast<std::size_t>(pick(draw, 1, 6)));
    for (int& v : at) v = pick(draw, -places, places - 1);
    const integer_tensor x = noise(draw, types[i % 3], s, 4);
    const lnn::chip& on = *lnn::chips[i % 3];
    if (i % 2 == 0) {
      for (const int v : at) op.indices.push_back(v);
      check_case(op, x, at, {x}, {s}, on);
    } else {
      const shape by =
          at.size() % 2 == 0 ? shape{2, static_cast<int>(at.size()) / 2} : shape{static_cast<int>(at.size())};
      integer_tensor index(i % 4 == 1 ? dtype::int32 : dtype::int64, by, 0);
      for (std::size_t k = 0; k < at.size(); ++k) set(index, k, at[k]);
      check_case(op, x, at, {x, index}, {s, by}, on);
    }
  }
}

TEST_CASE("gather: shapes") {
  CHECK(result(gather{.indices = {0}, .axis = 1}, {shape{1, 10, 16}}) == shape{1, 1, 16});
  CHECK(result(gather{.axis = 1}, {shape{1, 10, 16}, shape{}}) == shape{1, 1, 16});
  CHECK(result(gather{.axis = -1}, {shape{3, 4}, shape{2, 5}}) == shape{3, 2, 5});
  CHECK(refusal(gather{.indices = {0}, .axis = 3}, {shape{2, 3}}) ==
        "it: axis 3 is above the limit of 1; use an axis of the input");
  CHECK(refusal(gather{.indices = {0, 3}, .axis = 1}, {shape{2, 3}}) ==
        "it: index 3 is above the limit of 2; use an index within the axis");
  CHECK(refusal(gather{.indices = {-4}, .axis = 1}, {shape{2, 3}}) ==
        "it: index -4 is below the least of -3; use an index within the axis");
  CHECK(refusal(gather{}, {shape{1, 1, 1, 1, 1, 1}, shape{1, 1, 1, 1}}) ==
        "it: axes of the output 9 is above the limit of 8; merge axes of the indices with a reshape");
}

TEST_CASE("gather: an index outside of the axis is refused, nothing is read there") {
  const integer_tensor x(dtype::int8, {3, 2}, 0);
  integer_tensor at(dtype::int32, {1}, 0);
  for (const int bad : {3, -4}) {
    set(at, 0, bad);
    CHECK_THROWS_WITH(
        run(gather{}, {x, at}, {1, 2}, dtype::int8, 0),
        ("gather: index " + std::to_string(bad) + " is outside of -3 to 2; clip indices to the table")
            .c_str());
  }
  const integer_tensor real(dtype::int8, {1}, 0);
  lnn::integer_view view = real.access();
  view.type = dtype::float32;
  CHECK_THROWS_WITH((void)lnn::place_in("gather", view, 0, 3),
                    "gather: indices are float32 where int32 is needed");
  CHECK_THROWS_WITH(run(gather{}, {x, at}, {1, 2}, dtype::int16, 0),
                    "gather: element type int16 where int8 is needed");
}

}  // namespace test_gather
