// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/check/check.hpp>
#include <string>

namespace test_graph {

namespace {

using lnn::graph;
std::string said(const graph<>& n, std::size_t i = 0) { return std::string(n.view().problems[i].sentence().view()); }
bool has(const std::string& text, const std::string& part) {
  CAPTURE(text);
  CAPTURE(part);
  const bool found = text.find(part) != std::string::npos;
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("graph: shapes that do not fit name the layer and both shapes") {
  graph<> n;
  const auto x = n.input("a", {1, 3, 8, 8}), y = n.input("b", {1, 4, 8, 8});
  n("sum", lnn::add{}, x, y);
  REQUIRE(n.view().problems.size() == 1);
  has(said(n), "sum: ");
  has(said(n), "1x3x8x8");
  has(said(n), "1x4x8x8");
}

TEST_CASE("graph: one mistake is one finding, whatever follows") {
  graph<> n;
  auto x = n.input({1, 3, 4, 4});
  x = n("conv1", lnn::conv2d{.out = 4, .kernel = {7, 3}}, x);
  x = n("norm1", lnn::batch_norm{}, x);
  x = n("pool", lnn::max_pool2d{}, x);
  x = n("flat", lnn::flatten{}, x);
  x = n("head", lnn::linear{.out = 3}, x);
  n.finish();
  REQUIRE(n.view().problems.size() == 1);
  has(said(n), "conv1: output height");
  CHECK(n.dims(x).rank() == 0);
  CHECK_FALSE(lnn::check(n.view(), lnn::venus).clean());
  CHECK_THROWS_AS(lnn::require_sound(n.view()), lnn::error);
  // another mistake of its own is found as well
  n("two", lnn::concat{.axis = 9}, n.input("b", {1, 2}), n.input("c", {1, 2}));
  CHECK(n.view().problems.size() == 2);
}

TEST_CASE("graph: wrong numbers of inputs, and too many") {
  graph<> n;
  const auto x = n.input({1, 3});
  n("sum", lnn::add{}, x);
  REQUIRE(n.view().problems.size() == 1);
  has(said(n), "sum: number of inputs 1");
  lnn::node<lnn::builtin> wide{.name = "join", .op = lnn::concat{}};
  for (int i = 0; i < 17; ++i) wide.inputs.push_back(x.edge);
  n.add(wide);
  REQUIRE(n.view().problems.size() == 2);
  has(said(n, 1), "join: has more than 16 inputs");
  graph<> whole;
  const auto y = whole.input({1, 3});
  whole("join", lnn::concat{}, y, y, y, y, y, y, y, y, y, y, y, y, y, y, y, y);
  CHECK(whole.view().problems.empty());
  CHECK(whole.view().edges.back().dims == lnn::shape{1, 48});
}

TEST_CASE("graph: an input that nobody made is refused without a second sentence") {
  graph<> n;
  const auto y = n("relu", lnn::relu{}, graph<>::wire{});
  CHECK(n.dims(y).rank() == 0);
}

TEST_CASE("graph: an output that nobody made is refused") {
  graph<> n;
  const auto y = n("flat", lnn::flatten{}, n.input({1, 1, 8, 8}));
  n.output(y[3]);
  n.output(y);
  const auto found = lnn::check(n, lnn::venus);
  REQUIRE(found.refused().size() == 1);
  CHECK(found.refused()[0].what == &lnn::network_rules::no_such_input);
  CHECK(found.refused()[0].layer == "output");
}

TEST_CASE("graph: networks that cannot be run") {
  graph<> empty;
  empty.finish();
  CHECK_THROWS_AS(lnn::require_sound(empty.view()), lnn::error);
  graph<> twice;
  twice("input", lnn::relu{}, twice.input({1, 3}));
  CHECK_THROWS_AS(lnn::require_sound(twice.view()), lnn::error);
  graph<> good;
  good("relu", lnn::relu{}, good.input({1, 3}));
  CHECK_NOTHROW(lnn::require_sound(good.view()));
}

}  // namespace test_graph
