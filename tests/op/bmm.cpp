// SPDX-License-Identifier: Apache-2.0
#include <lnn/op/bmm.hpp>
#include <lnn/simd/kernels.hpp>

#include "textbook.hpp"

namespace test_bmm {

using lnn::bmm;
using namespace textbook;

namespace {

/// y[i][r][l] = S_out(R(sum a[i][r][k] * b[i][k][l], shift)).
void check_case(const std::vector<integer_tensor>& in, dtype type, int shift, bool relu,
                const lnn::chip& on) {
  const shape dims = result(bmm{}, {in[0].dims(), in[1].dims()});
  const integer_tensor y = run(bmm{}, in, dims, type, in[0].exponent() + in[1].exponent() - shift, on, relu);
  const int rank = dims.rank();
  const auto rows = static_cast<std::size_t>(dims[rank - 2]),
             columns = static_cast<std::size_t>(dims[rank - 1]),
             depth = static_cast<std::size_t>(in[0].dims()[rank - 1]);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t matrix = i / (rows * columns), r = i / columns % rows, l = i % columns;
    wide::number sum = 0;
    for (std::size_t k = 0; k < depth; ++k)
      sum += wide::number{get(in[0], (matrix * rows + r) * depth + k)} *
             get(in[1], (matrix * depth + k) * columns + l);
    CAPTURE(i);
    REQUIRE(get(y, i) == finish(sum, shift, type, relu));
  }
}

}  // namespace

TEST_CASE("bmm: integers equal the definition") {
  lnn::random draw(1201);
  const dtype types[] = {dtype::int8, dtype::int16, dtype::int32};
  for (int i = 0; i < 200; ++i) {
    const int m = pick(draw, 1, 6), n = pick(draw, 1, 20), l = pick(draw, 1, 7), batch = pick(draw, 0, 3);
    const shape a = batch == 0 ? shape{m, n} : shape{batch, m, n},
                b = batch == 0 ? shape{n, l} : shape{batch, n, l};
    const dtype left = types[i % 4 == 0 ? 1 : i % 4 == 1 ? 2 : 0], right = i % 8 == 0 ? dtype::int8 : left;
    check_case({noise(draw, left, a, 5), noise(draw, right, b, 6)}, types[pick(draw, 0, 2)],
               pick(draw, left == dtype::int32 ? 10 : -2, left == dtype::int32 ? 62 : 24), i % 3 == 0,
               *lnn::chips[pick(draw, 0, 2)]);
  }
}

TEST_CASE("bmm: products of the extremes, ties, and sums beyond 64 bits") {
  for (const dtype type : {dtype::int8, dtype::int16, dtype::int32}) {
    integer_tensor a(type, {2, 2, 3}, 0), b(type, {2, 3, 2}, 0);
    const auto range = lnn::integer_range::of(bits(type));
    for (std::size_t i = 0; i < 12; ++i) {
      set(a, i, i % 2 == 0 ? range.low : range.high);
      set(b, i, i < 9 ? range.low : 1);
    }
    for (const int shift : {0, 1, 7, 15, 31, 32, 33, 40, 62})
      for (const lnn::chip* on : lnn::chips) check_case({a, b}, dtype::int32, shift, false, *on);
  }
}

TEST_CASE("bmm: what training watches is every output's exact value") {
  lnn::random draw(1202);
  const integer_tensor a = noise(draw, dtype::int8, {3, 5, 8}, 4), b = noise(draw, dtype::int8, {3, 8, 6}, 5);
  for (const bool fast : {false, true}) {
    integer_tensor y(dtype::int8, {3, 5, 6}, 1);
    std::vector<std::uint8_t> pass(90);
    std::vector<float> exact(90);
    lnn::tap watch{.pass = pass.data(), .exact = exact.data(), .open = {-128, 127}};
    lnn::pool workers(3);
    const lnn::integer_view in[] = {a.access(), b.access()}, out[] = {y.access()};
    if (fast)
      bmm{}.integer(lnn::integer_call<lnn::simd::kernels>{in, out, lnn::venus, false, &watch, workers});
    else
      bmm{}.integer(lnn::integer_call<lnn::luna::kernels>{in, out, lnn::venus, false, &watch, workers});
    float highest = -1e9F, lowest = 1e9F;
    for (std::size_t i = 0; i < 90; ++i) {
      std::int64_t sum = 0;
      for (std::size_t k = 0; k < 8; ++k) sum += get(a, i / 6 * 8 + k) * get(b, i / 30 * 48 + k * 6 + i % 6);
      const float real = static_cast<float>(sum) / 512;
      highest = std::max(highest, real);
      lowest = std::min(lowest, real);
      REQUIRE(exact[i] == real);
      REQUIRE(pass[i] == (lnn::shift_half_up(sum, 8) >= -128 && lnn::shift_half_up(sum, 8) <= 127));
    }
    CHECK(watch.highest == highest);
    CHECK(watch.lowest == lowest);
  }
}

TEST_CASE("bmm: rules") {
  CHECK(result(bmm{}, {shape{3, 4, 5}, shape{3, 5, 2}}) == shape{3, 4, 2});
  CHECK(result(bmm{}, {shape{4, 5}, shape{5, 2}}) == shape{4, 2});
  CHECK(refusal(bmm{}, {shape{5}, shape{5, 2}}) ==
        "it: rank of the first factor 1 is below the least of 2; give it [m, n] or [batch, m, n]");
  CHECK(refusal(bmm{}, {shape{1, 2, 4, 5}, shape{1, 2, 5, 3}}) ==
        "it: rank of the first factor 4 is above the limit of 3; give it [m, n] or [batch, m, n]");
  CHECK(refusal(bmm{}, {shape{2, 4, 5}, shape{5, 3}}) ==
        "it: rank of the second factor 2 must be 3; give it [n, l] or [batch, n, l]");
  CHECK(refusal(bmm{}, {shape{4, 5}, shape{4, 5}}) ==
        "it: columns of the first factor 5 must be 4; let them be the rows of the second one");
  CHECK(refusal(bmm{}, {shape{2, 4, 5}, shape{3, 5, 2}}) ==
        "it: matrices of the first factor 2 must be 3; give both factors as many matrices");
  CHECK(breaks(bmm{}, {shape{4, 512}, shape{512, 65}}, lnn::venus, lnn::limit::bmm::right_bytes));
  CHECK_FALSE(breaks(bmm{}, {shape{4, 512}, shape{512, 65}}, lnn::arcs, lnn::limit::bmm::right_bytes));
}

}  // namespace test_bmm
