// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/lower/fuse.hpp>
#include <lnn/train/weights.hpp>

namespace test_weights {

namespace {

constexpr auto net = lnn::describe([](auto& n) {
  auto x = n("conv", lnn::conv2d{.out = 2, .kernel = {1, 1}, .bias = false}, n.input({1, 2, 3, 3}));
  x = n("norm", lnn::batch_norm{.eps = 0}, x);
  x = n("relu", lnn::relu{}, x);
  x = n("alone", lnn::batch_norm{.eps = 0}, x);
  x = n("flat", lnn::flatten{}, x);
  n("head", lnn::linear{.out = 2}, x);
});

}  // namespace

TEST_CASE("weights: own, folded, and those of a batch norm alone") {
  lnn::params p = lnn::init(net, 1);
  const auto fused = lnn::fuse(net.view());
  const auto set = [&](const char* layer, const char* part, std::initializer_list<float> v) {
    std::copy(v.begin(), v.end(), p.of(layer, part).value.begin());
  };
  set("conv", "weight", {1, 2, 3, 4});
  set("norm", "gamma", {2, -1});
  set("norm", "beta", {0.5F, 0.25F});
  set("norm", "mean", {1, 3});
  set("norm", "var", {4, 0.25F});
  lnn::layer_weights w = lnn::weights_of(fused.view(), fused.view().nodes[0], p);
  CHECK(w.folded());
  CHECK_FALSE(w.bias);
  w.fold();
  const float folded[] = {1, 2, -6, -8}, bias[] = {0.5F - 1, 0.25F + 6};
  for (std::size_t i = 0; i < 4; ++i) CHECK(w.used_weight()[i] == folded[i]);
  for (std::size_t i = 0; i < 2; ++i) CHECK(w.used_bias()[i] == bias[i]);
  CHECK(w.weight.data == p.of("conv", "weight").value.data());  // views, not copies

  set("alone", "gamma", {3, 5});
  set("alone", "mean", {1, 0});
  lnn::layer_weights alone = lnn::weights_of(fused.view(), fused.view().nodes[1], p);
  alone.fold();
  CHECK(alone.used_weight().dims == lnn::shape{2});
  CHECK(alone.used_weight()[1] == 5);
  CHECK(alone.used_bias()[0] == -3);

  lnn::layer_weights head = lnn::weights_of(fused.view(), fused.view().nodes[3], p);
  CHECK_FALSE(head.folded());
  CHECK(head.used_weight().data == p.of("head", "weight").value.data());
  CHECK(head.used_bias().data == p.of("head", "bias").value.data());
}

TEST_CASE("weights: half to even within the bits, biases in 32") {
  lnn::tensor<float> w({6}, {0.5F, 1.5F, -0.5F, 100, -100, 2.49F});
  for (const auto type : {lnn::dtype::int8, lnn::dtype::int4}) {
    lnn::integer_tensor q(type, {6}, 0);
    lnn::quantize_weight(w.flatten(), q.access());
    const int top = type == lnn::dtype::int4 ? 7 : 100, least = type == lnn::dtype::int4 ? -8 : -100;
    const int expected[] = {0, 2, 0, top, least, 2};
    for (std::size_t i = 0; i < 6; ++i) CHECK(q.access().at(i) == expected[i]);
  }
  lnn::integer_tensor b(lnn::dtype::int32, {6}, 30);
  lnn::quantize_bias(w.flatten(), b.access());
  CHECK(b.access().at(0) == 1 << 29);
  CHECK(b.access().at(3) == INT32_MAX);
  CHECK(b.access().at(4) == INT32_MIN);
}

TEST_CASE("weights: clamped once, through the fold") {
  lnn::params p = lnn::init(net, 1);
  const auto fused = lnn::fuse(net.view());
  auto& w = p.of("conv", "weight").value;
  std::fill(w.begin(), w.end(), 0.5F);
  w[3] = 10;
  p.of("norm", "gamma").value[1] = -2;
  lnn::layer_weights own = lnn::weights_of(fused.view(), fused.view().nodes[0], p);
  own.clamp_once({.weight_factor = 1.5F});
  const float mean = (0.5F + 0.5F + 1 + 20) / 4;
  CHECK(w[3] == 1.5F * mean / 2);
  CHECK(own.used_weight()[3] == -1.5F * mean);
  CHECK(w[2] == 0.5F);
  own.clamp_once({.weight_factor = {}, .weight = 0.75F});
  CHECK(std::abs(own.used_weight()[2]) == 0.75F);
  CHECK(w[0] == 0.5F);
  const auto before = p.of("alone", "gamma").value;
  lnn::layer_weights alone = lnn::weights_of(fused.view(), fused.view().nodes[1], p);
  alone.clamp_once({.weight_factor = 0.1F});  // has no weight of its own
  CHECK(p.of("alone", "gamma").value == before);
}

}  // namespace test_weights
