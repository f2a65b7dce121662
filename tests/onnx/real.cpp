// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/onnx/read_float.hpp>
#include <lnn/onnx/write_float.hpp>
#include <lnn/simd/kernels.hpp>
#include <lnn/train/program.hpp>

#include "file.hpp"

namespace test_real {

namespace {

using network = lnn::onnx::float_network<>;

network read(const file& f, const std::vector<lnn::symbol>& sizes = {}) {
  return lnn::onnx::read_float(std::span<const std::uint8_t>(f.bytes()), "test.onnx", sizes);
}
std::string refusal_of(const file& f) {
  try {
    (void)read(f);
  } catch (const lnn::error& e) {
    return e.what();
  }
  return {};
}
template <class Net>
std::vector<std::vector<float>> run(const Net& net, lnn::params p, std::vector<float> x) {
  lnn::pool workers(1);
  const auto view = net.view();
  auto program = lnn::float_program<lnn::simd::kernels>(view, p, lnn::flat<float>(x.data(), view.edges[static_cast<std::size_t>(view.inputs[0])].dims), workers);
  program->tape.forward();
  std::vector<std::vector<float>> all;
  for (int e : program->outputs) {
    const auto& v = program->edges[static_cast<std::size_t>(e)]->value;
    all.emplace_back(v.begin(), v.end());
  }
  return all;
}
std::vector<float> noise(std::size_t n, std::uint64_t seed = 3) {
  lnn::random draw(seed);
  std::vector<float> x(n);
  for (float& v : x) v = draw.uniform(-1, 1);
  return x;
}
void check_close(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-5));
}

/// Writes a network, reads it back, and computes both.
template <class Describe>
void round_trip(std::size_t inputs, Describe describe) {
  lnn::graph<> net;
  describe(net);
  net.finish();
  REQUIRE(net.view().problems.empty());
  lnn::params p = lnn::init(net.view(), 11);
  lnn::random draw(12);
  for (auto& e : p.entries())
    for (float& v : e.value)
      if (e.kind != lnn::role::weight) v = e.kind == lnn::role::variance ? draw.uniform(0.5F, 2) : draw.uniform(-1, 1);
  const auto bytes = lnn::onnx::float_bytes(net.view(), p);
  const network back = lnn::onnx::read_float(std::span<const std::uint8_t>(bytes), "written.onnx");
  CHECK(back.weights.count() == p.count());
  const auto x = noise(inputs);
  const auto a = run(net, p, x), b = run(back.net, back.weights, x);
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) check_close(a[i], b[i]);
}

}  // namespace

TEST_CASE("float networks are written and read back: images") {
  round_trip(3 * 9 * 7, [](auto& n) {
    auto x = n("conv1", lnn::conv2d{.out = 8, .stride = {2, 1}, .pad = {1, 0, 0, 1}}, n.input("image", {1, 3, 9, 7}));
    x = n("relu1", lnn::relu{}, n("norm1", lnn::batch_norm{}, x));
    auto y = n("leaky", lnn::prelu{.slope = 2}, n("deep", lnn::conv2d{.out = 8, .pad = 1, .group = 8, .bias = false}, x));
    x = n("clip", lnn::clip{-0.5F, 0.75F}, n("sum", lnn::add{}, x, y));
    y = n("gate", lnn::sigmoid{}, n("squeeze", lnn::avg_pool2d::global(), x));
    x = n("join", lnn::concat{}, n("scaled", lnn::mul{}, x, y), n("less", lnn::sub{}, x, n("tanh", lnn::tanh{}, x)));
    x = n("up", lnn::conv_transpose2d{.out = 4, .kernel = {2, 2}, .stride = {2, 2}}, x);
    x = n("padded", lnn::pad{.pads = {1, 0, 0, 2}, .value = 0.5F}, x);
    x = n("average", lnn::avg_pool2d{.kernel = {3, 2}, .stride = {2, 2}, .pad = {1, 0, 0, 1}, .count_include_pad = false}, n("max", lnn::max_pool2d{}, x));
    n("odds", lnn::log_softmax{}, n("head", lnn::linear{.out = 10}, n("flat", lnn::flatten{}, x)));
  });
}

