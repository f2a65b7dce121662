// SPDX-License-Identifier: Apache-2.0
#include <lnn/simd/kernels.hpp>

#include "textbook.hpp"

namespace test_conv1d {

using lnn::conv1d;
using namespace textbook;

namespace {

namespace rules = lnn::limit::conv1d;

std::vector<integer_tensor> operands(lnn::random& draw, const conv1d& op, const shape& x,
                                     dtype weight_type = dtype::int8) {
  std::vector<integer_tensor> in{noise(draw, dtype::int8, x, 5)};
  in.push_back(noise(draw, weight_type, {op.out, x[1] / op.group, op.kernel.n}, 6));
  if (op.bias) in.push_back(noise(draw, dtype::int32, {op.out}, 11));
  return in;
}

wide::number sum_of(const conv1d& op, const std::vector<integer_tensor>& in, int line, int o, int i) {
  const shape x = in[0].dims();
  const int deep = x[1] / op.group, first = o / (op.out / op.group) * deep;
  wide::number sum = 0;
  for (int k = 0; k < deep; ++k)
    for (int p = 0; p < op.kernel.n; ++p) {
      const int at = i * op.stride.n - op.pad.before + p * op.dilation.n;
      if (at < 0 || at >= x[2]) continue;
      sum += wide::number{get(in[0], static_cast<std::size_t>((line * x[1] + first + k) * x[2] + at))} *
             get(in[1], static_cast<std::size_t>((o * deep + k) * op.kernel.n + p));
    }
  return sum;
}

/// luna_ops.md 2.1 and 3.2.
wide::number expected(const conv1d& op, wide::number sum, wide::number bias, int shift, dtype type, bool relu,
                      const lnn::chip& on) {
  if (&on != &lnn::venus && type == dtype::int8) shift = std::max(shift, 0);
  const bool by_matrix = &on == &lnn::venus && op.kernel.n > 5;
  return finish(by_matrix ? wide::clamp(sum, 32) + bias : wide::clamp(sum + bias, 32), shift, type, relu,
                op.slope);
}

void check_case(const conv1d& op, const std::vector<integer_tensor>& in, int shift, dtype type, bool relu,
                const lnn::chip& on) {
  const shape dims = result(op, {in[0].dims()});
  const integer_tensor y = run(op, in, dims, type, 11 - shift, on, relu);
  CHECK(y == run_on<lnn::simd::kernels>(op, in, dims, type, 11 - shift, on, relu));
  std::size_t at = 0;
  for (int n = 0; n < dims[0]; ++n)
    for (int o = 0; o < dims[1]; ++o)
      for (int i = 0; i < dims[2]; ++i) {
        const wide::number bias = op.bias ? get(in[2], static_cast<std::size_t>(o)) : 0;
        CAPTURE(at);
        REQUIRE(get(y, at++) == expected(op, sum_of(op, in, n, o, i), bias, shift, type, relu, on));
      }
}

}  // namespace

TEST_CASE("conv1d: integers equal the definition on random geometry") {
  lnn::random draw(111);
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int done = 0; done < 300;) {
    const int group = pick(draw, 0, 2) == 0 ? 1 : pick(draw, 1, 4);
    const bool depthwise = pick(draw, 0, 3) == 0;
    const conv1d op{.out = group * (depthwise ? 1 : pick(draw, 1, 3)),
                    .kernel = pick(draw, 1, 9),
                    .stride = pick(draw, 1, 4),
                    .pad = {pick(draw, 0, 4), pick(draw, 0, 4)},
                    .dilation = pick(draw, 1, 3),
                    .group = group,
                    .bias = pick(draw, 0, 2) != 0,
                    .slope = pick(draw, 0, 2) == 0 ? pick(draw, 1, 9) : 0};
    const shape x{pick(draw, 1, 2), group * (depthwise ? 1 : pick(draw, 1, 5)), pick(draw, 1, 30)};
    if (!refusal(op, {x}).empty()) continue;
    const auto in = operands(draw, op, x, done % 4 == 0 ? dtype::int4 : dtype::int8);
    check_case(op, in, pick(draw, -3, 30), types[pick(draw, 0, 2)], pick(draw, 0, 1) == 1,
               *lnn::chips[++done % 3]);
  }
}

