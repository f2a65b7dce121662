// SPDX-License-Identifier: Apache-2.0
#include <lnn/op/sparsified_ffn.hpp>

#include "textbook.hpp"

namespace test_sparsified_ffn {

using lnn::sparsified_ffn;
using namespace textbook;

TEST_CASE("sparsified_ffn: integers equal the definition, the first of equal groups is chosen") {
  lnn::random draw(1801);
  std::vector<int> chosen(5);
  for (int i = 0; i < 120; ++i) {
    const int groups = pick(draw, 1, 5), each = pick(draw, 1, 4), features = pick(draw, 1, 12);
    const sparsified_ffn op{.hidden = groups * each,
                            .out = pick(draw, 1, 6),
                            .groups = groups,
                            .middle = pick(draw, 2, 8),
                            .mask = pick(draw, 0, 8)};
    const shape x = i % 2 == 0 ? shape{1, features} : shape{3, features};
    std::vector<integer_tensor> in{noise(draw, dtype::int8, x, 5)};
    const dtype weight = i % 4 == 3 ? dtype::int8 : dtype::int4;
    const shape dims[] = {{op.hidden, features}, {op.hidden}, {op.out, op.hidden}, {op.out},
                          {groups, features},    {groups}};
    for (int p = 0; p < 6; ++p) {
      in.push_back(noise(draw, p % 2 == 0 ? weight : dtype::int32, dims[p],
                         p % 2 == 0 ? 4
                         : p == 3   ? op.middle + 4
                                    : 9));
      if (p % 2 == 1)
        for (std::size_t o = 0; o < in.back().size(); ++o) set(in.back(), o, pick(draw, -2000, 2000));
    }
    const int shift = pick(draw, 0, 9);
    const integer_tensor y =
        run(op, in, result(op, {x}), dtype::int8, op.middle + 4 - shift, lnn::arcs, i % 5 == 0);
    const auto deep = static_cast<std::size_t>(features), wide_group = static_cast<std::size_t>(each),
               out = static_cast<std::size_t>(op.out);
    for (std::size_t row = 0; row < y.size() / out; ++row) {
      const auto affine = [&](std::size_t w, std::size_t o) {
        wide::number sum = get(in[w + 1], o);
        for (std::size_t k = 0; k < deep; ++k)
          sum += wide::number{get(in[0], row * deep + k)} * get(in[w], o * deep + k);
        return sum;
      };
      std::size_t g = 0;
      const auto score = [&](std::size_t o) { return finish(affine(5, o), 9 - op.mask, dtype::int8, false); };
      for (std::size_t o = 1; o < static_cast<std::size_t>(groups); ++o)
        if (score(o) > score(g)) g = o;
      ++chosen[g];
      for (std::size_t o = 0; o < out; ++o) {
        wide::number sum = get(in[4], o);
        for (std::size_t h = g * wide_group; h < (g + 1) * wide_group; ++h)
          sum += finish(affine(1, h), 9 - op.middle, dtype::int8, true) *
                 get(in[3], o * static_cast<std::size_t>(op.hidden) + h);
        REQUIRE(get(y, row * out + o) == finish(sum, shift, dtype::int8, i % 5 == 0));
      }
    }
  }
  for (const int n : chosen) CHECK(n > 0);
}

TEST_CASE("sparsified_ffn: exponents and rules") {
  const int in[] = {5}, parameters[] = {6, 0, 7, 0, 4, 0};
  const lnn::exponents q{in, parameters};
  const sparsified_ffn op{.middle = 3};
  CHECK(lnn::bias_exponent_of(op, 1, q) == 11);
  CHECK(lnn::bias_exponent_of(op, 3, q) == 10);
  CHECK(lnn::bias_exponent_of(op, 5, q) == 9);
  CHECK(lnn::greatest_exponent_of(op, q) == 10);

  CHECK(refusal(sparsified_ffn{.hidden = 9}, {shape{1, 4}}) ==
        "it: hidden features left over by the groups 1 must be 0; choose a group_num that divides them");
  CHECK(refusal(sparsified_ffn{.groups = 0}, {shape{1, 4}}) ==
        "it: least of hidden, out and group_num 0 is below the least of 1; use values of 1 and above");
  CHECK(refusal(sparsified_ffn{}, {shape{}}) ==
        "it: rank of the input 0 is below the least of 1; put a flatten before it");
  const lnn::limit::operand x{.dims = {1, 4}, .bits = 8}, y{.dims = {1, 1}, .bits = 8};
  lnn::limit::operand p[6];
  for (lnn::limit::operand& part : p) part.bits = 4;
  const auto refused = [&] {
    lnn::verdict found;
    found.layer = "it";
    sparsified_ffn{}.check({{&x, 1}, {&y, 1}, p}, lnn::arcs, found);
    return found.clean() ? std::string() : std::string(found.refused().front().sentence().view());
  };
  CHECK(refused().empty());
  p[4].bits = 8;  // of the choice alone
  CHECK(refused().empty());
  p[2].bits = 8;
  CHECK(refused() == "it: weights of 8 bits must be 4 bits; quantize all weights of the layer to 4 bits");
  CHECK_FALSE(breaks(sparsified_ffn{}, {shape{1, 4}}, lnn::arcs, lnn::limit::feed_forward::engine));
  CHECK(breaks(sparsified_ffn{}, {shape{1, 4}}, lnn::venusA, lnn::limit::feed_forward::engine));
  CHECK_FALSE(breaks(sparsified_ffn{}, {shape{1, 4}}, lnn::arcs, lnn::limit::feed_forward::rows));
  CHECK(breaks(sparsified_ffn{}, {shape{2, 4}}, lnn::arcs, lnn::limit::feed_forward::rows));
}

}  // namespace test_sparsified_ffn
