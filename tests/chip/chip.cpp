// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/chip/chip.hpp>

TEST_CASE("chips are found by the name that files carry") {
  static_assert(lnn::find_chip("venus") == &lnn::venus && lnn::find_chip("arcs") == &lnn::arcs);
  static_assert(lnn::find_chip("venusA") == &lnn::venusA);
  static_assert(lnn::find_chip("venusa") == nullptr && lnn::find_chip("") == nullptr);
}

// hardware_constraints.md section 1
TEST_CASE("figures of the chips") {
  static_assert(lnn::venus.id == 0 && lnn::arcs.id == 2 && lnn::venusA.id == 3);
  static_assert(lnn::venus.memory.share == 640 * 1024 && lnn::arcs.memory.share == 384 * 1024);
  static_assert(lnn::venusA.memory.share == 384 * 1024);
  for (const lnn::chip* c : lnn::chips) CHECK(c->memory.psram == 8 * 1024 * 1024);
  static_assert(lnn::venus.memory.data_buffer == 64 * 1024 && lnn::venus.memory.weight_buffer == 32 * 1024);
  static_assert(lnn::arcs.memory.data_buffer == 16 * 1024 && lnn::arcs.memory.weight_buffer == 8 * 1024);
  static_assert(lnn::venusA.memory.data_buffer == 64 * 1024 &&
                lnn::venusA.memory.depthwise_buffer == 32 * 1024);
  static_assert(!lnn::venus.conv.int4_weights && lnn::arcs.conv.int4_weights &&
                lnn::venusA.conv.int4_weights);
  static_assert(!lnn::venus.pool.ceil_mode && lnn::arcs.pool.ceil_mode && lnn::venusA.pool.ceil_mode);
  static_assert(lnn::venus.unit == lnn::curves::narrow && lnn::arcs.unit == lnn::curves::stepped &&
                lnn::venusA.unit == lnn::curves::fused);
}
