// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/plan/make.hpp>

namespace test_reference {

namespace {

namespace plan = lnn::plan;

plan::entry living(int begin, int end, long long bytes, int shares = -1) {
  return {.begin = begin, .end = end, .shares = shares, .bytes = bytes};
}

/// Counted by hand: the reference packer's three planners on one small list of lives.
const std::vector<plan::entry> lives{living(0, 1, 32), living(1, 2, 64), living(2, 3, 48), living(3, 3, 16)};

}  // namespace

TEST_CASE("reference: blocks of the three planners") {
  // by size: 64 [1,2]; 48 [2,3] beside it; 32 [0,1] fits 48; 16 [3,3] fits 64
  CHECK(plan::place_as(plan::planner::by_size, lives, plan::kind::share, 4).blocks == std::vector<long long>{64, 48});
  // by breadth: step 2 has most: 64 and 48; step 1 adds 32 into 48; step 3 adds 16 into 64
  CHECK(plan::place_as(plan::planner::by_breadth, lives, plan::kind::share, 4).bytes == 112);
  // by order: 32, 64, then 48 does not fit 32, then 16 takes 32
  const auto in_order = plan::place_as(plan::planner::by_order, lives, plan::kind::share, 4);
  CHECK(in_order.blocks == std::vector<long long>{32, 64, 48});
  CHECK(in_order.offsets == std::vector<long long>{0, 32, 96, 0});
}

TEST_CASE("reference: the least share memory wins, the earlier planner of equals") {
  const auto best = plan::reference_of(lives, 4);
  CHECK(best.who == plan::planner::by_size);
  CHECK(best.run_time.share == 112);
  CHECK(best.run_time.psram == 0);
}

TEST_CASE("reference: entries in place lie where the first of them lies") {
  const std::vector<plan::entry> chain{living(0, 1, 32), living(1, 2, 32, 0), living(2, 3, 32, 1), living(3, 3, 32)};
  const auto best = plan::reference_of(chain, 4);
  const auto& offsets = best.of[static_cast<std::size_t>(plan::kind::share)].offsets;
  CHECK(offsets[1] == offsets[0]);
  CHECK(offsets[2] == offsets[0]);
  CHECK(offsets[3] != offsets[0]);
}

TEST_CASE("reference: workspaces become one of each kind, buffers two") {
  plan::needs n;
  n.entries = {living(0, 5, 16)};
  const auto extra = [&](plan::holds what, plan::kind k, int begin, int end, long long bytes) {
    n.entries.push_back({.what = what, .lies = k, .step = end, .begin = begin, .end = end, .bytes = bytes});
  };
  extra(plan::holds::workspace, plan::kind::share, 1, 1, 64);
  extra(plan::holds::workspace, plan::kind::psram, 2, 2, 32);
  extra(plan::holds::workspace, plan::kind::share, 4, 4, 16);
  extra(plan::holds::dma, plan::kind::share, 0, 1, 48);
  extra(plan::holds::dma, plan::kind::share, 1, 2, 80);
  extra(plan::holds::dma, plan::kind::share, 2, 4, 64);
  const auto c = plan::coarse_of(n, 1, 6);
  REQUIRE(c.entries.size() == 5);
  CHECK(c.entries[1].bytes == 64);
  CHECK(c.entries[1].begin == 1);
  CHECK(c.entries[1].end == 4);
  CHECK(c.entries[2].lies == plan::kind::psram);
  CHECK(c.entries[3].bytes == 64);
  CHECK(c.entries[3].end == 5);
  CHECK(c.entries[4].bytes == 80);
  CHECK(c.of == std::vector<int>{0, 1, 2, 1, 3, 4, 3});
}

}  // namespace test_reference
