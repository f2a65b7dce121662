// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/luna/kernels.hpp>
#include <lnn/sim/machine.hpp>
#include <lnn/simd/kernels.hpp>
#include <lnn/train/freeze.hpp>
#include <string>

namespace test_machine {

namespace {

using model = lnn::frozen<lnn::builtin>;
using lnn::integer_tensor;
using lnn::shape;
using lnn::tensor;

/// A network with every way that integers can take, frozen with scales that nobody calibrated.
model make(bool nodes = false) {
  const auto net = lnn::describe([=](auto& n) {
    auto x = n.input("image", {1, 3, 9, 7});
    if (nodes) x = n("in", lnn::quant{}, x);
    x = n("conv1", lnn::conv2d{.out = 8, .stride = {2, 1}, .pad = 1}, x);
    x = n("norm1", lnn::batch_norm{}, x);
    x = n("relu1", lnn::relu{}, x);
    auto y = n("deep", lnn::conv2d{.out = 8, .pad = 1, .group = 8}, x);
    x = n("sum", lnn::add{}, x, y);
    x = n("relu2", lnn::relu{}, x);
    y = n("excite", lnn::conv2d{.out = 8, .kernel = {1, 1}}, n("squeeze", lnn::avg_pool2d::global(), x));
    x = n("scaled", lnn::mul{}, x, n("gate", lnn::clip{0, 1}, y));
    x = n("join", lnn::concat{}, x, n("alone", lnn::batch_norm{}, x));
    x = n("max", lnn::max_pool2d{}, x);
    x = n("flat", lnn::flatten{}, x);
    x = n("head", lnn::linear{.out = 10}, x);
    if (nodes) n("out", lnn::dequant{}, x);
  });
  lnn::params p = lnn::init(net.view(), 5);
  lnn::random draw(6);
  for (auto& e : p.entries())
    if (e.kind == lnn::role::bias || e.kind == lnn::role::offset)
      for (float& v : e.value) v = draw.uniform(-1, 1);
  const auto fused = lnn::fuse(net.view());
  lnn::scales s = lnn::scales_for(fused.view(), {});
  for (auto& e : s.entries()) e.set(e.name.find("weight") == std::string::npos ? 2.0F : 1.0F);
  (void)lnn::grids_of(fused.view(), s, true);
  return lnn::freeze(net, p, s, lnn::venus, lnn::hardware_rules::ignored);  // a clip is in it
}

tensor<float> noise(const shape& dims) {
  tensor<float> t(dims);
  lnn::random draw(7);
  for (float& v : t) v = draw.uniform(-2, 2);
  return t;
}

template <class Kernels>
std::vector<integer_tensor> run(const model& m, lnn::flat<const float> x, int threads = 1) {
  lnn::pool workers(threads);
  lnn::sim::machine<Kernels, lnn::builtin> chip(m, workers);
  chip.run(x);
  std::vector<integer_tensor> out;
  for (std::size_t e = 0; e < m.edges.size(); ++e) out.push_back(chip.edge(e));
  return out;
}

}  // namespace

TEST_CASE("machine: the reference path and the fast path, any number of threads, the same integers") {
  const model m = make();
  for (const int samples : {1, 2, 5, 17}) {
    const tensor<float> x = noise({samples, 3, 9, 7});
    const auto slow = run<lnn::luna::kernels>(m, x.flatten()), fast = run<lnn::simd::kernels>(m, x.flatten());
    CHECK(slow == fast);
    CHECK(slow == run<lnn::luna::kernels>(m, x.flatten(), 3));
    CHECK(fast == run<lnn::simd::kernels>(m, x.flatten(), 3));
    CHECK(fast.back().dims() == shape{samples, 10});
    bool moves = false;  // the network is no constant
    for (std::size_t i = 1; i < fast.back().size(); ++i) moves = moves || fast.back().access().at(i) != fast.back().access().at(0);
    CHECK(moves);
  }
}

TEST_CASE("machine: a batch is its samples one by one, and sizes may change from run to run") {
  const model m = make();
  lnn::pool workers(1);
  lnn::sim::machine<lnn::simd::kernels, lnn::builtin> chip(m, workers);
  const tensor<float> all = noise({6, 3, 9, 7});
  chip.run(all.flatten());
  const integer_tensor whole = chip.output();
  for (int s = 0; s < 6; ++s) {
    const std::size_t each = 3 * 9 * 7;
    chip.run(lnn::flat<const float>(all.data() + static_cast<std::size_t>(s) * each, {1, 3, 9, 7}));
    for (std::size_t k = 0; k < 10; ++k)
      CHECK(chip.output().access().at(k) == whole.access().at(static_cast<std::size_t>(s) * 10 + k));
  }
  chip.run(all.flatten());
  CHECK(chip.output() == whole);
}

TEST_CASE("machine: that keeps its outputs alone computes the same in less memory, and says what it has not kept") {
  for (const bool nodes : {false, true}) {
    const model m = make(nodes);
    for (const int samples : {1, 5}) {
      const tensor<float> x = noise({samples, 3, 9, 7});
      lnn::pool workers(2);
      lnn::sim::machine all(m, workers), few(m, workers, lnn::sim::keeps::outputs);
      for (int i = 0; i < 2; ++i) {
        all.run(x.flatten());
        few.run(x.flatten());
        CHECK(few.real_output() == all.real_output());
      }
      CHECK_THROWS_WITH_AS(static_cast<void>(few.edge(1)), doctest::Contains("is not kept; make the machine with sim::keeps::everything"), lnn::error);
    }
  }
  const model m = make();
  lnn::pool workers(1);
  lnn::sim::machine chip(m, workers);
  CHECK_THROWS_WITH_AS(static_cast<void>(chip.output()), "machine: there is nothing to look at before a run", lnn::error);
  const tensor<float> x = noise({1, 3, 9, 7}), other = noise({1, 3, 7, 9});
  chip.run(x.flatten());
  const integer_tensor good = chip.output();
  CHECK_THROWS_AS(chip.run(other.flatten()), lnn::error);  // refused before anything was touched
  CHECK(chip.output() == good);
  tensor<std::int32_t> large({1, 3, 9, 7});
  large.fill(1000);
  const lnn::integer_view in{large.data(), lnn::dtype::int32, large.dims(), 0};
  CHECK_THROWS_AS(chip.run({&in, 1}), lnn::error);  // begun, and given up
  CHECK_THROWS_WITH_AS(static_cast<void>(chip.output()), "machine: there is nothing to look at before a run", lnn::error);
  chip.run(x.flatten());
  CHECK(chip.output() == good);
}

TEST_CASE("machine: real numbers in front of a quant and behind a dequant") {
  const model integers = make(), m = make(true);
  const tensor<float> x = noise({3, 3, 9, 7});
  lnn::pool workers(1);
  lnn::sim::machine<lnn::simd::kernels, lnn::builtin> plain(integers, workers), nodes(m, workers);
  plain.run(x.flatten());
  nodes.run(x.flatten());
  const tensor<float> out = nodes.real_output();
  CHECK(out == plain.real_output());
  CHECK(out.dims() == shape{3, 10});
  const float unit = lnn::power_of_two(-plain.output().exponent());
  for (std::size_t i = 0; i < 30; ++i) CHECK(out[i] == static_cast<float>(plain.output().access().at(i)) * unit);
  CHECK(nodes.real(0) == x);
}

TEST_CASE("machine: wrong inputs are one sentence, and the machine goes on") {
  const model m = make();
  lnn::pool workers(1);
  lnn::sim::machine<lnn::simd::kernels, lnn::builtin> chip(m, workers);
  const auto said = [&](const shape& dims) {
    const tensor<float> x(dims);
    try {
      chip.run(x.flatten());
    } catch (const lnn::error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(said({2, 3, 7, 9}) == "machine: input image is 2x3x7x9 but the model takes 2x3x9x7");
  CHECK(said({2, 3, 9}) == "machine: input image is 2x3x9 but the model takes 2x3x9x7");
  CHECK(said({}) == "machine: input image is scalar but the model takes 1x3x9x7");
  CHECK(said({2, 3, 9, 7}).empty());
  model two = m;
  two.inputs.push_back(1);
  lnn::sim::machine<lnn::simd::kernels, lnn::builtin> other(two, workers);
  std::string message;
  try {
    other.run(noise({1, 3, 9, 7}).flatten());
  } catch (const lnn::error& e) {
    message = e.what();
  }
  CHECK(message == "machine: the model has 2 inputs, 1 are given");
}

}  // namespace test_machine
