// SPDX-License-Identifier: Apache-2.0
#include "moved.hpp"

namespace test_resize {

using namespace textbook;

TEST_CASE("resize: the nearest element") {
  using lnn::coordinates;
  using lnn::nearest;
  lnn::random draw(2606);
  const lnn::resize twice{
      .scales = {1, 1, 2, 3}, .transformation = coordinates::asymmetric, .rounding = nearest::floor};
  REQUIRE(result(twice, {shape{1, 2, 3, 4}}) == shape{1, 2, 6, 12});
  check_moved(draw, twice, {1, 2, 3, 4}, {1, 2, 6, 12}, [](std::vector<int> at) {
    at[2] /= 2;
    at[3] /= 3;
    return at;
  });
  // of five elements onto three, as the four roundings take them: 0.333.., 2, 3.666..
  const auto taken = [&](coordinates c, nearest n, int to) {
    integer_tensor x(dtype::int8, {5}, 0);
    for (int i = 0; i < 5; ++i) set(x, static_cast<std::size_t>(i), i);
    const auto y =
        run(lnn::resize{.sizes = {to}, .transformation = c, .rounding = n}, {x}, {to}, dtype::int8, 0);
    std::vector<std::int64_t> out;
    for (std::size_t i = 0; i < y.size(); ++i) out.push_back(get(y, i));
    return out;
  };
  using list = std::vector<std::int64_t>;
  CHECK(taken(coordinates::half_pixel, nearest::floor, 3) == list{0, 2, 3});
  CHECK(taken(coordinates::half_pixel, nearest::ceil, 3) == list{1, 2, 4});
  CHECK(taken(coordinates::half_pixel, nearest::round_prefer_floor, 3) == list{0, 2, 4});
  CHECK(taken(coordinates::half_pixel, nearest::round_prefer_floor, 10) ==
        list{0, 0, 1, 1, 2, 2, 3, 3, 4, 4});
  CHECK(taken(coordinates::asymmetric, nearest::round_prefer_floor, 10) ==
        list{0, 0, 1, 1, 2, 2, 3, 3, 4, 4});
  CHECK(taken(coordinates::asymmetric, nearest::round_prefer_ceil, 10) == list{0, 1, 1, 2, 2, 3, 3, 4, 4, 4});
  CHECK(taken(coordinates::align_corners, nearest::round_prefer_floor, 2) == list{0, 4});
  CHECK(taken(coordinates::pytorch_half_pixel, nearest::floor, 1) == list{0});
  CHECK(taken(coordinates::half_pixel, nearest::floor, 1) == list{2});
}

TEST_CASE("resize: the engine's own real numbers") {
  integer_tensor x(dtype::float32, {4}, 0);
  const float values[] = {0, 8, 16, 8};
  std::copy(values, values + 4, x.as<float>());
  const auto line = run(lnn::resize{.mode = lnn::sampling::linear, .scales = {2}}, {x}, {8}, dtype::float32, 0);
  CHECK(line.as<float>()[1] == 2.0F);
  const auto twice = run(lnn::resize{.scales = {2}}, {x}, {8}, dtype::float32, 0);
  CHECK(twice.as<float>()[3] == 8.0F);
}

TEST_CASE("resize: interpolation is for real numbers only") {
  using lnn::sampling;
  const lnn::resize op{.mode = sampling::linear, .scales = {2}};
  lnn::random draw(1);
  CHECK_THROWS_WITH_AS(run(op, {noise(draw, dtype::int8, {4})}, {8}, dtype::int8, 0),
                       "resize: no chip interpolates integers; use mode nearest", lnn::error);
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(op, {shape{4}}, *on, lnn::limit::resize::interpolation));
    CHECK_FALSE(breaks(lnn::resize{.scales = {2}}, {shape{4}}, *on, lnn::limit::resize::interpolation));
    CHECK(breaks(op, {shape{4}}, *on, lnn::limit::unsupported) == (on != &lnn::venus));
  }
  CHECK(refusal(lnn::resize{.scales = {2, 2}}, {shape{4}}) ==
        "it: numbers of scales or sizes 2 must be 1; give one for every axis");
  CHECK(refusal(lnn::resize{.sizes = {0}}, {shape{4}}) ==
        "it: extent of an axis of the result 0 is below the least of 1; leave at least one element");

  const auto interpolated = [](const lnn::resize& r, const std::vector<double>& x, int n) {
    std::vector<double> y(static_cast<std::size_t>(n));
    lnn::pool workers(1);
    struct kernels {};
    const lnn::flat<const double> in[] = {{x.data(), {static_cast<int>(x.size())}}};
    const lnn::flat<double> out[] = {{y.data(), {n}}};
    r.forward(lnn::forward_call<double, kernels>{in, out, {}, {}, false, workers});
    return y;
  };
  const auto line = interpolated(op, {0, 8, 16, 8}, 8);
  const double expected[] = {0, 2, 6, 10, 14, 14, 10, 8};
  for (std::size_t i = 0; i < 8; ++i) CHECK(line[i] == doctest::Approx(expected[i]));
  const auto corners = interpolated(
      {.mode = sampling::linear, .sizes = {7}, .transformation = lnn::coordinates::align_corners},
      {0, 2, 4, 6}, 7);
  for (std::size_t i = 0; i < 7; ++i) CHECK(corners[i] == doctest::Approx(static_cast<double>(i)));
  // Keys' cubic with a = -0.75: a single 1 is worth 0.87890625 at a quarter's distance, 0.26171875 at three
  // quarters'
  const auto cubic = interpolated({.mode = sampling::cubic, .scales = {2}}, {0, 0, 1, 0, 0}, 10);
  CHECK(cubic[5] == doctest::Approx(0.87890625));
  CHECK(cubic[6] == doctest::Approx(0.26171875));
  double sum = 0;
  for (double v : cubic) sum += v;
  CHECK(sum == doctest::Approx(2));
}

}  // namespace test_resize
