// SPDX-License-Identifier: Apache-2.0
// What compilers say about networks that do not fit is tested in tests/compile_fail.
#include <doctest/doctest.h>

#include <lnn/check/runs_on.hpp>

namespace test_runs_on {

namespace {

constexpr auto small = lnn::describe([](auto& net) {
  auto x = net.input({1, 3, 16, 16});
  x = net("conv", lnn::conv2d{.out = 8, .pad = 1}, x);
  net("act", lnn::relu{}, x);
});
static_assert(lnn::runs_on<small, lnn::venus> && lnn::runs_on<small, lnn::arcs> && lnn::runs_on<small, lnn::venusA>);

constexpr auto dilated = lnn::describe([](auto& net) {
  net("conv", lnn::conv2d{.out = 8, .dilation = {2, 2}}, net.input({1, 3, 16, 16}));
});
static_assert(!lnn::fits<dilated, lnn::venus> && lnn::fits<dilated, lnn::arcs>);

/// Chips of one's own are constants like the library's; what the PSRAM holds is less than the flash here.
constexpr lnn::chip tiny = [] {
  lnn::chip c = lnn::arcs;
  c.name = "tiny";
  c.memory.psram = 100;
  return c;
}();
static_assert(!lnn::fits<small, tiny>);

lnn::text<512> only(const lnn::verdict& v) {
  REQUIRE(v.refused().size() == 1);
  return v.refused().front().sentence();
}

}  // namespace

TEST_CASE("check: the parameters of a network must fit the PSRAM") {
  CHECK(lnn::parameter_bytes(small.view()) == 3 * 8 * 9 + 8 * 4);
  CHECK(only(lnn::check(small, tiny)).view() ==
        "network: parameters and large tensors in PSRAM 608 bytes is above the limit of 100 bytes; use fewer channels or features");
}

TEST_CASE("check: how layers hang together") {
  lnn::graph<> net;
  auto x = net.input({1, 8});
  x = net("a", lnn::relu{}, x);
  net("b", lnn::relu{}, x);
  net("a", lnn::relu{}, x);
  net.finish();
  const auto found = lnn::check(net, lnn::venus);
  REQUIRE(found.refused().size() == 2);
  CHECK(found.refused()[0].what == &lnn::network_rules::duplicate_name);
  CHECK(found.refused()[0].layer == "a");
  CHECK(found.refused()[1].what == &lnn::network_rules::unused);
  CHECK(found.refused()[1].layer == "b");
  CHECK_THROWS_WITH_AS(lnn::require_sound(net.view()), doctest::Contains("a: is the name of more than one"), lnn::error);
}

TEST_CASE("check: a verdict may keep what held") {
  lnn::verdict all;
  all.keep_passed = true;
  const auto found = lnn::check(dilated, lnn::venus, all);
  CHECK(found.refused().size() == 2);
  CHECK(found.asked().size() > 10);
  CHECK(lnn::check(dilated, lnn::venus).asked().empty());
}

TEST_CASE("check: sentences are cut at ends of words, names behind their signs") {
  constexpr lnn::finding f{"encoder/stage2/block1/depthwise_convolution", &lnn::network_rules::duplicate_name, lnn::relation::never};
  constexpr auto pieces = lnn::detail::pieces_of(f, "venus");
  REQUIRE(pieces.size() == 6);
  CHECK(pieces[0].view() == "encoder/stage2/block1/depthwise_");
  CHECK(pieces[1].view() == "convolution");
  CHECK(pieces[2].view() == "is the name of more than one");
  CHECK(pieces[3].view() == "layer or input");
  CHECK(pieces[4].view() == "on venus");
  CHECK(pieces[5].view() == "give each a name of its own");
  lnn::detail::pieces hard;
  lnn::detail::cut(hard, "卷积卷积卷积卷积卷积卷积");  // 36 bytes: not inside a letter
  REQUIRE(hard.size() == 2);
  CHECK(hard[0].length == 30);
}

}  // namespace test_runs_on