TEST_CASE("float networks are written and read back: sequences") {
  round_trip(6 * 5, [](auto& n) {
    auto x = n("in", lnn::linear{.out = 8}, n.input("x", {1, 6, 5}));
    x = n("norm", lnn::layer_norm{}, n("gelu", lnn::gelu{}, x));
    auto scores = n("scores", lnn::softmax{}, n("product", lnn::matmul{}, x, n("turned", lnn::transpose{{0, 2, 1}}, x)));
    x = n("mixed", lnn::matmul{}, scores, x);
    x = n("memory", lnn::lstm{.hidden = 4, .bidirectional = true}, x);
    x = n("backward", lnn::gru{.hidden = 6, .go_forward = false}, x);
    x = n("gated", lnn::glu{.dim = 2}, n("swish", lnn::swish{}, x));
    auto halves = n("halves", lnn::split{.axis = 1, .sizes = {2, 4}}, x);
    n.output(n("first", lnn::squeeze{{0}}, n("some", lnn::slice{.starts = {1}, .ends = {1 << 28}, .axes = {2}, .steps = {1}}, halves[0])));
    n.output(n("line", lnn::reshape{{0, -1}}, halves[1]));
    auto state = n("last", lnn::lstm{.hidden = 3, .batch_first = true, .final_state = true}, x);
    n.output(state[1]);
    n.output(state[2]);
  });
  round_trip(4 * 12, [](auto& n) {
    auto x = n("conv", lnn::conv1d{.out = 6, .kernel = 3, .stride = 2, .pad = 1}, n.input("x", {1, 4, 12}));
    n("max", lnn::max_pool1d{.kernel = 2, .stride = 2}, x);
  });
}

TEST_CASE("what other exporters write: products with biases, SAME padding, weights lying down, gelu of pieces, shape arithmetic") {
  file f;
  f.input("x", {"batch", 2, 5, 4}).output("y");
  f.constant<float>("w", {3, 2, 3, 3}, noise(54)).constant<float>("head", {9, 4}, noise(36)).constant<float>("bias", {4}, {1, 2, 3, 4});
  f.constant<float>("root", {}, {1.41421356F}).constant<float>("one", {}, {1}).constant<float>("half", {}, {0.5F});
  f.constant<std::int64_t>("zero", {}, {0}).constant<std::int64_t>("first", {1}, {0}).constant<std::int64_t>("rest", {1}, {-1});
  f.node("Conv", {"x", "w"}, {"c"}, {{"auto_pad", std::string("SAME_UPPER")}, {"strides", std::vector<int>{2, 2}}, {"kernel_shape", std::vector<int>{3, 3}}});
  f.node("ReduceMean", {"c"}, {"m"}, {{"axes", std::vector<int>{2, 3}}, {"keepdims", 0}});
  f.node("Concat", {"m", "m", "m"}, {"l"}, {{"axis", 1}});
  f.node("Shape", {"l"}, {"s"}).node("Gather", {"s", "zero"}, {"b"}).node("Unsqueeze", {"b"}, {"b1"}, {{"axes", std::vector<int>{0}}});
  f.node("Concat", {"b1", "rest"}, {"to"}, {{"axis", 0}}).node("Reshape", {"l", "to"}, {"r"});
  f.node("MatMul", {"r", "head"}, {"p"}).node("Add", {"bias", "p"}, {"h"});
  f.node("Div", {"h", "root"}, {"g1"}).node("Erf", {"g1"}, {"g2"}).node("Add", {"g2", "one"}, {"g3"}).node("Mul", {"h", "g3"}, {"g4"}).node("Mul", {"g4", "half"}, {"y"});
  const network n = read(f);
  std::string names;
  for (const auto& node : n.net.view().nodes) names += std::string(lnn::visit_op(node.op, [](const auto& op) { return op.name; })) + " ";
  CHECK(names == "conv2d avg_pool2d flatten concat reshape linear gelu ");
  CHECK(std::get<lnn::conv2d>(n.net.view().nodes[0].op).pad == lnn::padding2{1, 0, 1, 1});
  CHECK(std::get<lnn::reshape>(n.net.view().nodes[4].op).dims[0] == 0);
  const auto* head = n.weights.find("MatMul_p.weight");
  REQUIRE(head);
  CHECK(head->value.dims() == lnn::shape{4, 9});
  CHECK(head->value(1, 2) == noise(36)[2 * 4 + 1]);
  CHECK(n.weights.find("MatMul_p.bias")->value[3] == 4);
}

TEST_CASE("float nodes that cannot be read are told at once") {
  file f;
  f.input("x", {1, 4}).output("y").constant<float>("two", {}, {2}).constant<float>("w", {4, 4}, {1}).constant<float>("slope", {1}, {0.3F});
  f.node("Mul", {"x", "two"}, {"a"}).node("Einsum", {"x"}, {"b"}).node("Gemm", {"x", "w"}, {"c"}, {{"alpha", 0.5F}}).node("PRelu", {"x", "slope"}, {"d"});
  f.node("Sum", {"a", "b", "c", "d"}, {"y"});
  const auto said = refusal_of(f);
  CHECK(said.find("test.onnx: 4 nodes cannot be read:") == 0);
  CHECK(said.find("node Mul_a (Mul): input two is a constant") != std::string::npos);
  CHECK(said.find("node Einsum_b (Einsum): the operator is not known") != std::string::npos);
  CHECK(said.find("node Gemm_c (Gemm): attributes transA, alpha and beta") != std::string::npos);
  CHECK(said.find("node PRelu_d (PRelu): slope 0.3") != std::string::npos);
}

}  // namespace test_real
