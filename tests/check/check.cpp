// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/check/check.hpp>
#include <string>

namespace test_check {

namespace {

constexpr auto legal = lnn::describe([](auto& net) {
  auto x = net.input({1, 3, 16, 16});
  x = net("conv", lnn::conv2d{.out = 8, .pad = 1}, x);
  x = net("act", lnn::relu{}, x);
  net("pool", lnn::avg_pool2d::global(), x);
});
static_assert(lnn::check(legal, lnn::venus).clean());
static_assert(lnn::check(legal, lnn::arcs).clean());
static_assert(lnn::check(legal, lnn::venusA).clean());

constexpr auto illegal = lnn::describe([](auto& net) {
  auto x = net.input({1, 3, 32, 32});
  x = net("stem", lnn::conv2d{.out = 8, .kernel = {7, 3}, .stride = {3, 1}}, x);
  auto y = net("branch", lnn::conv2d{.out = 4, .kernel = {1, 1}}, x);
  net("join", lnn::add{}, x, y);
});
static_assert(!lnn::check(illegal, lnn::venus).clean());

std::string joined(const lnn::verdict& v, std::string_view chip) {
  std::string all;
  for (const lnn::finding& f : v.refused()) all.append(f.sentence(chip).view()).append("\n");
  return all;
}

}  // namespace

TEST_CASE("check: the same findings at compile time and at run time, one for each mistake") {
  constexpr std::size_t known = lnn::check(illegal, lnn::venus).refused().size();
  const lnn::verdict found = lnn::check(illegal, lnn::venus);
  REQUIRE(found.refused().size() == known);
  const std::string all = joined(found, "venus");
  CHECK(known == 3);
  CHECK(all.find("stem: kernel height 7 is above the limit of 5 on venus") != std::string::npos);
  CHECK(all.find("stem: stride height 3 must be 1, 2 or 4 on venus") != std::string::npos);
  CHECK(all.find("join: input shapes 1x8x9x30 and 1x4x9x30 must agree") != std::string::npos);
}

TEST_CASE("check: a batch norm that is folded away is no layer of the chip") {
  const auto refused = [](const auto& describe) {
    const auto net = lnn::describe(describe);
    return joined(lnn::check(net, lnn::arcs), "arcs");
  };
  const std::string alone = "norm: rank of the input 3 must be 4 on arcs; reshape it to [n, c, h, w]\n";
  CHECK(refused([](auto& n) {
          auto x = n("conv", lnn::conv1d{.out = 8, .pad = 1}, n.input({1, 4, 32}));
          n("relu", lnn::relu{}, n("norm", lnn::batch_norm{}, x));
        }).empty());
  CHECK(refused([](auto& n) {  // a relu lies between
          auto x = n("conv", lnn::conv1d{.out = 8, .pad = 1}, n.input({1, 4, 32}));
          n("norm", lnn::batch_norm{}, n("relu", lnn::relu{}, x));
        }) == alone);
  CHECK(refused([](auto& n) {  // somebody else reads what lies between
          auto x = n("conv", lnn::conv1d{.out = 8, .pad = 1}, n.input({1, 4, 32}));
          n("sum", lnn::add{}, x, n("norm", lnn::batch_norm{}, x));
        }) == alone);
}

TEST_CASE("check: a repeated layer is asked once where it is silent, and told of each time where it is not") {
  const auto layers = [](int kernel, int last) {
    return lnn::describe([=](auto& n) {
      auto x = n.input({1, 8, 16, 16});
      for (const char* name : {"a", "b", "c"}) x = n(name, lnn::conv2d{.out = 8, .kernel = {kernel, 3}, .pad = {1, 1, 1, 1}}, x);
      for (const char* name : {"d", "e"}) x = n(name, lnn::relu{}, x);
      n("last", lnn::conv2d{.out = 8, .kernel = {last, 3}, .pad = {1, 1, 1, 1}}, x);
    });
  };
  const auto twins = [](const auto& net) {
    std::vector<int> of;
    const lnn::survey asked(net.view());
    for (const auto& l : asked.view().layers) of.push_back(l.twin);
    return of;
  };
  // A height that does not shrink: kernel 3; with kernel 5 every convolution has a shape of its own.
  CHECK(twins(layers(3, 3)) == std::vector<int>{-1, 0, 0, -1, 3, 0});
  CHECK(twins(layers(3, 5)) == std::vector<int>{-1, 0, 0, -1, 3, -1});
  CHECK(twins(layers(5, 5)) == std::vector<int>{-1, -1, -1, -1, 3, -1});
  CHECK(lnn::check(layers(3, 3), lnn::venus).clean());
  CHECK(joined(lnn::check(layers(3, 7), lnn::venus), "venus").find("last: kernel height 7") == 0);

  const auto stride = lnn::describe([](auto& n) {  // twins that break a rule
    const auto x = n.input({1, 8, 32, 32});
    for (const char* name : {"a", "b", "c"}) n(name, lnn::conv2d{.out = 8, .stride = {3, 1}}, x);
  });
  CHECK(twins(stride) == std::vector<int>{-1, 0, 0});
  const std::string all = joined(lnn::check(stride, lnn::venus), "venus");
  for (const char* told : {"a: stride height 3", "b: stride height 3", "c: stride height 3"}) CHECK(all.find(told) != std::string::npos);
}

/// An operator of a user's own that shares a built-in one's body.
struct steep_relu : lnn::relu {
  int slope = 0;
  static constexpr std::string_view name = "steep_relu";
  static constexpr lnn::rule slope_range{"steep_relu.slope", "slope", "", "use a slope of 0 to 7"};
  static constexpr const lnn::rule* rules[] = {&slope_range};
  constexpr void check(const lnn::layer_tensors&, const lnn::chip&, lnn::verdict& found) const {
    found.within(slope_range, slope, 0, 7);
  }
};

TEST_CASE("check: an operator that derives from a built-in one is no twin of another with the same base") {
  const auto net = lnn::describe<lnn::builtin::with<steep_relu>>([](auto& n) {
    auto x = n("flat", steep_relu{{}, 3}, n.input({1, 8, 16, 16}));
    n("steep", steep_relu{{}, 9}, x);
  });
  CHECK(joined(lnn::check(net, lnn::venus), "venus").find("steep: slope 9") == 0);
}

TEST_CASE("check: a network with broken shapes is not computed with") {
  CHECK_THROWS_WITH_AS(lnn::require_sound(illegal.view()), doctest::Contains("join: input shapes"), lnn::error);
  CHECK_NOTHROW(lnn::require_sound(legal.view()));
  const lnn::graph<> nothing;
  CHECK_THROWS_WITH_AS(lnn::require_sound(nothing.view()), doctest::Contains("no layer"), lnn::error);
}

}  // namespace test_check
