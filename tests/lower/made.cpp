// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/graph/describe.hpp>
#include <lnn/lower/dump.hpp>
#include <lnn/lower/made.hpp>
#include <lnn/lower/made_frozen.hpp>

namespace test_made {

namespace {

namespace lower = lnn::lower;

constexpr auto net = lnn::describe([](auto& n) {
  auto x = n.input({1, 3, 8, 8});
  x = n("conv", lnn::conv2d{.out = 4, .bias = false}, x);
  x = n("norm", lnn::batch_norm{}, x);
  x = n("act", lnn::relu{}, x);
  x = n("flat", lnn::reshape{}, x);
  n("fc", lnn::linear{.out = 10}, x);
});

/// At compile time as at run time.
constexpr std::size_t steps_of() { return lower::made(net.view(), lnn::venus).steps.size(); }
static_assert(steps_of() == 4);

}  // namespace

TEST_CASE("made: a described network has operators of the packer, 8-bit weights, 32-bit biases, folded batch norms") {
  const lower::program p = lower::made(net.view(), lnn::venus);
  REQUIRE(p.steps.size() == 4);
  const lower::step& conv = p.steps[0];
  CHECK(conv.op == "Conv2dInt");
  REQUIRE(conv.inputs.size() == 3);
  CHECK(p.at(conv.inputs[1]).name.text() == "conv.weight");
  CHECK(p.at(conv.inputs[1]).type == lnn::dtype::int8);
  CHECK(p.at(conv.inputs[2]).name.text() == "conv.bias");
  CHECK(p.at(conv.inputs[2]).type == lnn::dtype::int32);
  CHECK(p.at(conv.inputs[2]).parameter == 1);
  CHECK(conv.as.kernel == lnn::limit::numbers{3, 3});
  CHECK(p.steps[1].op == "Relu");
  CHECK(p.steps[1].inputs[0] == conv.outputs[0]);
  const lower::step& flat = p.steps[2];
  REQUIRE(flat.inputs.size() == 2);
  CHECK(p.at(flat.inputs[1]).type == lnn::dtype::int64);
  const lnn::list<long long, 16> to{1LL, -1LL};
  CHECK(p.at(flat.inputs[1]).numbers == to);
  CHECK(p.at(p.outputs[0]).dims == lnn::shape{1, 10});
  CHECK(lower::dump(p).find("Conv2dInt conv, kernel 3 3") != std::string::npos);
}

TEST_CASE("made: a relu inside a linear layer becomes a step of its own, states of recurrent layers are made") {
  lnn::frozen<> m;
  m.target = &lnn::arcs;
  m.edges = {{"x", {1, 4, 8}, lnn::dtype::int8, 5, {}}, {"y", {1, 4, 8}, lnn::dtype::int8, 7, {}}, {"z", {1, 4, 2}, lnn::dtype::int8, 4, {}}};
  const auto weight = [](lnn::shape dims, int q) { return lnn::integer_tensor(lnn::dtype::int8, dims, q); };
  const auto bias = [](int n, int q) { return lnn::integer_tensor(lnn::dtype::int32, {n}, q); };
  m.layers.push_back({.name = "rnn", .op = lnn::lstm{.hidden = 8}, .inputs = {0}, .output = 1,
                      .parameters = {weight({32, 8}, 6), weight({32, 8}, 6), bias(32, 11), bias(32, 13)}});
  m.layers.push_back({.name = "fc", .op = lnn::linear{.out = 2}, .relu = true, .inputs = {1}, .output = 2,
                      .parameters = {weight({2, 8}, 6), bias(2, 13)}, .parameter_names = {"w", "b"}});
  m.inputs = {0};
  m.outputs = {2};
  const lower::program p = lower::made(m);
  REQUIRE(p.steps.size() == 3);
  CHECK(p.steps[0].op == "LSTMInt");
  REQUIRE(p.steps[0].inputs.size() == 5);
  REQUIRE(p.steps[0].outputs.size() == 3);
  CHECK(p.at(p.steps[0].outputs[2]).type == lnn::dtype::int32);
  CHECK(p.steps[1].op == "LinearInt");
  CHECK(p.at(p.steps[1].inputs[1]).name.text() == "w");
  CHECK(p.steps[2].op == "Relu");
  CHECK(p.steps[2].outputs[0] == p.outputs[0]);
  CHECK(p.at(p.steps[2].inputs[0]).scale.value == 4);
}

}  // namespace test_made
