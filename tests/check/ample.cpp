// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/check/check.hpp>
#include <lnn/check/explain.hpp>
#include <lnn/core/random.hpp>
#include <lnn/graph/intern.hpp>

namespace test_ample {

namespace {

int pick(lnn::random& r, int least, int most) { return least + static_cast<int>(r.below(static_cast<std::uint32_t>(most - least + 1))); }

using ops = lnn::operators<lnn::conv2d, lnn::linear, lnn::batch_norm, lnn::relu, lnn::max_pool2d, lnn::avg_pool2d, lnn::add, lnn::flatten>;

/// A random network of plain layers with branches that meet again.
lnn::graph<ops> network(lnn::random& r) {
  lnn::graph<ops> net;
  const int channels = 8 * pick(r, 1, 6), side = 4 * pick(r, 2, 12);
  auto x = net.input("x", {1, channels, side, side});
  int now = channels, n = 0;
  const auto name = [&] { return lnn::intern(lnn::sentence("l", n++)); };
  for (int layers = pick(r, 2, 9); layers > 0; --layers) switch (pick(r, 0, 4)) {
      case 0:
        now = 8 * pick(r, 1, 6);
        x = net(name(), lnn::conv2d{.out = now, .pad = 1, .bias = pick(r, 0, 1) == 1}, x);
        break;
      case 1: x = net(name(), lnn::conv2d{.out = now, .pad = 1, .group = now}, x); break;
      case 2: x = net(name(), lnn::relu{}, net(name(), lnn::batch_norm{}, x)); break;
      case 3: {
        const auto y = net(name(), lnn::conv2d{.out = now, .kernel = {1, 1}}, x);
        const auto z = net(name(), lnn::conv2d{.out = now, .pad = 1}, x);
        x = net(name(), lnn::add{}, y, pick(r, 0, 1) == 0 ? x : z);
        if (pick(r, 0, 1) == 0) x = net(name(), lnn::add{}, x, z);
        break;
      }
      default:
        if (net.dims(x)[2] >= 8) x = net(name(), lnn::max_pool2d{.kernel = {2, 2}, .stride = {2, 2}}, x);
    }
  x = net(name(), lnn::avg_pool2d::global(), x);
  net(name(), lnn::linear{.out = pick(r, 2, 40)}, net(name(), lnn::flatten{}, x));
  net.finish();
  return net;
}

}  // namespace

TEST_CASE("what is called ample is no less than what the plan needs") {
  lnn::random r(7);
  int told = 0;
  for (int round = 0; round < 150; ++round) {
    const lnn::graph<ops> net = network(r);
    const lnn::survey asked(net.view());
    for (const lnn::chip* on : lnn::chips) {
      const lnn::verdict found = lnn::check(net, *on);
      if (!found.clean() || !lnn::is_ample(asked.view().sums.ample, *on, found)) continue;
      ++told;
      const lnn::plan::totals planned = lnn::memory_of(net.view(), *on);
      REQUIRE_MESSAGE(planned.share <= asked.view().sums.ample.share, lnn::explain(net, *on));
      REQUIRE(planned.psram <= asked.view().sums.ample.psram);
    }
  }
  CHECK(told > 100);
}

TEST_CASE("a plan is asked where the bound cannot tell") {
  const auto lstm = lnn::describe([](auto& n) { n("lstm", lnn::lstm{.hidden = 8}, n.input({1, 4, 8})); });
  CHECK(lnn::survey(lstm.view()).view().sums.ample.share == -1);
  const auto crossed = lnn::describe([](auto& n) {  // the packer runs b before a
    const auto x = n.input({1, 8, 8, 8});
    const auto a = n("a", lnn::relu{}, x);
    const auto b = n("b", lnn::conv2d{.out = 8, .pad = 1}, x);
    n("sum", lnn::add{}, b, a);
  });
  CHECK(lnn::survey(crossed.view()).view().sums.ample.share == -1);
}

}  // namespace test_ample
