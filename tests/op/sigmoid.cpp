// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <lnn/luna/curve.hpp>

#include "textbook.hpp"

namespace test_sigmoid {

using namespace textbook;

namespace {

constexpr dtype types[] = {dtype::int8, dtype::int16, dtype::int32};

/// The unit of values in [-1, 1]: exponent 7 in 8 bits, 15 in more.
int unit_of(dtype t) { return t == dtype::int8 ? 7 : 15; }

/// Every type, exponents above and below that of the tables: the argument exactly, then the tables (which
/// have tests of their own), then one rounding.
template <class Op>
void check_every_type(const Op& op, std::int64_t (*exact)(lnn::curves, std::int32_t), std::uint64_t seed) {
  lnn::random draw(seed);
  for (const lnn::chip* on : lnn::chips)
    for (const dtype from : types)
      for (const dtype to : types)
        for (const int q : {-1, 4, 8, 11, 13, 27, 30}) {
          const auto x = noise(draw, from, {2, 3, 101}, q);
          const auto y = run(op, {x}, x.dims(), to, unit_of(to), *on);
          const bool narrow = on == &lnn::venus;
          for (std::size_t i = 0; i < y.size(); ++i) {
            const wide::number at =
                wide::clamp(wide::half_up(get(x, i), q - (narrow ? 11 : 27)), narrow ? 16 : 32);
            const int q_table = narrow ? 15 : on == &lnn::arcs ? 31 : 58;
            const wide::number v = exact(on->unit, static_cast<std::int32_t>(at));
            REQUIRE(get(y, i) == wide::clamp(wide::half_up(v, q_table - unit_of(to)), bits(to)));
          }
        }
}

}  // namespace

TEST_CASE("sigmoid: every type and chip, exponents on both sides of the table's") {
  check_every_type(lnn::sigmoid{}, &lnn::luna::sigmoid_exact, 601);
}

TEST_CASE("tanh: every type and chip, exponents on both sides of the table's") {
  check_every_type(lnn::tanh{}, &lnn::luna::tanh_exact, 602);
}

TEST_CASE("sigmoid and tanh: close to the functions on every chip") {
  for (const lnn::chip* on : lnn::chips) {
    lnn::integer_tensor x(dtype::int16, {4001}, 8);
    for (int i = 0; i <= 4000; ++i) set(x, static_cast<std::size_t>(i), i - 2000);
    const auto s = run(lnn::sigmoid{}, {x}, x.dims(), dtype::int8, 7, *on);
    const auto t = run(lnn::tanh{}, {x}, x.dims(), dtype::int8, 7, *on);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double v = static_cast<double>(get(x, i)) / 256;
      REQUIRE(std::abs(static_cast<double>(get(s, i)) / 128 - 1 / (1 + std::exp(-v))) < 0.0085);
      REQUIRE(std::abs(static_cast<double>(get(t, i)) / 128 - std::tanh(v)) < 0.0085);
    }
  }
}

TEST_CASE("sigmoid and tanh: each chip says what it cannot do") {
  namespace sigmoid = lnn::limit::sigmoid;
  namespace tanh = lnn::limit::tanh;
  const auto first = [](const auto& op, const lnn::chip& on, int bits, int q) {
    const lnn::limit::operand in[] = {{.dims = {1, 64}, .bits = bits, .scale = q}},
                              out[] = {{.dims = {1, 64}, .bits = 8, .scale = 7}};
    lnn::verdict found;
    found.layer = "it";
    op.check(lnn::layer_tensors{in, out, {}}, on, found);
    return found.clean() ? nullptr : found.refused().front().what;
  };
  CHECK(first(lnn::sigmoid{}, lnn::venus, 16, 11) == nullptr);
  CHECK(first(lnn::sigmoid{}, lnn::venus, 8, 4) == &sigmoid::bits);
  CHECK(first(lnn::sigmoid{}, lnn::venus, 16, 8) == &sigmoid::exponent);
  CHECK(first(lnn::sigmoid{}, lnn::arcs, 8, 4) == nullptr);
  CHECK(first(lnn::sigmoid{}, lnn::arcs, 16, 11) == &sigmoid::engine_bits);
  CHECK(first(lnn::sigmoid{}, lnn::venusA, 8, 4) == &sigmoid::engine);
  CHECK(first(lnn::tanh{}, lnn::venus, 16, 12) == nullptr);
  CHECK(first(lnn::tanh{}, lnn::venus, 16, 10) == &tanh::exponent);
  CHECK(first(lnn::tanh{}, lnn::arcs, 16, 11) == &tanh::engine);
  CHECK(first(lnn::tanh{}, lnn::venusA, 16, 11) == &tanh::engine);
}

}  // namespace test_sigmoid