TEST_CASE(
    "conv1d: full-range biases clamp at 32 bits, on venus in front of the bias where kernels are long") {
  lnn::random draw(112);
  int differs = 0;
  for (const lnn::chip* on : lnn::chips)
    for (const int kernel : {3, 7})
      for (const int shift : {0, 1, 24})
        for (const dtype type : {dtype::int8, dtype::int32}) {
          const conv1d op{.out = 4, .kernel = kernel};
          auto in = operands(draw, op, {1, 8, 12});
          const std::int32_t edges[] = {INT32_MAX, INT32_MIN, INT32_MAX - 1000, INT32_MIN + 1000};
          for (std::size_t o = 0; o < 4; ++o) set(in[2], o, edges[o]);
          check_case(op, in, shift, type, false, *on);
          const wide::number sum = sum_of(op, in, 0, 0, 0), bias = INT32_MAX;
          differs += expected(op, sum, bias, 1, dtype::int32, false, *on) !=
                     finish(wide::clamp(sum + bias, 32), 1, dtype::int32, false);
        }
  CHECK(differs > 0);  // the rule of long kernels can be told from the other one
}

// luna_ops.md 3.2: only 32-bit outputs are raised to a finer grid
TEST_CASE("conv1d: an output exponent above the product's") {
  const conv1d op{.out = 1, .kernel = 1, .bias = false};
  integer_tensor x(dtype::int8, {1, 1, 2}, 3), w(dtype::int8, {1, 1, 1}, 0);
  set(x, 0, 5), set(x, 1, -7), set(w, 0, 2);
  for (const lnn::chip* on : {&lnn::arcs, &lnn::venusA}) {
    CHECK(get(run(op, {x, w}, {1, 1, 2}, dtype::int8, 6, *on), 1) == -14);
    CHECK(get(run(op, {x, w}, {1, 1, 2}, dtype::int32, 6, *on), 1) == -112);
    CHECK(get(run(op, {x, w}, {1, 1, 2}, dtype::int32, 40, *on), 0) == INT32_MAX);
  }
}

TEST_CASE("conv1d: shapes that do not fit are refused in a sentence") {
  const shape x{1, 8, 6};
  CHECK(refusal(conv1d{}, {shape{1, 8, 6, 6}}) ==
        "it: rank of the input 4 must be 3; give it [n, c, length]");
  CHECK(
      refusal(conv1d{.stride = 0}, {x}) ==
      "it: least of the window's attributes and counts 0 is below the least of 1; use values of 1 and above");
  CHECK(refusal(conv1d{.pad = {0, -1}}, {x}) ==
        "it: least padding -1 is below the least of 0; slice the input instead");
  CHECK(refusal(conv1d{.out = 8, .group = 3}, {x}) ==
        "it: input channels left over by the groups 2 must be 0; choose a group that divides the input "
        "channels");
  CHECK(refusal(conv1d{.out = 6, .group = 4}, {x}) ==
        "it: output channels left over by the groups 2 must be 0; choose a group that divides the output "
        "channels");
  CHECK(refusal(conv1d{.kernel = 7}, {x}) ==
        "it: output length 0 is below the least of 1; pad the input or use a smaller window");
  CHECK(result(conv1d{.out = 4, .stride = 2, .pad = {2, 0}, .dilation = 2}, {x}) == shape{1, 4, 2});
}

TEST_CASE("conv1d: limits of each chip") {
  const shape x{1, 8, 60};
  for (const lnn::chip* on : lnn::chips) {
    CAPTURE(std::string(on->name));
    const int most = on == &lnn::venus ? 5 : 12;
    CHECK_FALSE(breaks(conv1d{.kernel = most}, {x}, *on, rules::kernel));
    CHECK(breaks(conv1d{.kernel = most + 1}, {x}, *on, rules::kernel));
    CHECK(breaks(conv1d{.stride = 3}, {x}, *on, rules::stride));
    CHECK(breaks(conv1d{.dilation = 2}, {x}, *on, rules::dilation));
    CHECK(breaks(conv1d{.out = 8, .group = 8}, {x}, *on, rules::depthwise));
    CHECK(breaks(conv1d{.pad = 1}, {x}, *on, rules::engine_padding) == (on == &lnn::venusA));
    CHECK_FALSE(breaks(conv1d{.out = 8, .group = 2}, {x}, *on, rules::depthwise));
  }
}

}  // namespace test_conv1d
