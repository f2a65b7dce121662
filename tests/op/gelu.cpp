// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <lnn/luna/curve.hpp>

#include "textbook.hpp"

namespace test_gelu {

using namespace textbook;

namespace {

/// S_out(R(S32(R(slope * x + bias * 2^30, 27)), 27 - q_o)), x at Q27 with saturation.
template <class Op>
void check_every_type(const Op& op, const lnn::luna::curve_pieces& table, std::uint64_t seed) {
  lnn::random draw(seed);
  for (const dtype from : {dtype::int8, dtype::int16, dtype::int32})
    for (const dtype to : {dtype::int8, dtype::int16, dtype::int32})
      for (const int q : {0, 4, 12, 27, 29})
        for (const int q_o : {2, 5, 11, 27}) {
          const auto x = noise(draw, from, {3, 97}, q);
          const auto y = run(op, {x}, x.dims(), to, q_o, lnn::venusA);
          for (std::size_t i = 0; i < y.size(); ++i) {
            const auto at = static_cast<std::int32_t>(wide::clamp(wide::half_up(get(x, i), q - 27), 32));
            const wide::number at_27 = wide::clamp(wide::half_up(lnn::luna::gate_exact(table, at), 27), 32);
            REQUIRE(get(y, i) == wide::clamp(wide::half_up(at_27, 27 - q_o), bits(to)));
          }
        }
}

}  // namespace

TEST_CASE("gelu: every type, on venusA") { check_every_type(lnn::gelu{}, lnn::luna::gelu_q27, 611); }
TEST_CASE("swish: every type, on venusA") { check_every_type(lnn::swish{}, lnn::luna::swish_q27, 612); }

TEST_CASE(
    "gelu and swish: inputs beyond 16 saturate") {  // the training side's own kernel turns them into -16
  lnn::integer_tensor x(dtype::int8, {2}, 2);
  set(x, 0, 127);
  set(x, 1, -128);
  const auto g = run(lnn::gelu{}, {x}, x.dims(), dtype::int8, 2, lnn::venusA);
  CHECK(get(g, 0) == 64);
  CHECK(get(g, 1) == 0);
}

TEST_CASE("gelu and swish: venusA alone has them") {
  for (const lnn::chip* on : lnn::chips) {
    const bool lacks = on != &lnn::venusA;
    CHECK(breaks(lnn::gelu{}, {{2, 8}}, *on, lnn::limit::gelu::tables) == lacks);
    CHECK(breaks(lnn::swish{}, {{2, 8}}, *on, lnn::limit::gelu::tables) == lacks);
    CHECK(advises(lnn::gelu{}, {{2, 8}}, *on, lnn::limit::gelu::packer) == !lacks);
  }
}

TEST_CASE("gelu and swish: training learns the range of the output") {
  lnn::integer_tensor x(dtype::int8, {300}, 4), y(dtype::int8, {300}, 4);
  for (std::size_t i = 0; i < x.size(); ++i) set(x, i, static_cast<std::int64_t>(i % 256) - 128);
  lnn::tap watch;
  lnn::pool workers(1);
  const lnn::integer_view in[] = {x.access()}, out[] = {y.access()};
  lnn::gelu{}.integer(lnn::integer_call<lnn::luna::kernels>{in, out, lnn::venusA, false, &watch, workers});
  CHECK(watch.highest == doctest::Approx(127.0 / 16).epsilon(1e-3));
  CHECK(watch.lowest == doctest::Approx(-0.17).epsilon(0.02));
}

}  // namespace test_gelu
