// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/graph/describe.hpp>
#include <string>

namespace test_describe {

namespace {

constexpr auto build = [](auto& n) {
  auto x = n.input("image", {1, 1, 8, 8});
  x = n("conv1", lnn::conv2d{.out = 4, .pad = 1}, x);
  const auto y = n("conv2", lnn::conv2d{.out = 4, .kernel = {1, 1}}, x);
  x = n("sum", lnn::add{}, x, y);
  n("flat", lnn::flatten{}, x);
};
constexpr auto net = lnn::describe(build);

/// x + 1, for networks of their own operators.
struct plus_one {
  static constexpr std::string_view name = "plus_one";
  static constexpr std::string_view onnx_names[] = {"PlusOne"};
  static constexpr std::string_view arithmetic = "x + 1";
  static constexpr std::array<const lnn::rule*, 0> rules{};
  static constexpr lnn::grid grid_rule = lnn::grid::keep;
  static constexpr auto fields = lnn::field_list();
  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr lnn::shape result(std::span<const lnn::shape> in, lnn::verdict&) const { return in[0]; }
  [[nodiscard]] constexpr lnn::parameter_list parameters(std::span<const lnn::shape>) const { return {}; }
  constexpr void check(const lnn::layer_tensors&, const lnn::chip&, lnn::verdict&) const {}
};

static_assert(net.nodes.size() == 4 && net.edges.size() == 5 && net.inputs.size() == 1 && net.outputs.size() == 1);
static_assert(net.problems.empty());
static_assert(net.edges[1].dims == lnn::shape{1, 4, 8, 8});
static_assert(net.nodes[2].inputs.size() == 2 && net.nodes[2].inputs[0] == 1 && net.nodes[2].inputs[1] == 2);
static_assert(net.outputs[0] == 4 && net.edges[4].dims == lnn::shape{1, 256});
static_assert(std::holds_alternative<lnn::add>(net.nodes[2].op));
static_assert(lnn::network_like<decltype(net)> && lnn::network_like<lnn::graph<>>);

}  // namespace

TEST_CASE("describe: a constant where it can be, a graph where it cannot, and both the same") {
  const int out = 4;
  const auto grown = lnn::describe([&](auto& n) {  // captures
    auto x = n.input("image", {1, 1, 8, 8});
    x = n("conv1", lnn::conv2d{.out = out, .pad = 1}, x);
    const auto y = n("conv2", lnn::conv2d{.out = out, .kernel = {1, 1}}, x);
    x = n("sum", lnn::add{}, x, y);
    n("flat", lnn::flatten{}, x);
  });
  static_assert(std::is_same_v<decltype(grown), const lnn::graph<lnn::builtin>>);
  using own = lnn::operators<lnn::conv2d, lnn::add, lnn::flatten>;  // what it has, unless all are compiled already
  static_assert(std::is_same_v<decltype(net)::ops, std::conditional_t<lnn::compiled_once<lnn::builtin>, lnn::builtin, own>>);
  const lnn::graph<> wide = lnn::widened<lnn::builtin>(net.view());
  const auto a = wide.view(), b = grown.view();
  REQUIRE(a.nodes.size() == b.nodes.size());
  REQUIRE(a.edges.size() == b.edges.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    CHECK(a.nodes[i].name == b.nodes[i].name);
    CHECK(a.nodes[i].op.index() == b.nodes[i].op.index());
    CHECK(a.nodes[i].inputs == b.nodes[i].inputs);
    CHECK(a.nodes[i].output == b.nodes[i].output);
  }
  for (std::size_t i = 0; i < a.edges.size(); ++i) {
    CHECK(a.edges[i].name == b.edges[i].name);
    CHECK(a.edges[i].dims == b.edges[i].dims);
    CHECK(a.edges[i].node == b.edges[i].node);
  }
}

TEST_CASE("describe: named results, and findings that stay with the value") {
  constexpr auto two = lnn::describe([](auto& n) {
    const auto x = n("a", lnn::relu{}, n.input({1, 3}));
    n.output(x);
    n.output(n("b", lnn::linear{.out = 2}, x));
    n("unused", lnn::relu{}, x);
  });
  static_assert(two.outputs.size() == 2 && two.outputs[0] == 1 && two.outputs[1] == 2);
  constexpr auto bad = lnn::describe([](auto& n) { n("head", lnn::conv2d{}, n.input({1, 3})); });
  static_assert(bad.problems.size() == 1);
  CHECK(bad.problems[0].layer == "head");
}

TEST_CASE("describe: a network in a larger set keeps its wires, whatever the order of its inputs") {
  constexpr auto late = lnn::describe([](auto& n) {
    const auto a = n("a", lnn::relu{}, n.input("x", {1, 2}));
    n.output(n("sum", lnn::add{}, a, n.input("y", {1, 2})));
    n.output(a);
  });
  const lnn::graph<> wide = lnn::widened<lnn::builtin>(late.view());
  const auto w = wide.view();
  const auto name = [&](int e) { return w.edges[static_cast<std::size_t>(e)].name; };
  CHECK(name(w.nodes[1].inputs[0]) == "a");
  CHECK(name(w.nodes[1].inputs[1]) == "y");
  CHECK(name(w.outputs[0]) == "sum");
  CHECK(name(w.outputs[1]) == "a");
}

TEST_CASE("describe: a set of operators of the user's own") {
  using own = lnn::builtin::with<plus_one>;
  constexpr auto more = lnn::describe<own>([](auto& n) {
    auto x = n("one", plus_one{}, n.input({1, 3}));
    n("relu", lnn::relu{}, x);
  });
  static_assert(std::is_same_v<decltype(more)::ops, lnn::operators<lnn::relu, plus_one>>);
  static_assert(std::holds_alternative<plus_one>(more.nodes[0].op));
  static_assert(own::has<plus_one> && own::has<lnn::relu> && !lnn::builtin::has<plus_one>);
  CHECK(more.view().nodes.size() == 2);
}

}  // namespace test_describe
