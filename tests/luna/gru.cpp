// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/chip/chip.hpp>
#include <lnn/core/random.hpp>
#include <lnn/luna/gru.hpp>

#include "cells.hpp"
#include "sums.hpp"

namespace test_gru {

// luna_ops.md 3.20, decision 1 of engine_defects.md
TEST_CASE("gru_step: random sums and states, the extremes among them, on every chip") {
  lnn::random draw(37);
  for (const lnn::chip* on : lnn::chips)
    for (int round = 0; round < 400; ++round) {
      constexpr std::size_t hidden = 6;
      const auto p = sums::of(draw, 3 * hidden), u = sums::of(draw, 3 * hidden);
      const int q_p = static_cast<int>(draw.below(34)), q_u = static_cast<int>(draw.below(34)), q_h = static_cast<int>(draw.below(10));
      std::int8_t state[hidden];
      for (std::int8_t& h : state) h = lnn::saturate<std::int8_t>(sums::any(draw));
      std::vector<cells::number> wanted;
      for (std::size_t k = 0; k < hidden; ++k) {
        const cells::number a[] = {p[k], p[hidden + k], p[2 * hidden + k]}, b[] = {u[k], u[hidden + k], u[2 * hidden + k]};
        wanted.push_back(cells::gru(on->unit, a, q_p, b, q_u, state[k], q_h));
      }
      lnn::luna::gru_step(on->unit, {p.data(), u.data(), q_p, q_u}, hidden, q_h, state);
      for (std::size_t k = 0; k < hidden; ++k) REQUIRE(state[k] == wanted[k]);
    }
}

TEST_CASE("gru_step: VENUS keeps half of a state that the others keep") {
  const std::int32_t p[] = {0, INT32_MAX, 0}, u[] = {0, 0, 0};  // update gate open: h stays
  for (const lnn::chip* on : lnn::chips) {
    std::int8_t state = 101;
    lnn::luna::gru_step(on->unit, {p, u, 27, 27}, 1, 7, &state);
    CHECK(state == (on == &lnn::venus ? 51 : 100));  // 127/128 of 51 (R(101, 1)) and of 101
  }
}

}  // namespace test_gru
