// SPDX-License-Identifier: Apache-2.0
#include "textbook.hpp"

namespace test_linear {

using lnn::linear;
using namespace textbook;

namespace {

wide::number sum_of(const std::vector<integer_tensor>& in, std::size_t row, std::size_t o,
                    std::size_t features) {
  wide::number sum = 0;
  for (std::size_t k = 0; k < features; ++k)
    sum += wide::number{get(in[0], row * features + k)} * get(in[1], o * features + k);
  return sum;
}

/// luna_ops.md 3.4: VENUS clamps the sum to 32 bits before the bias is added, the others keep everything.
wide::number joined(wide::number sum, const integer_tensor* bias, std::size_t o, const lnn::chip& on) {
  if (!bias) return sum;
  return (&on == &lnn::venus ? wide::clamp(sum, 32) : sum) + get(*bias, o);
}

/// How often a 32-bit accumulator that wraps would have given another result.
int check_case(const linear& op, const shape& x, const std::vector<integer_tensor>& in, dtype type, int shift,
               bool relu, const lnn::chip& on) {
  const integer_tensor y = run(op, in, result(op, {x}), type, 13 - shift, on, relu);
  const auto features = static_cast<std::size_t>(x[x.rank() - 1]), out = static_cast<std::size_t>(op.out);
  int differs = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const wide::number sum = sum_of(in, i / out, i % out, features);
    const wide::number expected =
        finish(joined(sum, op.bias ? &in[2] : nullptr, i % out, on), shift, type, relu);
    const wide::number whole = sum + (op.bias ? get(in[2], i % out) : 0);
    if (finish(wide::wrap(whole, 32), shift, type, relu) != expected) ++differs;
    CAPTURE(i);
    REQUIRE(get(y, i) == expected);
  }
  return differs;
}

std::vector<integer_tensor> operands(lnn::random& draw, const linear& op, const shape& x, dtype x_type,
                                     dtype w_type) {
  std::vector<integer_tensor> in{noise(draw, x_type, x, 6),
                                 noise(draw, w_type, {op.out, x[x.rank() - 1]}, 7)};
  if (op.bias) in.push_back(noise(draw, dtype::int32, {op.out}, 13));
  return in;
}

}  // namespace

TEST_CASE("linear: integers equal the definition") {
  lnn::random draw(201);
  const shape shapes[] = {{16}, {1, 16}, {4, 33}, {2, 3, 24}, {3, 1}, {2, 2, 2, 5}};
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int i = 0; i < 300; ++i) {
    const linear op{.out = pick(draw, 1, 20), .bias = i % 3 != 0};
    const shape& x = shapes[pick(draw, 0, 5)];
    const dtype weight = i % 7 == 0 ? dtype::int4 : i % 5 == 0 ? dtype::int16 : dtype::int8;
    const auto in = operands(draw, op, x, i % 5 == 0 ? dtype::int16 : dtype::int8, weight);
    check_case(op, x, in, types[pick(draw, 0, 2)], pick(draw, -2, 30), i % 2 == 0,
               *lnn::chips[pick(draw, 0, 2)]);
  }
}

TEST_CASE("linear: full-range biases, where an accumulator of 32 bits would wrap") {
  lnn::random draw(202);
  const linear op{.out = 16};
  const shape x{3, 64};
  for (const lnn::chip* on : lnn::chips)
    for (const int shift : {0, 1, 9, 25})
      for (const dtype type : {dtype::int8, dtype::int16, dtype::int32}) {
        auto in = operands(draw, op, x, dtype::int8, dtype::int8);
        for (std::size_t o = 0; o < 16; ++o) {
          const std::int32_t edges[] = {INT32_MAX, INT32_MIN, INT32_MAX - 1000, INT32_MIN + 1000};
          set(in[2], o, edges[o % 4]);
        }
        CHECK(check_case(op, x, in, type, shift, false, *on) > 0);
      }
}

