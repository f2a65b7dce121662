// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/graph/describe.hpp>
#include <lnn/plan/peak_memory.hpp>

namespace test_fitting {

TEST_CASE("fitting: the largest threshold that fits, in steps of 16 KiB") {
  const auto share = [](const lnn::limit::packing& l) { return 3 * l.right_threshold; };
  CHECK(lnn::plan::fitting_limits({}, 200000, share).right_threshold == 4 * 16384);
  CHECK(lnn::plan::fitting_limits({}, 10, share).right_threshold == 655360);
  CHECK(lnn::plan::fitting_limits({}, 100000000, share).right_threshold == 39 * 16384);
}

TEST_CASE("fitting: linear layers are cut until their buffers fit") {
  constexpr auto net = [](auto& n) {
    auto x = n("a", lnn::linear{.out = 700}, n.input({1, 900}));
    n("b", lnn::linear{.out = 900}, x);
  };
  lnn::graph<> g;
  net(g);
  g.finish();
  const auto whole = lnn::plan::make(
      lnn::plan::bound(lnn::lower::lowered(lnn::lower::made(g.view(), lnn::arcs), lnn::arcs), {}), lnn::arcs, {});
  CHECK(whole.all().share > lnn::arcs.memory.share);
  CHECK(lnn::memory_of(g.view(), lnn::arcs).share <= lnn::arcs.memory.share);
}

}  // namespace test_fitting
