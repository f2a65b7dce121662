// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/lower/relu_fusion.hpp>

#include "sample.hpp"

namespace test_relu_fusion {

TEST_CASE("relu fusion: into convolutions whose result nobody else reads") {
  auto p = sample::made([](auto& n) {
    auto x = n.input({1, 3, 8, 8});
    auto a = n("a", lnn::conv2d{.out = 4, .pad = 1}, x);
    auto r = n("r", lnn::relu{}, a);
    auto b = n("b", lnn::conv2d{.out = 4, .pad = 1}, r);
    auto s = n("s", lnn::relu{}, b);
    n("sum", lnn::add{}, s, b);
  });
  p = lnn::lower::fuse_relu(p);
  CHECK(sample::operators(p) == "Conv2dInt+relu Conv2dInt Relu iqAdd");
  CHECK(p.at(p.steps[0].outputs[0]).name.text() == "r");
  CHECK(sample::is_sound(p));
}

TEST_CASE("relu fusion: lines take part, except in the reference; outputs and linear layers do not") {
  const auto lines = sample::made([](auto& n) {
    auto x = n("a", lnn::conv1d{.out = 4}, n.input({1, 3, 8}));
    n("r", lnn::relu{}, x);
  });
  CHECK(sample::operators(lnn::lower::fuse_relu(lines)) == "Conv1dInt+relu");
  CHECK(sample::operators(lnn::lower::fuse_relu(lines, false)) == "Conv1dInt Relu");
  const auto matrix = sample::made([](auto& n) { n("r", lnn::relu{}, n("a", lnn::linear{.out = 4}, n.input({1, 3}))); });
  CHECK(sample::operators(lnn::lower::fuse_relu(matrix)) == "LinearInt Relu");
  const auto given = sample::made([](auto& n) {
    auto x = n("a", lnn::conv2d{.out = 4}, n.input({1, 3, 8, 8}));
    n.output(x);
    n.output(n("r", lnn::relu{}, x));
  });
  CHECK(sample::operators(lnn::lower::fuse_relu(given)) == "Conv2dInt Relu");
}

}  // namespace test_relu_fusion
