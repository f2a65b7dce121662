// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/chip/chip.hpp>
#include <lnn/core/random.hpp>
#include <lnn/luna/lstm.hpp>

#include "cells.hpp"
#include "sums.hpp"

namespace test_lstm {

// luna_ops.md 3.19
TEST_CASE("lstm_step: random sums and states, the extremes among them, on every chip") {
  lnn::random draw(31);
  for (const lnn::chip* on : lnn::chips)
    for (int round = 0; round < 400; ++round) {
      constexpr std::size_t hidden = 7;
      const auto p = sums::of(draw, 4 * hidden), u = sums::of(draw, 4 * hidden);
      const int q_p = static_cast<int>(draw.below(34)), q_u = static_cast<int>(draw.below(34)), q_h = static_cast<int>(draw.below(10));
      std::int32_t cell[hidden];
      std::int8_t state[hidden];
      for (std::int32_t& c : cell)
        c = static_cast<std::int32_t>(lnn::integer_range::of(lnn::luna::cell_bits(on->unit)).clamp(sums::any(draw)));
      std::vector<cells::unit_state> wanted;
      for (std::size_t k = 0; k < hidden; ++k) {
        const cells::number a[] = {p[k], p[hidden + k], p[2 * hidden + k], p[3 * hidden + k]};
        const cells::number b[] = {u[k], u[hidden + k], u[2 * hidden + k], u[3 * hidden + k]};
        wanted.push_back(cells::lstm(on->unit, a, q_p, b, q_u, {cell[k], 0}, q_h));
      }
      lnn::luna::lstm_step(on->unit, {p.data(), u.data(), q_p, q_u}, hidden, q_h, cell, state);
      for (std::size_t k = 0; k < hidden; ++k) {
        REQUIRE(cell[k] == wanted[k].c);
        REQUIRE(state[k] == wanted[k].h);
      }
    }
}

// luna_ops.md 3.19: "S32(c*f) clamps at Q30"
TEST_CASE("lstm_step: the product of cell and forget gate clamps before the input is added") {
  const std::int32_t open = std::int32_t{1} << 30;  // sigmoid near 1, tanh near 1
  const std::int32_t p[] = {open, open, -open, open}, u[] = {0, 0, 0, 0};
  for (const lnn::curves unit : {lnn::curves::stepped, lnn::curves::fused}) {
    std::int32_t cell = 4 << 15;  // 4.0: above what the product holds
    std::int8_t state = 0;
    lnn::luna::lstm_step(unit, {p, u, 27, 27}, 1, 7, &cell, &state);
    CHECK(cell < (2 << 15) - (1 << 15) + 64);  // 2 - 1, not 4 - 1
    CHECK(cell > (1 << 15) - 64);
  }
  std::int32_t cell = INT16_MAX;  // VENUS: Q7 in 16 bits
  std::int8_t state = 0;
  const std::int32_t grow[] = {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX};
  lnn::luna::lstm_step(lnn::curves::narrow, {grow, grow, 11, 11}, 1, 7, &cell, &state);
  CHECK(cell == 32637);  // (32767 + 127) * 127 / 128: f, i and g are 127 / 128
  CHECK(state == 126);
}

}  // namespace test_lstm
