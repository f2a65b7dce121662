// SPDX-License-Identifier: Apache-2.0
#include "sequence.hpp"

namespace test_gru {

using lnn::gru;
using namespace sequence;

TEST_CASE("gru: integers equal the definition on every chip") { check_definition<gru>(921); }
TEST_CASE("gru: a stream in pieces equals the whole sequence, integer for integer") { check_streaming<gru>(922); }
TEST_CASE("gru: directions") { check_directions<gru>(923); }
TEST_CASE("gru: real numbers equal the definition") { check_plain<gru>(924); }
TEST_CASE("gru: ARCS and VENUSA stay near the real numbers, VENUS halves the state") {
  CHECK(distance_to_real<gru>(lnn::arcs, 925) < 0.08);  // gates of 8 bits
  CHECK(distance_to_real<gru>(lnn::venusA, 925) < 0.08);
  CHECK(distance_to_real<gru>(lnn::venus, 925) > 0.2);
}

TEST_CASE("gru: shapes and parameters") {
  CHECK(result(gru{.hidden = 5, .bidirectional = true}, {shape{2, 7, 3}}) == shape{2, 7, 10});
  CHECK(refusal(gru{}, {shape{2, 3}}) == "it: rank of the input 2 must be 3; give it [batch, time, features]");
  CHECK(refusal(gru{.hidden = 5, .initial_state = true}, {shape{2, 3, 4}, shape{3, 1, 5}}) ==
        "it: initial state and [batch, directions, hidden]: 3x1x5 and 2x1x5 must agree; give it [batch, directions, hidden]");
  const shape x[] = {{2, 7, 3}};
  const auto p = gru{.hidden = 5}.parameters(x);
  REQUIRE(p.size() == 4);
  CHECK(p[0].dims == shape{15, 3});
  CHECK(p[1].dims == shape{15, 5});
  CHECK(p[3].name == "bias_hh");
  CHECK(gru{.lengths = true, .initial_state = true}.inputs() == 3);
  CHECK(gru{.final_state = true}.outputs() == 2);
}

TEST_CASE("gru: limits of each chip") {
  namespace limit = lnn::limit::gru;
  const shape x{1, 6, 8};
  for (const lnn::chip* on : lnn::chips) {
    const bool moves = on == &lnn::venus;
    CHECK(breaks(gru{.hidden = 4}, {x}, *on, limit::gates) == !moves);
    CHECK(advises(gru{.hidden = 4}, {x}, *on, limit::halved) == moves);
    CHECK(advises(gru{.hidden = 4}, {x}, *on, limit::prefetch));
    CHECK(breaks(gru{.hidden = 6}, {x}, *on, limit::split) == moves);
    CHECK_FALSE(breaks(gru{.hidden = 4}, {x}, *on, limit::split));
    CHECK(breaks(gru{.hidden = 4, .initial_state = true}, {x, shape{1, 1, 4}}, *on, limit::history) == moves);
    CHECK(breaks(gru{.hidden = 4, .lengths = true}, {x, shape{1}}, *on, limit::lengths));
    CHECK(breaks(gru{.hidden = 4, .bias = false}, {x}, *on, limit::inputs));
  }
}

}  // namespace test_gru
