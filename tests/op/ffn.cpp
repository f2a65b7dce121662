// SPDX-License-Identifier: Apache-2.0
#include <lnn/op/ffn.hpp>

#include "textbook.hpp"

namespace test_ffn {

using lnn::ffn;
using namespace textbook;

namespace {

wide::number affine(const integer_tensor& w, const integer_tensor& b, std::size_t o,
                    const std::vector<std::int64_t>& x) {
  wide::number sum = get(b, o);
  for (std::size_t k = 0; k < x.size(); ++k) sum += wide::number{x[k]} * get(w, o * x.size() + k);
  return sum;
}

std::vector<integer_tensor> operands(lnn::random& draw, const ffn& op, const shape& x, dtype weight) {
  const int in = x[x.rank() - 1];
  return {noise(draw, dtype::int8, x, 5), noise(draw, weight, {op.hidden, in}, 6),
          noise(draw, dtype::int32, {op.hidden}, 11), noise(draw, weight, {op.out, op.hidden}, 7),
          noise(draw, dtype::int32, {op.out}, 7 + op.middle)};
}

}  // namespace

TEST_CASE("ffn: integers equal the definition") {
  lnn::random draw(1701);
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int i = 0; i < 100; ++i) {
    const ffn op{.hidden = pick(draw, 1, 12), .out = pick(draw, 1, 9), .middle = pick(draw, -3, 12)};
    const shape x = i % 3 == 0   ? shape{pick(draw, 1, 9)}
                    : i % 3 == 1 ? shape{pick(draw, 1, 7), 5}
                                 : shape{2, 3, pick(draw, 1, 20)};
    auto in = operands(draw, op, x, i % 4 == 0 ? dtype::int4 : dtype::int8);
    if (i % 2 == 0)  // small biases, so that not everything saturates
      for (const std::size_t k : {2U, 4U})
        for (std::size_t o = 0; o < in[k].size(); ++o) set(in[k], o, pick(draw, -3000, 3000));
    const dtype type = types[pick(draw, 0, 2)];
    const int shift = pick(draw, -1, 14);
    const bool relu = i % 5 == 0;
    const integer_tensor y = run(op, in, result(op, {x}), type, op.middle + 7 - shift, lnn::arcs, relu);
    const auto features = static_cast<std::size_t>(x[x.rank() - 1]), out = static_cast<std::size_t>(op.out);
    for (std::size_t row = 0; row < y.size() / out; ++row) {
      std::vector<std::int64_t> values, between;
      for (std::size_t k = 0; k < features; ++k) values.push_back(get(in[0], row * features + k));
      for (std::size_t h = 0; h < static_cast<std::size_t>(op.hidden); ++h)
        between.push_back(static_cast<std::int64_t>(
            finish(affine(in[1], in[2], h, values), 11 - op.middle, dtype::int8, true)));
      for (std::size_t o = 0; o < out; ++o)
        REQUIRE(get(y, row * out + o) == finish(affine(in[3], in[4], o, between), shift, type, relu));
    }
  }
}

TEST_CASE("ffn: exponents of its parameters follow from the value between the layers") {
  const int in[] = {5}, parameters[] = {6, 0, 7, 0};
  const lnn::exponents q{in, parameters};
  const ffn op{.middle = 3};
  CHECK(lnn::bias_exponent_of(op, 1, q) == 11);
  CHECK(lnn::bias_exponent_of(op, 3, q) == 10);
  CHECK(lnn::greatest_exponent_of(op, q) == 10);
}

TEST_CASE("ffn: rules") {
  CHECK(refusal(ffn{}, {shape{}}) ==
        "it: rank of the input 0 is below the least of 1; put a flatten before it");
  CHECK(refusal(ffn{.hidden = 0, .out = 2}, {shape{1, 4}}) ==
        "it: least of hidden and out 0 is below the least of 1; use values of 1 and above");
  CHECK(result(ffn{.hidden = 3, .out = 2}, {shape{2, 5, 4}}) == shape{2, 5, 2});
  CHECK_FALSE(breaks(ffn{}, {shape{1, 4}}, lnn::arcs, lnn::limit::feed_forward::engine));
  CHECK(breaks(ffn{}, {shape{1, 4}}, lnn::venus, lnn::limit::feed_forward::engine));
  CHECK(breaks(ffn{}, {shape{1, 4}}, lnn::venusA, lnn::limit::feed_forward::engine));

  lnn::limit::operand x{.dims = {1, 4}, .bits = 8, .scale = 5}, y{.dims = {1, 1}, .bits = 8, .scale = 4};
  lnn::limit::operand p[] = {{.dims = {1, 4}, .bits = 8, .scale = 6},
                             {.dims = {1}, .bits = 32},
                             {.dims = {1, 1}, .bits = 8, .scale = 6},
                             {.dims = {1}, .bits = 32}};
  const auto first = [&](int middle) {
    lnn::verdict found;
    found.layer = "it";
    ffn{.middle = middle}.check({{&x, 1}, {&y, 1}, p}, lnn::arcs, found);
    return found.clean() ? std::string() : std::string(found.refused().front().sentence().view());
  };
  CHECK(first(4).empty());
  CHECK(first(12) ==
        "it: least right shift within the layer -1 is below the least of 0; lower the exponents of its "
        "intermediate values and of its output");
  y.scale = 11;
  CHECK_FALSE(first(4).empty());
  y.scale = 4;
  p[2].bits = 16;
  CHECK_FALSE(first(4).empty());
  p[2].bits = 4;
  CHECK(first(4).empty());
  x.bits = 16;
  CHECK(first(4) == "it: input or output of 16 bits must be 8 bits; quantize both to 8 bits");
}

}  // namespace test_ffn
