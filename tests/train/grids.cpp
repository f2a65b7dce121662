// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/train/grids.hpp>
#include <string>

namespace test_grids {

namespace {

using network = lnn::graph<lnn::builtin>;

/// Scales as wide as the test wants them, by name.
lnn::scales scales_of(const network& net, const lnn::quantization& policy, std::initializer_list<std::pair<const char*, float>> reach) {
  lnn::scales s = lnn::scales_for(net.view(), policy);
  for (auto& e : s.entries()) e.set(1);
  for (const auto& [name, r] : reach) s.of(name).set(r);
  return s;
}
template <class Action>
std::string message(Action action) {
  try {
    action();
  } catch (const lnn::error& e) {
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("grids: limits that keep every shift from being negative") {
  const network net = lnn::describe([c = 4](auto& n) {
    const auto x = n.input("x", {1, 4, 4, 4});
    const auto a = n("conv", lnn::conv2d{.out = c, .kernel = {1, 1}}, x);
    const auto s = n("sum", lnn::add{}, a, x);
    const auto j = n("join", lnn::concat{}, s, x);
    const auto m = n("mul", lnn::mul{}, j, j);
    const auto b = n("norm", lnn::batch_norm{}, m);
    n("pool", lnn::max_pool2d{}, b);
  });
  lnn::scales s = scales_of(net, {}, {{"x", 64}, {"conv.weight", 32}, {"norm.weight", 128}});
  const auto g = lnn::grids_of(net.view(), s, true);
  CHECK(g[0].exponent == 1);
  CHECK(s.of("conv.weight").exponent == 2);
  CHECK(g[1].exponent == 3);  // wants 7, may 1 + 2
  CHECK(g[2].exponent == 1);  // the least of conv and x
  CHECK(g[3].exponent == 1);
  CHECK(g[4].exponent == 2);  // 1 + 1
  CHECK(s.of("norm.weight").exponent == 0);
  CHECK(g[5].exponent == 2);  // 2 + 0
  CHECK(g[6].exponent == 2);
  CHECK(g[6].entry == -1);
  CHECK(s.find("pool") == nullptr);
  CHECK(s.of("conv").wanted() == 7);
  // a grid that needs less than its limit keeps what it wants
  s.of("mul").set(128);
  CHECK(lnn::grids_of(net.view(), s, false)[4].exponent == 2);  // not settled, not changed
  CHECK(lnn::grids_of(net.view(), s, true)[4].exponent == 0);
}

TEST_CASE("grids: widths by layer, and where only a relu looks") {
  const network net = lnn::describe([c = 4](auto& n) {
    const auto x = n.input("x", {1, 4, 4, 4});
    const auto a = n("a.conv", lnn::conv2d{.out = c, .pad = 1}, x);
    const auto s = n("sum", lnn::add{}, a, x);
    const auto r = n("relu", lnn::relu{}, s);
    const auto t = n("two", lnn::add{}, r, a);
    n.output(n("relu2", lnn::relu{}, t));
    n.output(t);
  });
  lnn::quantization policy;
  policy.exceptions = {{"a", {16, 4}}};
  lnn::scales s = scales_of(net, policy, {});
  const auto g = lnn::grids_of(net.view(), s, true);
  CHECK(g[0].type == lnn::dtype::int8);
  CHECK(g[1].type == lnn::dtype::int16);
  CHECK(s.of("a.conv.weight").bits == 4);
  CHECK(g[2].positive);        // sum -> relu
  CHECK_FALSE(g[1].positive);
  CHECK_FALSE(g[4].positive);  // also a result
  CHECK(g[3].type == g[2].type);
}

TEST_CASE("grids: real numbers begin and end where the network says") {
  const network net = lnn::describe([c = 4](auto& n) {
    auto x = n("q", lnn::quant{}, n.input("x", {1, 4}));
    x = n("head", lnn::linear{.out = c}, x);
    n("d", lnn::dequant{}, x);
  });
  lnn::scales s = scales_of(net, {}, {});
  const auto g = lnn::grids_of(net.view(), s, true);
  CHECK(s.find("x") == nullptr);
  CHECK(g[0].type == lnn::dtype::float32);
  CHECK(g[1].type == lnn::dtype::int8);
  CHECK(g[3].type == lnn::dtype::float32);
  const auto said = [](const network& bad) {
    return message([&] {
      lnn::scales all = lnn::scales_for(bad.view(), {});
      (void)lnn::grids_of(bad.view(), all, true);
    });
  };
  const network forgotten = lnn::describe([c = 4](auto& n) {
    const auto x = n.input("x", {1, 4});
    n("sum", lnn::add{}, n("q", lnn::quant{}, x), n("head", lnn::linear{.out = c}, x));
  });
  CHECK(said(forgotten) == "head: input x is real numbers; put a quant in front of it");
  const network twice = lnn::describe([c = 4](auto& n) { n("q", lnn::quant{}, n("head", lnn::linear{.out = c}, n.input("x", {1, 4}))); });
  CHECK(said(twice) == "q: input head is integers already; leave the quant out or put a dequant in front of it");
  lnn::scales none;
  CHECK(message([&] { (void)lnn::grids_of(net.view(), none, false); }) == "scales: there is no scale for q; calibrate this network first");
}

}  // namespace test_grids
