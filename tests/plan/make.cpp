// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <lnn/core/random.hpp>
#include <lnn/graph/describe.hpp>
#include <lnn/graph/intern.hpp>
#include <lnn/plan/peak_memory.hpp>
#include <string>

namespace test_make {

namespace {

namespace plan = lnn::plan;
namespace lower = lnn::lower;

/// No two entries of one kind that live at one step overlap, except in place.
void require_apart(const plan::memory_plan& p) {
  for (std::size_t i = 0; i < p.entries.size(); ++i)
    for (std::size_t j = i + 1; j < p.entries.size(); ++j) {
      const plan::entry &a = p.entries[i], &b = p.entries[j];
      if (a.constant || b.constant || a.lies != b.lies || a.end < a.begin || b.end < b.begin) continue;
      const int root_a = a.shares < 0 ? static_cast<int>(i) : a.shares, root_b = b.shares < 0 ? static_cast<int>(j) : b.shares;
      if (root_a == root_b || a.begin > b.end || b.begin > a.end) continue;
      CAPTURE(i);
      CAPTURE(j);
      REQUIRE((a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset));
    }
  for (const plan::entry& e : p.entries) {
    if (e.constant || e.end < e.begin) continue;
    REQUIRE(e.offset >= 0);
    REQUIRE(e.offset % 16 == 0);
    REQUIRE(e.offset + e.bytes <= p.run_time.of(e.lies));
  }
}

plan::memory_plan planned(const lnn::graph<>& net, const lnn::chip& on, const lnn::limit::packing& options = {}) {
  const auto p = plan::bound(lower::lowered(lower::made(net.view(), on), on, {.limits = options}), options);
  return plan::make(p, on, options);
}

/// A random chain with branches that meet again.
lnn::graph<> grown(lnn::random& dice) {
  static constexpr std::string_view names = "00010203040506070809101112131415161718192021222324252627282930313233343536373839";
  lnn::graph<> net;
  const auto roll = [&](int n) { return static_cast<int>(dice.below(static_cast<std::uint32_t>(n))); };
  auto x = net.input({1, 4 * (1 + roll(4)), 16, 16});
  for (std::size_t i = 0; i + 1 < 12; i += 2) {
    const std::string_view first = names.substr(2 * i, 2), second = names.substr(2 * i + 2, 2);
    const int kind = roll(4);
    if (kind == 0) x = net(first, lnn::conv2d{.out = 4 * (1 + roll(16)), .pad = 1}, x);
    else if (kind == 1) x = net(second, lnn::add{}, net(first, lnn::relu{}, x), x);
    else if (kind == 2) x = net(second, lnn::concat{}, net(first, lnn::conv2d{.out = 8, .pad = 1}, x), x);
    else x = net(first, lnn::avg_pool2d{.kernel = {3, 3}, .stride = {1, 1}, .pad = 1}, x);
  }
  net.finish();
  return net;
}

constexpr auto residual = lnn::describe([](auto& n) {
  auto x = n.input({1, 8, 32, 32});
  auto y = n("a", lnn::conv2d{.out = 8, .pad = 1}, x);
  y = n("r", lnn::relu{}, y);
  y = n("b", lnn::conv2d{.out = 8, .pad = 1}, y);
  y = n("sum", lnn::add{}, y, x);
  y = n("pool", lnn::avg_pool2d{.kernel = {32, 32}}, y);
  n("fc", lnn::linear{.out = 10}, n("flat", lnn::flatten{}, y));
});
static_assert(lnn::peak_memory<residual, lnn::venus>.share > 3 * 8192);
static_assert(lnn::peak_memory<residual, lnn::venus>.flash == 0);

}  // namespace

TEST_CASE("plan: nothing that lives together overlaps, no plan is above the reference's or below the bound") {
  lnn::random dice(7);
  for (int round = 0; round < 60; ++round) {
    const lnn::graph<> net = grown(dice);
    for (const lnn::chip* on : lnn::chips) {
      lnn::limit::packing options;
      options.dma_prefetch = round % 3 != 0;
      if (round % 4 == 1) options.memory_threshold = 4000;
      if (round % 5 == 1) options.parameters = lnn::limit::memory::share;
      const plan::memory_plan p = planned(net, *on, options);
      require_apart(p);
      for (const plan::kind k : plan::kinds) CHECK(p.run_time.of(k) >= p.lowest.of(k));
      CHECK(p.run_time.share <= p.reference.share);
    }
  }
}

TEST_CASE("plan: at run time as at compile time") {
  lnn::graph<> net;
  auto x = net.input({1, 8, 32, 32});
  auto y = net("a", lnn::conv2d{.out = 8, .pad = 1}, x);
  y = net("r", lnn::relu{}, y);
  y = net("b", lnn::conv2d{.out = 8, .pad = 1}, y);
  y = net("sum", lnn::add{}, y, x);
  y = net("pool", lnn::avg_pool2d{.kernel = {32, 32}}, y);
  net("fc", lnn::linear{.out = 10}, net("flat", lnn::flatten{}, y));
  net.finish();
  for (const auto& [on, known] : {std::pair{&lnn::venus, lnn::peak_memory<residual, lnn::venus>},
                                  std::pair{&lnn::arcs, lnn::peak_memory<residual, lnn::arcs>},
                                  std::pair{&lnn::venusA, lnn::peak_memory<residual, lnn::venusA>}})
    CHECK(planned(net, *on).all() == known);
}

TEST_CASE("plan: buffers live from the transfer to the step, workspaces with theirs; constants lie one after the other") {
  lnn::graph<> net;
  auto x = net("a", lnn::conv2d{.out = 8, .pad = 1}, net.input({1, 8, 8, 8}));
  x = net("pool", lnn::avg_pool2d{.kernel = {2, 2}}, x);
  net("b", lnn::conv2d{.out = 8, .pad = 1}, x);
  net.finish();
  const plan::memory_plan p = planned(net, lnn::venus);
  REQUIRE(p.dma[0] >= 0);
  REQUIRE(p.dma[2] >= 0);
  const plan::entry& second = p.entries[static_cast<std::size_t>(p.dma[2])];
  CHECK(second.begin == 0);
  CHECK(second.end == 2);
  CHECK(second.bytes == 8 * 8 * 9 + 32);
  REQUIRE(p.workspace[1] >= 0);
  CHECK(p.entries[static_cast<std::size_t>(p.workspace[1])].bytes == 2 * 8 * 16);
  CHECK(p.constants.psram == 2 * (8 * 8 * 9 + 32));
  CHECK(p.parameters == plan::kind::psram);
}

TEST_CASE("plan: what an engine would misread is not fetched ahead") {
  lnn::graph<> net;
  net("rnn", lnn::gru{.hidden = 8}, net.input({1, 4, 8}));
  net.finish();
  CHECK(planned(net, lnn::venus).dma[0] == -1);
  lnn::graph<> other;
  other("rnn", lnn::lstm{.hidden = 8}, other.input({1, 4, 8}));
  other.finish();
  CHECK(planned(other, lnn::venus).dma[0] >= 0);
  CHECK(planned(other, lnn::arcs).dma[0] == -1);
}

TEST_CASE("plan: a difference takes the place of its first operand once nobody else needs it") {
  const auto shares = [](bool needed) {
    lnn::graph<> net;
    const auto x = net.input({1, 8, 5, 5}), y = net.input({1, 8, 5, 5});
    const auto first = net("first", lnn::relu{}, x), second = net("second", lnn::relu{}, y);
    const auto less = net("less", lnn::sub{}, first, second);
    net("last", lnn::add{}, less, needed ? first : second);
    net.finish();
    const auto p = plan::bound(lower::lowered(lower::made(net.view(), lnn::venus), lnn::venus), {});
    const plan::memory_plan made = plan::make(p, lnn::venus, {});
    require_apart(made);
    for (const lower::step& s : p.steps)
      if (s.op == "iqSub") return made.entries[static_cast<std::size_t>(s.outputs[0])].offset == made.entries[static_cast<std::size_t>(s.inputs[0])].offset;
    return false;
  };
  CHECK(shares(false));
  CHECK_FALSE(shares(true));
}

TEST_CASE("plan: weights are fetched ahead as long as the engine can remember the transfers") {
  const auto fetched = [](std::size_t layers) {
    lnn::graph<> net;
    auto x = net.input({1, 8});
    for (std::size_t i = 0; i < layers; ++i) x = net(lnn::intern("fc" + std::to_string(i)), lnn::linear{.out = 8}, x);
    net.output(x);
    const plan::memory_plan p = planned(net, lnn::venus);
    return std::count_if(p.dma.begin(), p.dma.end(), [](int entry) { return entry >= 0; });
  };
  CHECK(fetched(320) == 320);
  CHECK(fetched(321) == 0);
}

TEST_CASE("plan: a program without steps holds its inputs") {
  lower::program p;
  p.inputs = p.outputs = {p.add({.dims = {1, 8}, .asked = lnn::limit::memory::share})};
  const plan::memory_plan made = plan::make(p, lnn::arcs, {});
  CHECK(made.run_time.share == 16);
  CHECK(plan::reference_totals(p, lnn::arcs, {}).share == 16);
}

TEST_CASE("slots: nothing that lives at once overlaps, and the size follows from three numbers") {
  using lnn::plan::entry, lnn::plan::holds;
  lnn::random r(3);
  for (int round = 0; round < 200; ++round) {
    const int steps = 12;
    std::vector<entry> all;
    std::vector<int> there;
    for (int t = 0; t < steps; ++t) {
      const auto bytes = [&] { return 16 * (1 + static_cast<long long>(r.below(40))); };
      const int end = std::min(steps - 1, t + static_cast<int>(r.below(5)));
      all.push_back({.what = holds::tensor, .begin = t, .end = end, .bytes = bytes()});
      if (r.below(2)) all.push_back({.what = holds::workspace, .step = t, .begin = t, .end = t, .bytes = bytes()});
      if (r.below(2)) all.push_back({.what = holds::dma, .step = t, .begin = std::max(t - 1, 0), .end = t, .bytes = bytes()});
    }
    for (std::size_t i = 0; i < all.size(); ++i) there.push_back(static_cast<int>(i));
    const lnn::plan::placed got = lnn::plan::place_in_slots(all, there, steps);
    for (std::size_t a = 0; a < all.size(); ++a) {
      REQUIRE(got.offsets[a] >= 0);
      REQUIRE(got.offsets[a] + all[a].bytes <= got.bytes);
      for (std::size_t b = 0; b < a; ++b) {
        const bool apart = all[a].end < all[b].begin || all[b].end < all[a].begin;
        const bool beside = got.offsets[a] + all[a].bytes <= got.offsets[b] || got.offsets[b] + all[b].bytes <= got.offsets[a];
        REQUIRE((apart || beside));
      }
    }
  }
}

}  // namespace test_make
