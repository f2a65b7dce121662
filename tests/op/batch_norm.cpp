// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_batch_norm {

using lnn::batch_norm;
using namespace textbook;

namespace {

/// luna_ops.md 3.6: y = S(R(S32(x * w) + b, shift)).
int check_case(const std::vector<integer_tensor>& in, dtype type, int shift, bool relu, const lnn::chip& on) {
  const shape x = in[0].dims();
  const integer_tensor y = run(batch_norm{}, in, x, type, 12 - shift, on, relu);
  const std::size_t plane = x.span(2, x.rank());
  int differs = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t channel = i / plane % static_cast<std::size_t>(x[1]);
    const wide::number product = wide::number{get(in[0], i)} * get(in[1], channel),
                       bias = get(in[2], channel);
    const wide::number expected = finish(wide::clamp(product, 32) + bias, shift, type, relu);
    if (finish(wide::wrap(product + bias, 32), shift, type, relu) != expected) ++differs;
    CAPTURE(i);
    REQUIRE(get(y, i) == expected);
  }
  return differs;
}

}  // namespace

TEST_CASE("batch_norm: integers equal the definition") {
  lnn::random draw(301);
  const shape shapes[] = {{1, 8, 5, 5}, {2, 3, 4, 1}, {3, 5}, {1, 4, 7}, {2, 1, 3, 3}};
  for (int i = 0; i < 100; ++i) {
    const shape& x = shapes[pick(draw, 0, 4)];
    const shape each{x[1]};
    const dtype wide_type = i % 4 == 0 ? dtype::int16 : dtype::int8;
    const std::vector<integer_tensor> in{noise(draw, wide_type, x, 5), noise(draw, wide_type, each, 7),
                                         noise(draw, dtype::int32, each, 12)};
    check_case(in, i % 3 == 0 ? dtype::int32 : dtype::int8, pick(draw, -1, 26), i % 2 == 0,
               *lnn::chips[pick(draw, 0, 2)]);
  }
}

TEST_CASE("batch_norm: full-range biases do not wrap") {
  lnn::random draw(302);
  for (const lnn::chip* on : lnn::chips) {
    std::vector<integer_tensor> in{noise(draw, dtype::int8, {2, 4, 6, 6}, 5),
                                   noise(draw, dtype::int8, {4}, 7), integer_tensor(dtype::int32, {4}, 12)};
    const std::int32_t edges[] = {INT32_MAX, INT32_MIN, INT32_MAX - 1000, INT32_MIN + 1000};
    for (std::size_t i = 0; i < 4; ++i) set(in[2], i, edges[i]);
    for (const int shift : {0, 1, 24}) CHECK(check_case(in, dtype::int32, shift, false, *on) > 0);
  }
}

TEST_CASE("batch_norm: rules") {
  CHECK(refusal(batch_norm{}, {shape{5}}) ==
        "it: rank of the input 1 is below the least of 2; give it [n, c, ...]");
  CHECK(result(batch_norm{}, {shape{3, 4}}) == shape{3, 4});
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(batch_norm{}, {shape{1, 8, 5}}, *on, lnn::limit::batch_norm::chip_rank));
    CHECK_FALSE(breaks(batch_norm{}, {shape{1, 8, 5, 5}}, *on, lnn::limit::batch_norm::chip_rank));
  }
}

}  // namespace test_batch_norm
