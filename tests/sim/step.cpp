// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/graph/intern.hpp>
#include <lnn/luna/kernels.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/simd/kernels.hpp>
#include <lnn/train/freeze.hpp>

namespace test_step {

namespace {

using lnn::builtin;
using lnn::shape;
using lnn::sim::layout;

/// A random network of images in which layers that prefer channels innermost, layers that take either layout and layers
/// that know but one follow each other in any order.
lnn::graph<> network(lnn::random& draw, shape& input) {
  lnn::graph<> n;
  const auto any = [&](int low, int high) { return low + static_cast<int>(draw.below(static_cast<unsigned>(high - low + 1))); };
  input = {1, any(1, 20), any(5, 18), any(5, 18)};
  auto x = n.input("x", input), kept = x;
  for (int i = 0; i < 9; ++i) {
    const std::string_view name = lnn::intern("layer" + std::to_string(i));
    const int channels = n.dims(x)[1], rows = n.dims(x)[2], columns = n.dims(x)[3];
    const bool large = rows >= 3 && columns >= 3;
    switch (any(0, 13)) {
      case 0:
      case 1:
        x = n(name, lnn::conv2d{.out = any(1, 40), .kernel = {large ? 3 : 1, large ? any(1, 3) : 1}, .stride = {any(1, 2), any(1, 2)}, .pad = large ? any(0, 1) : 0, .bias = any(0, 1) == 1}, x);
        break;
      case 2: x = n(name, lnn::conv2d{.out = any(1, 70), .kernel = {1, 1}}, x); break;
      case 3: x = n(name, lnn::conv2d{.out = channels, .kernel = {3, 3}, .pad = 1, .group = channels}, x); break;
      case 4: x = n(name, lnn::conv2d{.out = 2 * channels, .kernel = {1, 1}, .group = channels}, x); break;
      case 5: x = n(name, lnn::relu{}, x); break;
      case 6: x = n(name, lnn::max_pool2d{.kernel = {large ? 3 : 1, large ? 2 : 1}, .stride = {any(1, 2), 1}, .pad = large ? any(0, 1) : 0}, x); break;
      case 7:
        x = n(name, lnn::avg_pool2d{.kernel = {large ? 2 : 1, large ? 3 : 1}, .stride = {1, any(1, 2)}, .pad = large ? any(0, 1) : 0, .count_include_pad = any(0, 2) > 0}, x);
        break;
      case 8: x = n(name, lnn::concat{.axis = n.dims(kept) == n.dims(x) ? any(1, 3) : 1}, x, n.dims(kept) == n.dims(x) ? kept : x); break;
      case 9: x = n(name, lnn::add{}, x, n.dims(kept) == n.dims(x) ? kept : x); break;
      case 10: x = any(0, 1) == 0 ? n(name, lnn::sigmoid{}, x) : n(name, lnn::tanh{}, x); break;
      case 12: x = n(name, lnn::softmax{.axis = any(2, 3)}, x); break;
      case 11:
        if (rows * columns > 600) break;
        x = n(name, lnn::conv_transpose2d{.out = any(1, 24), .kernel = {any(1, 4), any(1, 3)}, .stride = {any(1, 3), any(1, 2)}, .dilation = {1, any(0, 4) == 0 ? 2 : 1}}, x);
        break;
      default: x = n(name, lnn::transpose{{0, 1, 3, 2}}, x); break;
    }
    if (any(0, 2) == 0) kept = x;
  }
  n.output(n("head", lnn::linear{.out = any(1, 40)}, n("flat", lnn::flatten{}, x)));
  if (any(0, 1) == 0 && kept.edge != 0) n.output(kept);  // an image as a result
  return n;
}

/// The same for lines, and behind them a recurrent layer.
lnn::graph<> network_of_lines(lnn::random& draw, shape& input) {
  lnn::graph<> n;
  const auto any = [&](int low, int high) { return low + static_cast<int>(draw.below(static_cast<unsigned>(high - low + 1))); };
  input = {1, any(1, 20), any(9, 40)};
  auto x = n.input("x", input), kept = x;
  for (int i = 0; i < 6; ++i) {
    const std::string_view name = lnn::intern("layer" + std::to_string(i));
    const int channels = n.dims(x)[1], length = n.dims(x)[2];
    switch (any(0, 7)) {
      case 0:
      case 1: x = n(name, lnn::conv1d{.out = any(1, 40), .kernel = std::min(length, any(1, 7)), .stride = any(1, 2), .bias = any(0, 1) == 1}, x); break;
      case 2: x = n(name, lnn::conv1d{.out = channels, .kernel = 3, .pad = 1, .group = channels}, x); break;
      case 3: x = n(name, lnn::conv_transpose1d{.out = any(1, 24), .kernel = any(1, 4), .stride = any(1, 3)}, x); break;
      case 4: x = n(name, lnn::relu{}, x); break;
      case 5: x = n(name, lnn::max_pool1d{.kernel = std::min(length, 3), .stride = any(1, 2)}, x); break;
      case 6: x = n(name, lnn::concat{.axis = n.dims(kept) == n.dims(x) ? any(1, 2) : 1}, x, n.dims(kept) == n.dims(x) ? kept : x); break;
      default: x = n(name, lnn::avg_pool1d{.kernel = std::min(length, 2), .stride = any(1, 2)}, x); break;
    }
    if (any(0, 2) == 0) kept = x;
  }
  const bool wide = any(0, 1) == 1;
  if (any(0, 1) == 1) n.output(n("gru", lnn::gru{.hidden = any(1, 40), .bias = wide, .bidirectional = any(0, 1) == 1}, x));
  n.output(n("lstm", lnn::lstm{.hidden = any(1, 40), .bias = !wide, .bidirectional = any(0, 1) == 1, .batch_first = wide}, x));
  return n;
}

lnn::scales any_scales(const lnn::graph<>& fused) {
  lnn::scales s = lnn::scales_for(fused.view(), {});
  for (auto& e : s.entries()) e.set(e.name.find("weight") == std::string::npos ? 2.0F : 1.0F);
  (void)lnn::grids_of(fused.view(), s, true);
  return s;
}

/// Both paths give every edge alike; how many layers with parameters there were.
int compare(lnn::random& draw, const lnn::graph<>& net, const shape& input) {
  REQUIRE(net.view().problems.empty());
  lnn::params p = lnn::init(net.view(), 5);
  const lnn::chip& on = *lnn::chips[draw.below(3)];
  const auto m = lnn::freeze(net.view(), p, any_scales(lnn::fuse(net.view())), on, lnn::hardware_rules::ignored);
  lnn::pool one(1), two(2);
  lnn::sim::machine<lnn::luna::kernels, builtin> law(m, one);
  lnn::sim::machine<lnn::simd::kernels, builtin> fast(m, two);
  for (const int samples : {1, 3}) {
    lnn::tensor<float> x(input.with_batch(samples));
    for (float& v : x) v = draw.uniform(-2, 2);
    law.run(x.flatten());
    fast.run(x.flatten());
    for (std::size_t e = 0; e < m.edges.size(); ++e) {
      CAPTURE(m.edges[e].name);
      CHECK(law.edge(e) == fast.edge(e));
    }
  }
  int weights = 0;
  for (const auto& l : m.layers) weights += l.parameters.empty() ? 0 : 1;
  return weights;
}

}  // namespace

TEST_CASE("step: whatever the layouts of its layers, a network computes what the reference computes") {
  lnn::random draw(11);
  int images = 0;
  for (int round = 0; round < 60; ++round) {
    shape input;
    const lnn::graph<> net = network(draw, input);
    CAPTURE(round);
    images += compare(draw, net, input);
  }
  CHECK(images > 100);
}

TEST_CASE("step: lines and sequences") {
  lnn::random draw(12);
  int layers = 0;
  for (int round = 0; round < 60; ++round) {
    shape input;
    const lnn::graph<> net = network_of_lines(draw, input);
    CAPTURE(round);
    layers += compare(draw, net, input);
  }
  CHECK(layers > 150);
}

TEST_CASE("step: a matrix that never changes is arranged once") {
  lnn::random draw(13);
  for (int round = 0; round < 40; ++round) {
    const auto any = [&](int low, int high) { return low + static_cast<int>(draw.below(static_cast<unsigned>(high - low + 1))); };
    const int rows = any(1, 20), depth = any(1, 40), columns = any(1, 80), many = any(1, 3);
    lnn::graph<> n;
    const auto a = n.input("a", {many, rows, depth}), b = round % 2 == 0 ? n.input("b", {depth, columns}) : n.input("b", {many, depth, columns});
    n.output(n("y", lnn::matmul{}, a, b));
    REQUIRE(n.view().problems.empty());
    auto m = lnn::freeze(n.view(), lnn::init(n.view(), 5), any_scales(n), *lnn::chips[draw.below(3)], lnn::hardware_rules::ignored);
    auto& constant = m.edges[static_cast<std::size_t>(b.edge)];
    constant.value.emplace(constant.type, constant.dims, constant.exponent);
    for (std::size_t i = 0; i < constant.value->size(); ++i) constant.value->as<std::int8_t>()[i] = static_cast<std::int8_t>(any(-128, 127));
    std::erase(m.inputs, b.edge);
    lnn::pool one(1);
    lnn::sim::machine<lnn::luna::kernels, builtin> law(m, one);
    lnn::sim::machine<lnn::simd::kernels, builtin> fast(m, one);
    lnn::tensor<float> x({many, rows, depth});
    for (float& v : x) v = draw.uniform(-2, 2);
    law.run(x.flatten());
    fast.run(x.flatten());
    CHECK(law.output() == fast.output());
  }
}

TEST_CASE("step: forty inputs, the last of them constants") {
  lnn::pool workers(1);
  std::vector<lnn::integer_tensor> pieces;
  std::vector<lnn::sim::placed> in;
  for (int i = 0; i < 40; ++i) {
    pieces.emplace_back(lnn::dtype::int8, lnn::shape{1, 2}, 0);
    for (std::size_t k = 0; k < 2; ++k) pieces.back().as<std::int8_t>()[k] = static_cast<std::int8_t>(2 * i + static_cast<int>(k));
  }
  for (const auto& t : pieces) in.push_back({.at = t.access(), .constant = in.size() >= 32});
  lnn::integer_tensor y(lnn::dtype::int8, {1, 80}, 0);
  const lnn::builtin::any op = lnn::concat{.axis = 1};
  lnn::sim::step<lnn::simd::kernels, lnn::builtin> joined({op, in, {}, {{.at = y.access()}}, false, lnn::venus});
  joined.run(workers);
  for (int i = 0; i < 80; ++i) CHECK(y.as<std::int8_t>()[i] == i);
}

TEST_CASE("step: layouts") {
  using step = lnn::sim::step<lnn::simd::kernels, builtin>;
  std::vector<std::int8_t> memory(4096);
  const auto image = [&](int channels, layout lies) {
    return lnn::sim::placed{{memory.data(), lnn::dtype::int8, {1, channels, 4, 5}, 3}, lies};
  };
  std::vector<lnn::integer_tensor> weight{lnn::integer_tensor(lnn::dtype::int8, {8, 4, 1, 1}, 5)};
  const builtin::any conv = lnn::conv2d{.out = 8, .kernel = {1, 1}}, relu = lnn::relu{}, turn = lnn::transpose{{0, 1, 3, 2}};
  const auto first = layout::channels_first, last = layout::channels_last;
  const auto works = [&](const builtin::any& op, const lnn::sim::placed& x, std::span<const lnn::integer_tensor> own) {
    return step::works_in({op, {x}, own, {image(4, first)}, false, lnn::venus});
  };
  CHECK(works(conv, image(4, first), weight) == last);
  CHECK(works(relu, image(4, first), {}) == first);
  CHECK(works(relu, image(4, last), {}) == last);
  CHECK(works(turn, image(4, last), {}) == first);
  using reference = lnn::sim::step<lnn::luna::kernels, builtin>;
  CHECK(reference::works_in({conv, {image(4, last)}, weight, {image(8, first)}, false, lnn::venus}) == first);

  std::vector<std::int8_t> turned(2 * 3 * 4), back(2 * 3 * 4);
  for (std::size_t i = 0; i < turned.size(); ++i) memory[i] = static_cast<std::int8_t>(i);
  const lnn::integer_view x{memory.data(), lnn::dtype::int8, {2, 3, 4}, 0}, y{turned.data(), lnn::dtype::int8, {2, 3, 4}, 0};
  lnn::sim::rearrange(x, last, turned.data());
  CHECK(turned[0] == 0);
  CHECK(turned[1] == 4);
  CHECK(turned[3] == 1);
  CHECK(turned[12] == 12);
  lnn::sim::rearrange(y, first, back.data());
  CHECK(std::equal(back.begin(), back.end(), memory.begin()));
}

}  // namespace test_step
