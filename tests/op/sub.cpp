// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_sub {

using lnn::sub;
using namespace textbook;

TEST_CASE("sub: each operand is rounded and clamped by itself, then the difference is clamped") {
  lnn::random draw(2701);
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
    const shape dims = result(sub{}, {left, right});
    const auto y = run(sub{}, {a, b}, dims, type, q_o, *lnn::chips[i % 3]);
    for (std::size_t k = 0; k < y.size(); ++k) {
      const auto part = [&](const integer_tensor& t, int q) {
        return wide::clamp(wide::half_up(get(t, meets(t.dims(), dims, k)), q - q_o), bits(type));
      };
      REQUIRE(get(y, k) == wide::clamp(part(a, q_a) - part(b, q_b), bits(type)));
    }
  }
}

TEST_CASE("sub: training sees the exact difference") {
  lnn::random draw(2702);
  const auto a = noise(draw, dtype::int8, {50}, 5), b = noise(draw, dtype::int8, {50}, 3);
  integer_tensor y(dtype::int8, {50}, 2);
  const lnn::integer_view in[] = {a.access(), b.access()}, out[] = {y.access()};
  std::vector<std::uint8_t> pass(50);
  std::vector<float> exact(50);
  lnn::tap watch{.pass = pass.data(), .exact = exact.data(), .open = {-128, 127}};
  lnn::pool workers(1);
  sub{}.integer(lnn::integer_call<lnn::luna::kernels>{in, out, lnn::venus, false, &watch, workers});
  for (std::size_t i = 0; i < 50; ++i) {
    const double real = static_cast<double>(get(a, i)) / 32 - static_cast<double>(get(b, i)) / 8;
    CHECK(static_cast<double>(exact[i]) == real);
    CHECK(pass[i] == 1);
  }
}

TEST_CASE("sub: shapes and limits") {
  CHECK(refusal(sub{}, {shape{2, 3}, shape{2, 4}}) ==
        "it: input shapes 2x3 and 2x4 must agree; they may differ only where one of them is 1");
  for (const lnn::chip* on : lnn::chips) {
    CHECK_FALSE(breaks(sub{}, {shape{2, 3}, shape{2, 3}}, *on, lnn::limit::sub::equal_shapes));
    CHECK(breaks(sub{}, {shape{2, 3}, shape{1, 3}}, *on, lnn::limit::sub::equal_shapes));
    CHECK(advises(sub{}, {shape{2, 3}, shape{2, 3}}, *on, lnn::limit::sub::first_operand));
  }
}

}  // namespace test_sub
