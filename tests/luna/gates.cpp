// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/chip/chip.hpp>
#include <lnn/luna/gates.hpp>

namespace test_gates {

using lnn::curves;
using lnn::luna::gate_sums;

// luna_ops.md 3.19: q < AQ: S32(v * 2^(AQ - q)), else R(v, q - AQ)
TEST_CASE("gate_sums: each side comes to the exponent of the curves") {
  CHECK(gate_sums::aligned(curves::narrow, 5, 12) == 3);
  CHECK(gate_sums::aligned(curves::narrow, -5, 12) == -2);
  CHECK(gate_sums::aligned(curves::narrow, 5, 9) == 20);
  CHECK(gate_sums::aligned(curves::stepped, 5, 25) == 20);
  CHECK(gate_sums::aligned(curves::fused, 1 << 20, 13) == INT32_MAX);
  CHECK(gate_sums::aligned(curves::fused, -(1 << 20), 13) == INT32_MIN);
  CHECK(gate_sums::aligned(curves::narrow, INT32_MAX, 60) == 0);
}

TEST_CASE("gate_sums: what a gate reads has 16 bits on VENUS and 32 elsewhere") {
  const std::int32_t p[] = {30000, INT32_MIN}, u[] = {30000, -1};
  CHECK(gate_sums{p, u, 11, 11}.both(curves::narrow, 0) == INT16_MAX);
  CHECK(gate_sums{p, u, 11, 11}.both(curves::narrow, 1) == INT16_MIN);
  CHECK(gate_sums{p, u, 27, 27}.both(curves::stepped, 0) == 60000);
  CHECK(gate_sums{p, u, 27, 27}.both(curves::fused, 1) == INT32_MIN);
  CHECK(gate_sums{p, u, 27, 28}.both(curves::fused, 0) == 45000);
}

}  // namespace test_gates
