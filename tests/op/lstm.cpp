// SPDX-License-Identifier: Apache-2.0
#include "sequence.hpp"

namespace test_lstm {

using lnn::lstm;
using namespace sequence;

TEST_CASE("lstm: integers equal the definition on every chip") { check_definition<lstm>(901); }
TEST_CASE("lstm: a stream in pieces equals the whole sequence, integer for integer") { check_streaming<lstm>(902); }
TEST_CASE("lstm: directions") { check_directions<lstm>(903); }
TEST_CASE("lstm: real numbers equal the definition") { check_plain<lstm>(904); }
TEST_CASE("lstm: the chips stay near the real numbers") {
  CHECK(distance_to_real<lstm>(lnn::venus, 905) < 0.06);  // gates of 8 bits
  CHECK(distance_to_real<lstm>(lnn::arcs, 905) < 0.015);
  CHECK(distance_to_real<lstm>(lnn::venusA, 905) < 0.015);
}

TEST_CASE("lstm: shapes") {
  CHECK(result(lstm{.hidden = 5}, {shape{2, 7, 3}}) == shape{2, 7, 5});
  CHECK(result(lstm{.hidden = 5, .bidirectional = true, .batch_first = false}, {shape{7, 2, 3}}) == shape{7, 2, 10});
  CHECK(refusal(lstm{}, {shape{2, 3}}) == "it: rank of the input 2 must be 3; give it [batch, time, features]");
  CHECK(refusal(lstm{.hidden = 0}, {shape{2, 3, 4}}) ==
        "it: hidden size 0 is below the least of 1; use values of 1 and above");
  CHECK(refusal(lstm{.bidirectional = true, .go_forward = false}, {shape{2, 3, 4}}) ==
        "it: both directions, of which the first runs backward; leave go_forward as it is in layers of both directions");
  CHECK(refusal(lstm{.lengths = true}, {shape{2, 3, 4}, shape{3}}) ==
        "it: lengths and one per sequence: 3 and 2 must agree; give it [batch]");
  CHECK(refusal(lstm{.hidden = 5, .initial_state = true}, {shape{2, 3, 4}, shape{2, 1, 5}, shape{2, 5}}) ==
        "it: initial state and [batch, directions, hidden]: 2x5 and 2x1x5 must agree; give it [batch, directions, hidden]");
  CHECK(refusal(lstm{.initial_state = true}, {shape{2, 3, 4}}) == "it: number of inputs 1 must be 3; give it as many as the operator takes");
  lnn::verdict found;
  const shape in[] = {{2, 7, 3}};
  const auto all = lstm{.hidden = 5, .final_state = true}.results(in, found);
  REQUIRE(all.size() == 3);
  CHECK(all[1] == shape{2, 1, 5});
  CHECK(all[2] == shape{2, 1, 5});
}

TEST_CASE("lstm: parameters and grids") {
  const shape x[] = {{2, 7, 3}};
  const auto p = lstm{.hidden = 5, .bidirectional = true}.parameters(x);
  REQUIRE(p.size() == 8);
  CHECK(p[0].dims == shape{20, 3});
  CHECK(p[5].name == "weight_hh_reverse");
  CHECK(p[5].dims == shape{20, 5});
  CHECK(p[7].dims == shape{20});
  const int q_in[] = {4}, q_w[] = {6, 5, 0, 0, 8, 9, 0, 0};
  const lstm both{.bidirectional = true};
  CHECK(both.bias_exponent(2, {q_in, q_w}) == 10);
  CHECK(both.bias_exponent(3, {q_in, q_w}) == 12);
  CHECK(both.bias_exponent(6, {q_in, q_w}) == 12);
  CHECK(both.bias_exponent(7, {q_in, q_w}) == 16);
  CHECK(lstm{}.output_grid(2, lnn::venus) == lnn::fixed_grid{16, 7});
  CHECK(lstm{}.output_grid(2, lnn::venusA) == lnn::fixed_grid{32, 15});
  CHECK_FALSE(lstm{}.output_grid(1, lnn::venus));
  CHECK(lstm{.initial_state = true}.input_grid(2, lnn::arcs) == lnn::fixed_grid{32, 15});
  CHECK_FALSE(lstm{.lengths = true, .initial_state = true}.input_grid(2, lnn::arcs));
  CHECK(lstm{.lengths = true, .initial_state = true}.input_grid(3, lnn::arcs) == lnn::fixed_grid{32, 15});
  CHECK(lnn::index_inputs_in(lstm{}) == 0U);
  CHECK(lnn::index_inputs_in(lstm{.lengths = true}) == 2U);
}

TEST_CASE("lstm: limits of each chip") {
  namespace limit = lnn::limit::lstm;
  const shape square{1, 8, 8}, x{1, 4, 8};
  for (const lnn::chip* on : lnn::chips) {
    CHECK(breaks(lstm{.hidden = 4, .bias = false}, {square}, *on, limit::inputs));
    CHECK_FALSE(breaks(lstm{.hidden = 4}, {square}, *on, limit::inputs));
    CHECK(breaks(lstm{.hidden = 4}, {shape{2, 8, 8}}, *on, limit::batch));
    CHECK_FALSE(breaks(lstm{.hidden = 4, .batch_first = false}, {shape{2, 1, 8}}, *on, limit::batch));
    CHECK(breaks(lstm{.hidden = 4}, {x}, *on, limit::sequence) == (on != &lnn::venus));
    CHECK_FALSE(breaks(lstm{.hidden = 4}, {square}, *on, limit::sequence));
    CHECK(breaks(lstm{.hidden = 4, .batch_first = false}, {shape{8, 1, 8}}, *on, limit::sequence) == (on != &lnn::venus));
    // prefetch is a choice of whoever packs
    CHECK_FALSE(breaks(lstm{.hidden = 5}, {square}, *on, limit::prefetch));
    CHECK(advises(lstm{.hidden = 4}, {square}, *on, limit::prefetch) == (on != &lnn::venus));
    CHECK(advises(lstm{.hidden = 5}, {square}, *on, limit::weight_bytes) == (on == &lnn::venus));
    CHECK_FALSE(advises(lstm{.hidden = 4}, {square}, *on, limit::weight_bytes));
    CHECK(advises(lstm{.hidden = 4}, {square}, *on, limit::workspace) == (on == &lnn::venus));
  }
}

}  // namespace test_lstm
