// SPDX-License-Identifier: Apache-2.0
#include <lnn/op/layer_norm.hpp>

#include "textbook.hpp"

#include <cmath>

namespace test_layer_norm {

using lnn::layer_norm;
using namespace textbook;

namespace {

void check_case(const layer_norm& op, const std::vector<integer_tensor>& in, dtype type, int shift,
                const lnn::chip& on) {
  const shape x = result(op, {in[0].dims()});
  const integer_tensor y = run(op, in, x, type, 10 + in[1].exponent() - shift, on);
  const std::size_t n = in[1].size();
  for (std::size_t row = 0; row < y.size() / n; ++row) {
    std::vector<std::int32_t> values(n);
    std::vector<std::int64_t> normal(n);
    for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<std::int32_t>(get(in[0], row * n + i));
    lnn::luna::normalize(values.data(), n, in[0].exponent(), &on == &lnn::venus ? 16 : 32, normal.data());
    for (std::size_t i = 0; i < n; ++i) {
      const wide::number acc = wide::clamp(wide::number{normal[i]} * get(in[1], i), 32) + get(in[2], i);
      REQUIRE(get(y, row * n + i) == finish(acc, shift, type, false));
    }
  }
}

}  // namespace

TEST_CASE("layer_norm: integers equal the definition") {
  lnn::random draw(1401);
  const dtype out[] = {dtype::int8, dtype::int16, dtype::int32},
              weights[] = {dtype::int4, dtype::int8, dtype::int16};
  for (int i = 0; i < 150; ++i) {
    const layer_norm op{.axes = 1 + i % 2};
    shape x;
    for (int rank = pick(draw, op.axes, 4); rank > 0; --rank) x.append(pick(draw, 1, 9));
    const shape each = op.parameters(std::span(&x, 1))[0].dims;
    check_case(
        op,
        {noise(draw, i % 5 == 0 ? dtype::int16 : dtype::int8, x, pick(draw, 0, 8)),
         noise(draw, weights[pick(draw, 0, 2)], each, pick(draw, 3, 8)), noise(draw, dtype::int32, each, 16)},
        out[pick(draw, 0, 2)], pick(draw, -2, 24), *lnn::chips[pick(draw, 0, 2)]);
  }
}

TEST_CASE("layer_norm: the product clamps at 32 bits before beta") {
  const layer_norm op;
  integer_tensor x(dtype::int8, {1, 5000}, 0), gamma(dtype::int16, {5000}, 7), beta(dtype::int32, {5000}, 17);
  set(x, 0, 127);
  set(gamma, 0, 32767);
  set(beta, 0, -7);
  CHECK(get(run(op, {x, gamma, beta}, {1, 5000}, dtype::int32, 17, lnn::venus), 0) == 32767 * 32767 - 7);
  CHECK(get(run(op, {x, gamma, beta}, {1, 5000}, dtype::int32, 17, lnn::arcs), 0) == INT32_MAX - 7);
}

TEST_CASE("layer_norm: integers come close to the real numbers they stand for") {
  lnn::random draw(1402);
  const int n = 48;
  const integer_tensor x = noise(draw, dtype::int8, {4, n}, 4), gamma = noise(draw, dtype::int8, {n}, 6),
                       beta = noise(draw, dtype::int32, {n}, 16);
  for (const lnn::chip* on : lnn::chips) {
    const integer_tensor y = run(layer_norm{}, {x, gamma, beta}, {4, n}, dtype::int32, 12, *on);
    for (std::size_t row = 0; row < 4; ++row) {
      double sum = 0, squares = 0;
      for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(get(x, row * n + i)) / 16;
      for (std::size_t i = 0; i < n; ++i)
        squares += std::pow(static_cast<double>(get(x, row * n + i)) / 16 - sum / n, 2);
      for (std::size_t i = 0; i < n; ++i) {
        const double normal =
            (static_cast<double>(get(x, row * n + i)) / 16 - sum / n) / std::sqrt(squares / n + 1e-5);
        const double real =
            normal * static_cast<double>(get(gamma, i)) / 64 + static_cast<double>(get(beta, i)) / 65536;
        CHECK(static_cast<double>(get(y, row * n + i)) / 4096 ==
              doctest::Approx(real).epsilon(0.02).scale(1));
      }
    }
  }
}

TEST_CASE("layer_norm: exponents of beta and output follow from gamma's, not from the input's") {
  const int in[] = {3}, parameters[] = {7, 0};
  CHECK(lnn::bias_exponent_of(layer_norm{}, 1, {in, parameters}) == 17);
  CHECK(lnn::greatest_exponent_of(layer_norm{}, {in, parameters}) == 17);
}

TEST_CASE("layer_norm: rules") {
  CHECK(result(layer_norm{.axes = 2}, {shape{2, 3, 4}}) == shape{2, 3, 4});
  CHECK(refusal(layer_norm{.axes = 3}, {shape{2, 3, 4}}) ==
        "it: normalized axes 3 is above the limit of 2; normalize over the last axis or the last two");
  CHECK(refusal(layer_norm{.axes = 0}, {shape{2, 3}}) ==
        "it: normalized axes 0 is below the least of 1; normalize over the last axis or the last two");
  CHECK(refusal(layer_norm{.axes = 2}, {shape{4}}) ==
        "it: normalized axes 2 is above the limit of 1; normalize over the last axis or the last two");
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(layer_norm{}, {shape{4}}, *on, lnn::limit::layer_norm::rank));
    CHECK_FALSE(breaks(layer_norm{.axes = 2}, {shape{2, 3, 4}}, *on, lnn::limit::layer_norm::weight));
    CHECK(advises(layer_norm{}, {shape{2, 4}}, *on, lnn::limit::layer_norm::workspace));
  }
  const integer_tensor x(dtype::int32, {1, 2}, 0), gamma(dtype::int8, {2}, 0), beta(dtype::int32, {2}, 0);
  CHECK_THROWS_WITH(run(layer_norm{}, {x, gamma, beta}, {1, 2}, dtype::int8, 0),
                    "layer_norm: element type int32 where int8 or int16 is needed");
}

}  // namespace test_layer_norm
