// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/parallel.hpp>
#include <lnn/graph/params.hpp>
#include <lnn/grad/tape.hpp>
#include <lnn/lower/fuse.hpp>
#include <lnn/simd/kernels.hpp>
#include <lnn/train/weights.hpp>
#include <map>
#include <string>
#include <vector>

namespace test_fuse {

namespace {

using network = lnn::graph<lnn::builtin>;
using view = lnn::graph_view<lnn::builtin>;
using lnn::shape;

/// "conv1+norm1+relu(input) add(conv1,conv2)": the layers and what they read.
std::string words(const view& net) {
  std::string out;
  for (const auto& n : net.nodes) {
    if (!out.empty()) out += ' ';
    out += n.name;
    if (!n.fused.batch_norm.empty()) out.append("+").append(n.fused.batch_norm);
    if (n.fused.relu) out += "+relu";
    const char* between = "(";
    for (const int e : n.inputs) {
      out.append(between).append(net.edges[static_cast<std::size_t>(e)].name);
      between = ",";
    }
    out += ')';
  }
  for (const int e : net.outputs) out.append(" ->").append(net.edges[static_cast<std::size_t>(e)].name);
  return out;
}
template <class Build>
std::string fused(const Build& build) {
  const network net = lnn::describe([&](auto& n) { build(n); });
  return words(lnn::fuse(net.view()).view());
}

/// Runs a network in evaluation with the layers' folded weights, in double precision's stead in float.
std::vector<float> evaluate(const view& net, lnn::params& p, const std::vector<float>& x) {
  lnn::pool workers(1);
  lnn::basic_tape<float, lnn::simd::kernels> t(workers);
  t.training = false;
  std::vector<lnn::variable<float>*> at(net.edges.size());
  auto& in = t.input(net.edges[static_cast<std::size_t>(net.inputs[0])].dims);
  std::copy(x.begin(), x.end(), in.value.begin());
  at[static_cast<std::size_t>(net.inputs[0])] = &in;
  std::vector<lnn::layer_weights> kept;
  kept.reserve(net.nodes.size());
  for (const auto& n : net.nodes)
    lnn::visit_op(n.op, [&](auto op) {
      std::vector<lnn::variable<float>*> of;
      for (const int e : n.inputs) of.push_back(at[static_cast<std::size_t>(e)]);
      if (!n.fused.batch_norm.empty()) {
        kept.push_back(lnn::weights_of(net, n, p));
        kept.back().fold();
        of.push_back(&t.leaf(kept.back().folded_weight.flatten(), false));
        of.push_back(&t.leaf(kept.back().folded_bias.flatten(), false));
        if constexpr (requires { op.bias; }) op.bias = true;
      } else {
        const auto shapes = net.input_shapes(n);
        for (const auto& each : op.parameters(std::span<const shape>(shapes.data(), shapes.size())))
          of.push_back(&t.leaf(p.of(n.name, each.name).value.flatten(), false));
      }
      auto* y = t.apply_list(op, of).front();
      if (n.fused.relu) y = &t.apply(lnn::relu{}, *y);
      at[static_cast<std::size_t>(n.output)] = y;
    });
  const auto& y = at[static_cast<std::size_t>(net.outputs[0])]->value;
  return {y.begin(), y.end()};
}

}  // namespace

TEST_CASE("fuse: a batch norm and a relu go into the layer in front of them") {
  CHECK(fused([](auto& n) {
          auto x = n("conv1", lnn::conv2d{.out = 4}, n.input({1, 1, 8, 8}));
          x = n("norm1", lnn::batch_norm{}, x);
          x = n("relu1", lnn::relu{}, x);
          x = n("flat", lnn::flatten{}, x);
          x = n("head", lnn::linear{.out = 3}, x);
          x = n("norm2", lnn::batch_norm{}, x);
          n("relu2", lnn::relu{}, x);
        }) == "conv1+norm1+relu(input) flat(conv1) head+norm2+relu(flat) ->head");
  const network net = lnn::widened<lnn::builtin>(lnn::describe([](auto& n) {
    n("norm", lnn::batch_norm{.eps = 0.25F, .momentum = 0.5F}, n("conv", lnn::conv2d{.out = 4}, n.input({1, 1, 8, 8})));
  }).view());
  const network out = lnn::fold_batch_norm(net.view());
  CHECK(out.view().nodes[0].fused.eps == 0.25F);
  CHECK(out.view().nodes[0].fused.momentum == 0.5F);
}

TEST_CASE("fuse: residual and concat networks keep their joints") {
  CHECK(fused([](auto& n) {
          auto x = n("conv1", lnn::conv2d{.out = 4, .pad = 1}, n.input({1, 1, 8, 8}));
          x = n("norm1", lnn::batch_norm{}, x);
          x = n("relu1", lnn::relu{}, x);
          auto y = n("conv2", lnn::conv2d{.out = 4, .pad = 1}, x);
          y = n("norm2", lnn::batch_norm{}, y);
          x = n("sum", lnn::add{}, y, x);
          x = n("relu2", lnn::relu{}, x);  // an addition has no relu of its own
          auto z = n("conv3", lnn::conv2d{.out = 4, .pad = 1}, x);
          z = n("relu3", lnn::relu{}, z);
          n("join", lnn::concat{}, x, z);
        }) == "conv1+norm1+relu(input) conv2+norm2(conv1) sum(conv2,conv1) relu2(sum) conv3+relu(relu2) join(relu2,conv3) ->join");
}

TEST_CASE("fuse: not where somebody else looks between, and not over a result of the network") {
  CHECK(fused([](auto& n) {
          const auto c = n("conv", lnn::conv2d{.out = 4}, n.input({1, 1, 8, 8}));
          const auto b = n("norm", lnn::batch_norm{}, c);
          n("sum", lnn::add{}, c, b);
        }) == "conv(input) norm(conv) sum(conv,norm) ->sum");
  CHECK(fused([](auto& n) {
          const auto c = n("conv", lnn::conv2d{.out = 4}, n.input({1, 1, 8, 8}));
          const auto r = n("relu", lnn::relu{}, c);
          n.output(c);
          n.output(r);
        }) == "conv(input) relu(conv) ->conv ->relu");
  CHECK(fused([](auto& n) {
          const auto b = n("norm", lnn::batch_norm{}, n("conv", lnn::conv2d{.out = 4}, n.input({1, 1, 8, 8})));
          n.output(n("a", lnn::relu{}, b));
          n.output(n("b", lnn::clip{}, b));
        }) == "conv+norm(input) a(conv) b(conv) ->a ->b");
  CHECK(fused([](auto& n) {  // twice by the same reader
          const auto c = n("conv", lnn::conv2d{.out = 4}, n.input({1, 1, 8, 8}));
          n("square", lnn::mul{}, c, c);
        }) == "conv(input) square(conv,conv) ->square");
  CHECK(fused([](auto& n) { n("norm", lnn::batch_norm{}, n("relu", lnn::relu{}, n.input({1, 2, 8, 8}))); }) ==
        "relu(input) norm(relu) ->norm");
}

TEST_CASE("fuse: only in the order that the chip computes") {
  CHECK(fused([](auto& n) {  // the relu lies between
          auto x = n("conv", lnn::conv2d{.out = 4}, n.input({1, 1, 8, 8}));
          x = n("relu", lnn::relu{}, x);
          x = n("norm", lnn::batch_norm{}, x);
          n("relu2", lnn::relu{}, x);
        }) == "conv+relu(input) norm(conv) relu2(norm) ->relu2");
  CHECK(fused([](auto& n) {  // one batch norm per layer
          auto x = n("conv", lnn::conv2d{.out = 4}, n.input({1, 1, 8, 8}));
          x = n("norm1", lnn::batch_norm{}, x);
          n("norm2", lnn::batch_norm{}, x);
        }) == "conv+norm1(input) norm2(conv) ->norm2");
  CHECK(fused([](auto& n) {  // what is bent is not linear any more
          auto x = n("conv", lnn::conv2d{.out = 4, .slope = 3}, n.input({1, 1, 8, 8}));
          n("norm", lnn::batch_norm{}, x);
        }) == "conv(input) norm(conv) ->norm");
  CHECK(fused([](auto& n) {
          auto x = n("conv", lnn::conv1d{.out = 4}, n.input({1, 1, 8}));
          x = n("norm", lnn::batch_norm{}, x);
          n("relu", lnn::relu{}, x);
        }) == "conv+norm+relu(input) ->conv");
  CHECK(fused([](auto& n) {  // the weight's axis 0 counts inputs
          auto x = n("grow", lnn::conv_transpose2d{.out = 4}, n.input({1, 4, 8, 8}));
          x = n("norm", lnn::batch_norm{}, x);
          n("relu", lnn::relu{}, x);
        }) == "grow(input) norm(grow) relu(norm) ->relu");
  CHECK(fused([](auto& n) {  // channels on axis 1 are not the features on the last
          auto x = n("dense", lnn::linear{.out = 5}, n.input({1, 5, 7}));
          n("norm", lnn::batch_norm{}, x);
        }) == "dense(input) norm(dense) ->norm");
}

TEST_CASE("fuse: parameters keep their names, and the folded network computes the same") {
  const network net = lnn::widened<lnn::builtin>(lnn::describe([](auto& n) {
    auto x = n("conv1", lnn::conv2d{.out = 4, .pad = 1, .bias = false}, n.input({1, 2, 6, 6}));
    x = n("norm1", lnn::batch_norm{}, x);
    x = n("relu1", lnn::relu{}, x);
    auto y = n("deep", lnn::conv2d{.out = 4, .pad = 1, .group = 4}, x);
    y = n("norm2", lnn::batch_norm{.eps = 0.1F}, y);
    x = n("join", lnn::concat{}, x, n("sum", lnn::add{}, x, y));
    x = n("alone", lnn::batch_norm{}, n("relu2", lnn::relu{}, x));
    x = n("head", lnn::linear{.out = 3}, n("flat", lnn::flatten{}, x));
    n("norm3", lnn::batch_norm{}, x);
  }).view());
  lnn::params p = lnn::init(net.view(), 3);
  lnn::random draw(4);
  for (auto& e : p.entries())
    if (e.kind != lnn::role::weight)
      for (float& v : e.value) v = e.kind == lnn::role::variance ? draw.uniform(0.5F, 2) : draw.uniform(-1, 1);
  const network out = lnn::fuse(net.view());
  CHECK(out.view().problems.empty());
  CHECK(words(out.view()) == "conv1+norm1+relu(input) deep+norm2(conv1) sum(conv1,deep) join(conv1,sum) relu2(join) alone(relu2) "
                             "flat(alone) head+norm3(flat) ->head");
  std::vector<float> x(2 * 36);
  for (float& v : x) v = draw.uniform(-1, 1);
  const auto a = evaluate(net.view(), p, x), b = evaluate(out.view(), p, x);
  REQUIRE(a.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-4));
}

}  // namespace test_fuse
