// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <lnn/luna/log_softmax.hpp>

#include "textbook.hpp"

namespace test_softmax {

using namespace textbook;

namespace {

using row_function = void (*)(lnn::curves, const std::int32_t*, std::size_t, std::int32_t*) noexcept;

/// Along any axis: rows are gathered here one element after the other, and go through the row function (which
/// has tests of its own).
template <class Op>
void check_every_axis(row_function row_of, int (*exponent)(lnn::curves), std::uint64_t seed) {
  lnn::random draw(seed);
  for (const lnn::chip* on : lnn::chips)
    for (const dtype from : {dtype::int8, dtype::int16, dtype::int32})
      for (const dtype to : {dtype::int8, dtype::int16, dtype::int32})
        for (const int axis : {0, 1, 2, -1, -3}) {
          const int q = pick(draw, -1, 27), q_o = pick(draw, 0, 15);
          const shape dims{pick(draw, 1, 4), pick(draw, 1, 9), pick(draw, 1, 12)};
          const auto x = noise(draw, from, dims, q);
          const auto y = run(Op{axis}, {x}, dims, to, q_o, *on);
          const int along = axis < 0 ? axis + 3 : axis;
          const std::size_t n = static_cast<std::size_t>(dims[along]), step = dims.span(along + 1, 3);
          for (std::size_t first = 0; first < x.size(); ++first) {
            if (first / step % n != 0) continue;
            std::vector<std::int32_t> in(n), out(n);
            for (std::size_t i = 0; i < n; ++i)
              in[i] =
                  static_cast<std::int32_t>(wide::clamp(wide::half_up(get(x, first + i * step), q - 25), 32));
            row_of(on->unit, in.data(), n, out.data());
            for (std::size_t i = 0; i < n; ++i)
              REQUIRE(get(y, first + i * step) ==
                      wide::clamp(wide::half_up(out[i], exponent(on->unit) - q_o), bits(to)));
          }
        }
}

}  // namespace

TEST_CASE("softmax: every type and chip, along every axis") {
  check_every_axis<lnn::softmax>(
      &lnn::luna::softmax, [](lnn::curves) { return 15; }, 631);
}
TEST_CASE("log_softmax: every type and chip, along every axis") {
  check_every_axis<lnn::log_softmax>(
      &lnn::luna::log_softmax, [](lnn::curves unit) { return unit == lnn::curves::fused ? 15 : 25; }, 632);
}

TEST_CASE("softmax: many rows are shared by threads") {
  lnn::random draw(633);
  const auto x = noise(draw, dtype::int8, {700, 10}, 4);
  const auto y = run(lnn::softmax{}, {x}, x.dims(), dtype::int8, 7);  // with one and with three threads
  for (std::size_t row = 0; row < 700; ++row) {
    double sum = 0;
    for (std::size_t i = 0; i < 10; ++i) sum += std::exp(static_cast<double>(get(x, row * 10 + i)) / 16);
    for (std::size_t i = 0; i < 10; ++i) {
      const double p = std::exp(static_cast<double>(get(x, row * 10 + i)) / 16) / sum;
      REQUIRE(std::abs(static_cast<double>(get(y, row * 10 + i)) / 128 - p) < 0.0081);
    }
  }
}

TEST_CASE("softmax and log_softmax: axes that are not there, and what chips say") {
  namespace rules = lnn::limit::softmax;
  CHECK(result(lnn::softmax{-2}, {shape{2, 6, 3}}) == shape{2, 6, 3});
  CHECK(refusal(lnn::softmax{3}, {shape{2, 6, 3}}) ==
        "it: axis 3 is above the limit of 2; use an axis of the input");
  CHECK(refusal(lnn::log_softmax{-4}, {shape{2, 6, 3}}) ==
        "it: axis -4 is below the least of -3; use an axis of the input");
  CHECK(breaks(lnn::softmax{1}, {{2, 6, 3}}, lnn::venusA, rules::last_axis));
  CHECK(breaks(lnn::softmax{2}, {{2, 6, 3}}, lnn::arcs, rules::engine_axis));
  CHECK(breaks(lnn::softmax{}, {{2, 3000}}, lnn::venus, rules::classes));
  CHECK(breaks(lnn::log_softmax{}, {{2, 6}}, lnn::arcs, rules::log_buffer));
  CHECK_FALSE(breaks(lnn::log_softmax{}, {{2, 6}}, lnn::venusA, rules::log_buffer));
}

}  // namespace test_softmax