TEST_CASE("linear: VENUS clamps 16-bit sums before the bias, ARCS and VENUSA never") {
  const linear op{.out = 2};
  integer_tensor x(dtype::int16, {1, 4}, 0), w(dtype::int16, {2, 4}, 0), bias(dtype::int32, {2}, 0);
  for (std::size_t i = 0; i < 4; ++i) {
    set(x, i, 32767);
    set(w, i, 32767);
    set(w, 4 + i, -32768);
  }
  set(bias, 0, -5);
  set(bias, 1, 5);
  const auto y = [&](const lnn::chip& on, int shift) {
    return run(op, {x, w, bias}, {1, 2}, dtype::int32, -shift, on);
  };
  CHECK(get(y(lnn::venus, 0), 0) == INT32_MAX - 5);
  CHECK(get(y(lnn::venus, 0), 1) == INT32_MIN + 5LL);
  CHECK(get(y(lnn::arcs, 0), 0) == INT32_MAX);
  CHECK(get(y(lnn::venusA, 4), 0) == wide::half_up(wide::number{4} * 32767 * 32767 - 5, 4));
  // without a bias there is one clamp, behind the shift, on every chip
  const auto plain = run(linear{.out = 2, .bias = false}, {x, w}, {1, 2}, dtype::int32, -4, lnn::venus);
  CHECK(get(plain, 0) == wide::half_up(wide::number{4} * 32767 * 32767, 4));
}

TEST_CASE("linear: 32-bit inputs and weights, whose sums pass 64 bits") {
  lnn::random draw(203);
  for (int i = 0; i < 60; ++i) {
    const linear op{.out = pick(draw, 1, 6), .bias = i % 3 != 0};
    const shape x{pick(draw, 1, 4), pick(draw, 1, 40)};
    std::vector<integer_tensor> in = operands(draw, op, x, dtype::int32, dtype::int32);
    if (i % 4 == 0)
      for (std::size_t k = 0; k < in[0].size(); ++k) set(in[0], k, INT32_MIN);
    check_case(op, x, in, i % 2 == 0 ? dtype::int32 : dtype::int8, pick(draw, -2, 62), i % 5 == 0, *lnn::chips[pick(draw, 0, 2)]);
  }
}

TEST_CASE("linear: a finer grid than the product's is reached by a left shift into 32 bits") {
  const linear op{.out = 1};
  const integer_tensor x(dtype::int8, {1, 1}, 0);
  integer_tensor w(dtype::int8, {1, 1}, 0), bias(dtype::int32, {1}, 0);
  set(bias, 0, 5);
  for (const lnn::chip* on : {&lnn::arcs, &lnn::venusA}) {
    CHECK(get(run(op, {x, w, bias}, {1, 1}, dtype::int32, 3, *on), 0) == 40);
    CHECK(get(run(op, {x, w, bias}, {1, 1}, dtype::int32, 30, *on), 0) == INT32_MAX);
  }
}

TEST_CASE("linear: shapes that do not fit are refused in a sentence") {
  CHECK(refusal(linear{.out = 3}, {shape{}}) ==
        "it: rank of the input 0 is below the least of 1; put a flatten before it");
  CHECK(refusal(linear{.out = 0}, {shape{1, 4}}) == "it: output features 0 is below the least of 1; use values of 1 and above");
  CHECK(result(linear{.out = 3}, {shape{2, 5, 4}}) == shape{2, 5, 3});
}

TEST_CASE("linear: weights of the least number of outputs fit the packer's threshold, and venus' equal parts") {
  struct limit {
    const lnn::chip* on;
    int features, buffered;
  };
  for (const limit& l : {limit{&lnn::venus, 163840, 8192}, limit{&lnn::arcs, 163840, 4096}, limit{&lnn::venusA, 81920, 8192}}) {
    CHECK_FALSE(breaks(linear{.out = 4}, {shape{1, l.features}}, *l.on, lnn::limit::linear::input_features));
    CHECK(breaks(linear{.out = 4}, {shape{1, l.features + 1}}, *l.on, lnn::limit::linear::input_features));
    const bool equally = l.on == &lnn::venus;
    CHECK_FALSE(breaks(linear{.out = 4}, {shape{1, l.buffered}}, *l.on, lnn::limit::linear::equal_split));
    CHECK(breaks(linear{.out = 4}, {shape{1, l.buffered + 1}}, *l.on, lnn::limit::linear::equal_split) == equally);
    CHECK(advises(linear{.out = 10}, {shape{1, l.buffered}}, *l.on, lnn::limit::linear::right_split));
    CHECK_FALSE(advises(linear{.out = 4}, {shape{1, 64}}, *l.on, lnn::limit::linear::right_split));
  }
}

}  // namespace test_linear
