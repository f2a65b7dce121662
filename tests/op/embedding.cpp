// SPDX-License-Identifier: Apache-2.0
#include <lnn/op/embedding.hpp>
#include <lnn/simd/kernels.hpp>

#include "textbook.hpp"

namespace test_embedding {

using lnn::embedding;
using namespace textbook;

namespace {

integer_tensor places(const std::vector<std::int32_t>& values, const shape& dims) {
  integer_tensor t(dtype::int32, dims, 0);
  for (std::size_t i = 0; i < values.size(); ++i) set(t, i, values[i]);
  return t;
}

}  // namespace

TEST_CASE("embedding: rows of the table, in every width") {
  lnn::random draw(1501);
  const dtype types[] = {dtype::int4, dtype::int8, dtype::int16};
  for (int i = 0; i < 60; ++i) {
    const embedding op{.count = pick(draw, 1, 12), .dim = pick(draw, 1, 9)};
    const shape dims = i % 2 == 0 ? shape{pick(draw, 1, 7)} : shape{2, pick(draw, 1, 4)};
    std::vector<std::int32_t> at(dims.size());
    for (auto& v : at) v = pick(draw, -op.count, op.count - 1);
    const integer_tensor table = noise(draw, types[i % 3], {op.count, op.dim}, 6);
    const int shift = i % 4 == 0 ? pick(draw, -2, 3) : 0;
    const dtype type = i % 3 == 2 ? dtype::int16 : dtype::int8;
    const integer_tensor y =
        run(op, {places(at, dims), table}, result(op, {dims}), type, 6 - shift, *lnn::chips[i % 3]);
    const auto width = static_cast<std::size_t>(op.dim);
    for (std::size_t k = 0; k < y.size(); ++k) {
      const std::int32_t index = at[k / width];
      const std::int64_t wanted =
          get(table, static_cast<std::size_t>(index < 0 ? index + op.count : index) * width + k % width);
      REQUIRE(get(y, k) == finish(wanted, shift, type, false));
    }
  }
}

TEST_CASE("embedding: an index outside of the table is refused, in integers and in real numbers") {
  const embedding op{.count = 4, .dim = 2};
  const integer_tensor table(dtype::int8, {4, 2}, 6);
  for (const std::int32_t bad : {4, -5, INT32_MAX, INT32_MIN})
    CHECK_THROWS_WITH(
        run(op, {places({0, bad}, {2}), table}, {2, 2}, dtype::int8, 6),
        ("embedding: index " + std::to_string(bad) + " is outside of -4 to 3; clip indices to the table")
            .c_str());
  lnn::pool workers(1);
  const auto look_up = [&](float index) {
    std::vector<float> at{index}, weight(8, 1.0F), y(2);
    const lnn::flat<const float> in[] = {{at.data(), {1}}, {weight.data(), {4, 2}}};
    const lnn::flat<float> out[] = {{y.data(), {1, 2}}};
    op.forward(lnn::forward_call<float, lnn::simd::kernels>{
        .in = in, .out = out, .state = {}, .saved = {}, .training = false, .workers = workers});
  };
  CHECK_NOTHROW(look_up(3));
  CHECK_NOTHROW(look_up(-4));
  CHECK_THROWS_WITH(look_up(4), "embedding: index 4 is outside of -4 to 3; clip indices to the table");
  CHECK_NOTHROW(look_up(2.99999976F));  // the nearest place
  for (const float bad : {3.5F, -4.6F, 1e30F, -1e30F, std::numeric_limits<float>::quiet_NaN()})
    CHECK_THROWS_AS(look_up(bad), lnn::error);
}

TEST_CASE("embedding: rules") {
  CHECK(result(embedding{.count = 5, .dim = 3}, {shape{2, 7}}) == shape{2, 7, 3});
  CHECK(refusal(embedding{.count = 0, .dim = 3}, {shape{2}}) ==
        "it: least of count and dim 0 is below the least of 1; use values of 1 and above");
  CHECK(refusal(embedding{.count = 5, .dim = 3}, {shape{1, 1, 1, 1, 1, 1, 1, 1}}) ==
        "it: axes of the output 9 is above the limit of 8; merge axes of the indices with a reshape");
  const lnn::limit::operand indices{.dims = {2}, .bits = 32}, y{.dims = {2, 3}, .bits = 8, .scale = 5};
  lnn::limit::operand table{.dims = {5, 3}, .bits = 4, .scale = 6};
  const auto refused = [&](const lnn::chip& on, const lnn::rule& r) {
    lnn::verdict found;
    embedding{.count = 5, .dim = 3}.check({{&indices, 1}, {&y, 1}, {&table, 1}}, on, found);
    return std::any_of(found.refused().begin(), found.refused().end(),
                       [&](const lnn::finding& f) { return f.what == &r; });
  };
  for (const lnn::chip* on : lnn::chips) CHECK(refused(*on, lnn::limit::gather::exponent));
  CHECK(refused(lnn::venus, lnn::limit::int4_weights));
  CHECK_FALSE(refused(lnn::arcs, lnn::limit::int4_weights));
  table.scale = 5;
  CHECK_FALSE(refused(lnn::arcs, lnn::limit::gather::exponent));
}

}  // namespace test_embedding
