// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_arg_max {

using lnn::arg_max;
using lnn::top_n;
using namespace textbook;

TEST_CASE("arg_max, top_n: the greatest, then where they stand; of equal ones the first") {
  lnn::random draw(3101);
  for (int i = 0; i < 200; ++i) {
    const shape x = any_shape(draw, 1, 4, 7);
    const int axis = pick(draw, -x.rank(), x.rank() - 1), along = lnn::normal_axis(axis, x.rank());
    const int k = pick(draw, 1, x[along]), offset = pick(draw, 0, 1) * 70000;
    auto from = noise(draw, moved_types[pick(draw, 0, 2)], x, 4);
    if (i % 2)  // many equal ones
      for (std::size_t e = 0; e < from.size(); ++e) set(from, e, pick(draw, -2, 1));
    shape dims = x;
    dims[along] = k;
    shape both = dims;
    both[0] *= 2;
    REQUIRE(result(top_n(k, axis), {x}) == both);
    const auto y = run(top_n(k, axis, offset), {from}, both, dtype::int32, 0, *lnn::chips[i % 3]);
    integer_tensor first;
    if (k == 1) {
      REQUIRE(result(arg_max(axis), {x}) == both);
      first = run(arg_max(axis), {from}, both, dtype::int32, 0, *lnn::chips[i % 3]);
    }
    const std::size_t half = y.size() / 2;
    for (std::size_t e = 0; e < half; ++e) {
      auto at = places(dims, e);
      const int wanted = at[static_cast<std::size_t>(along)];
      std::vector<std::pair<std::int64_t, int>> order;
      for (int p = 0; p < x[along]; ++p) {
        at[static_cast<std::size_t>(along)] = p;
        order.emplace_back(-get(from, element(x, at)), p);
      }
      std::sort(order.begin(), order.end());
      const auto& [value, place] = order[static_cast<std::size_t>(wanted)];
      REQUIRE(get(y, e) == -value);
      REQUIRE(get(y, half + e) == place + offset);
      if (k != 1) continue;
      REQUIRE(get(first, e) == -value);
      REQUIRE(get(first, half + e) == place);
    }
  }
}

TEST_CASE("arg_max, top_n: real numbers alike") {
  const std::vector<double> x{0.5, 2.5, -1, 2.5};
  std::vector<double> y(4);
  const lnn::flat<const double> in[] = {{x.data(), {1, 4}}};
  const lnn::flat<double> out[] = {{y.data(), {2, 2}}};
  lnn::pool workers(1);
  top_n(2).forward(lnn::forward_call<double, lnn::luna::kernels>{in, out, {}, {}, false, workers});
  CHECK(y == std::vector<double>{2.5, 2.5, 1, 3});
}

TEST_CASE("arg_max, top_n: limits") {
  CHECK(refusal(arg_max(2), {shape{1, 3}}) == "it: axis 2 is above the limit of 1; use an axis of the input");
  CHECK(refusal(top_n(4), {shape{1, 3}}) ==
        "it: greatest elements asked for 4 is above the limit of 3; ask for at least one and at most what a "
        "line has");
  lnn::random draw(1);
  CHECK_THROWS_AS(run(arg_max(), {noise(draw, dtype::int8, {1, 4})}, {2, 1}, dtype::int8, 0), lnn::error);
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(arg_max(0), {shape{1, 3}}, *on, lnn::limit::arg_max::axis));
    CHECK(breaks(top_n(2), {shape{1, 3}}, *on, lnn::limit::arg_max::count));
    CHECK_FALSE(breaks(top_n(1), {shape{1, 3}}, *on, lnn::limit::arg_max::count));
  }
}

}  // namespace test_arg_max
