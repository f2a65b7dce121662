// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <lnn/op/multihead_attention.hpp>
#include <lnn/simd/kernels.hpp>

#include "textbook.hpp"

namespace test_multihead_attention {

using lnn::multihead_attention;
using namespace textbook;

namespace {

const multihead_attention plain{.out = 5, .heads = 2, .width = 4, .reach = 2};

/// x, then the ten parameters; weights small enough for little to saturate.
std::vector<integer_tensor> operands(lnn::random& draw, const multihead_attention& op, const shape& x) {
  const auto small = [&](dtype type, const shape& dims, int exponent, int reach) {
    integer_tensor t(type, dims, exponent);
    for (std::size_t i = 0; i < t.size(); ++i) set(t, i, pick(draw, -reach, reach));
    return t;
  };
  std::vector<integer_tensor> in{small(dtype::int8, x, 5, 60)};
  const auto wanted = op.parameters(std::span(&x, 1));
  for (std::size_t p = 0; p < wanted.size(); ++p) {
    const bool scaled = lnn::scaled(wanted[p].kind);
    in.push_back(scaled ? small(dtype::int8, wanted[p].dims, 6, 40)
                        : small(dtype::int32, wanted[p].dims, p == 9 ? op.q_result + 6 : 11, 300));
  }
  return in;
}

/// One row of x * w^T + b in 8 bits.
std::vector<std::int8_t> project(const integer_tensor& x, std::size_t first, std::size_t deep,
                                 const integer_tensor& w, const integer_tensor& b, int shift) {
  std::vector<std::int8_t> y(b.size());
  for (std::size_t o = 0; o < b.size(); ++o) {
    wide::number sum = get(b, o);
    for (std::size_t k = 0; k < deep; ++k) sum += wide::number{get(x, first + k)} * get(w, o * deep + k);
    y[o] = static_cast<std::int8_t>(finish(sum, shift, dtype::int8, false));
  }
  return y;
}

}  // namespace

TEST_CASE("multihead_attention: integers equal projections, heads and a projection") {
  lnn::random draw(1901);
  for (int i = 0; i < 30; ++i) {
    multihead_attention op{.out = pick(draw, 1, 6),
                           .heads = pick(draw, 1, 3),
                           .width = pick(draw, 1, 5),
                           .reach = pick(draw, 0, 3),
                           .scalar = pick(draw, -128, 127)};
    op.q_score = pick(draw, 1, 4), op.q_joined = pick(draw, 1, 5), op.q_result = pick(draw, 3, 6);
    const int n = pick(draw, 1, 6), features = pick(draw, 1, 9), batch = i % 3 == 0 ? 2 : 1,
              shift = pick(draw, 2, 8);
    const shape x = batch == 1 ? shape{n, features} : shape{batch, n, features};
    const auto in = operands(draw, op, x);
    const lnn::chip& on = i % 5 == 0 ? lnn::venusA : lnn::arcs;
    const integer_tensor y = run(op, in, result(op, {x}), dtype::int8, op.q_result + 6 - shift, on);
    const auto deep = static_cast<std::size_t>(features),
               inner = static_cast<std::size_t>(op.heads * op.width),
               width = static_cast<std::size_t>(op.width), count = static_cast<std::size_t>(n),
               out = static_cast<std::size_t>(op.out);
    for (std::size_t s = 0; s < static_cast<std::size_t>(batch); ++s) {
      std::vector<std::vector<std::int8_t>> of_head[3];
      integer_tensor mixed(dtype::int8, {n, op.heads * op.width}, op.q_result);
      for (auto& all : of_head)
        all.assign(static_cast<std::size_t>(op.heads), std::vector<std::int8_t>(count * width));
      for (std::size_t row = 0; row < count; ++row)
        for (std::size_t w = 0; w < 3; ++w) {
          const auto values =
              project(in[0], (s * count + row) * deep, deep, in[1 + 2 * w], in[2 + 2 * w], 11 - 4);
          for (std::size_t d = 0; d < inner; ++d) {
            const wide::number scaled = wide::clamp(wide::half_up(wide::number{values[d]} * op.scalar, 8), 8);
            of_head[w][d / width][row * width + d % width] =
                w == 0 ? static_cast<std::int8_t>(scaled) : values[d];
          }
        }
      for (std::size_t h = 0; h < static_cast<std::size_t>(op.heads); ++h) {
        const lnn::luna::attention a{.count = n,
                                     .width = op.width,
                                     .stride = op.width,
                                     .reach = op.reach,
                                     .query = of_head[0][h].data(),
                                     .key = of_head[1][h].data(),
                                     .value = of_head[2][h].data(),
                                     .key_table = in[7].access(),
                                     .value_table = in[8].access(),
                                     .grid = {.query = 4,
                                              .key = 4,
                                              .value = 4,
                                              .score = op.q_score,
                                              .key_offset = 3,
                                              .joined = op.q_joined,
                                              .mixed = 4,
                                              .value_offset = 4,
                                              .result = op.q_result}};
        std::vector<std::int8_t> o(count * width);
        lnn::luna::attend(on.unit, a, o.data());
        for (std::size_t k = 0; k < o.size(); ++k)
          set(mixed, k / width * inner + h * width + k % width, o[k]);
      }
      for (std::size_t row = 0; row < count; ++row) {
        const auto wanted = project(mixed, row * inner, inner, in[9], in[10], shift);
        for (std::size_t o = 0; o < out; ++o) REQUIRE(get(y, (s * count + row) * out + o) == wanted[o]);
      }
    }
  }
}

TEST_CASE("multihead_attention: integers come close to the real numbers they stand for") {
  lnn::random draw(1902);
  multihead_attention op = plain;
  op.q_query = op.q_key = op.q_value = op.q_mixed = op.q_value_offset = op.q_result = 5;
  op.q_scaled = 6, op.q_score = op.q_key_offset = op.q_joined = 4;
  const shape x{6, 8};
  const auto in = operands(draw, op, x);
  const integer_tensor y = run(op, in, {6, 5}, dtype::int16, 10, lnn::arcs);
  std::vector<std::vector<float>> real;
  std::vector<lnn::flat<const float>> values;
  for (const integer_tensor& t : in) {
    const bool bias = t.type() == dtype::int32;
    const int exponent = bias && &t == &in[10] ? op.q_result + 6 : bias ? 11 : t.exponent();
    real.emplace_back();
    for (std::size_t i = 0; i < t.size(); ++i)
      real.back().push_back(static_cast<float>(get(t, i)) * lnn::power_of_two(-exponent));
  }
  for (std::size_t i = 0; i < in.size(); ++i) values.push_back({real[i].data(), in[i].dims()});
  std::vector<float> exact(30);
  const lnn::flat<float> out[] = {{exact.data(), {6, 5}}};
  lnn::pool workers(1);
  op.forward(lnn::forward_call<float, lnn::simd::kernels>{
      .in = values, .out = out, .state = {}, .saved = {}, .training = false, .workers = workers});
  double error = 0, size = 0;
  for (std::size_t i = 0; i < 30; ++i) {
    error += std::pow(static_cast<double>(get(y, i)) / 1024 - static_cast<double>(exact[i]), 2);
    size += std::pow(static_cast<double>(exact[i]), 2);
  }
  CHECK(std::sqrt(error / size) < 0.05);
}

TEST_CASE("multihead_attention: exponents and rules") {
  const int in[] = {5}, parameters[] = {6, 0, 7, 0, 8, 0, 3, 3, 9, 0};
  const lnn::exponents q{in, parameters};
  CHECK(lnn::bias_exponent_of(plain, 1, q) == 11);
  CHECK(lnn::bias_exponent_of(plain, 3, q) == 12);
  CHECK(lnn::bias_exponent_of(plain, 5, q) == 13);
  CHECK(lnn::bias_exponent_of(plain, 9, q) == 13);
  CHECK(lnn::greatest_exponent_of(plain, q) == 13);

  CHECK(result(plain, {shape{2, 7, 3}}) == shape{2, 7, 5});
  CHECK(refusal(plain, {shape{7}}) ==
        "it: rank of the input 1 is below the least of 2; give it [count, features]");
  CHECK(refusal(multihead_attention{.heads = 0}, {shape{7, 3}}) ==
        "it: least of out, headers and head_dim 0 is below the least of 1; use values of 1 and above");
  CHECK(refusal(multihead_attention{.reach = -1}, {shape{7, 3}}) ==
        "it: reach of relative positions -1 is below the least of 0; use 0 and above; 0 has one row for all "
        "distances");
  CHECK(refusal(multihead_attention{.scalar = 128}, {shape{7, 3}}) ==
        "it: factor of q 128 is above the limit of 127; use 8 bits and another scale_iqmul_y");
  CHECK_FALSE(breaks(plain, {shape{7, 3}}, lnn::arcs, lnn::limit::feed_forward::engine));
  CHECK_FALSE(breaks(plain, {shape{7, 3}}, lnn::arcs, lnn::limit::feed_forward::shift));
  CHECK(breaks(plain, {shape{7, 3}}, lnn::venus, lnn::limit::feed_forward::engine));
  CHECK(
      breaks(multihead_attention{.q_scaled = 13}, {shape{7, 3}}, lnn::arcs, lnn::limit::feed_forward::shift));
}

}  // namespace test_multihead_attention
