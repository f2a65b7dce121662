// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/lower/lowered.hpp>

#include "sample.hpp"

namespace test_lowered {

namespace lower = lnn::lower;

TEST_CASE("lowered: all passes, tensors in the order inputs, constants, results, parts of splits") {
  const auto p = lower::lowered(sample::made([](auto& n) {
                                  auto x = n.input("x", {1, 64, 16, 16});
                                  x = n("a", lnn::conv2d{.out = 128, .pad = 1}, x);
                                  x = n("r", lnn::relu{}, x);
                                  n("dead", lnn::relu{}, x);
                                  n.output(n("b", lnn::conv2d{.out = 8, .kernel = {1, 1}}, x));
                                }),
                                lnn::venus);
  CHECK(sample::operators(p) == "Conv2dInt+relu Conv2dInt+relu Conv2dInt+relu iqCat Conv2dInt");
  CHECK(sample::is_sound(p));
  std::string names;
  for (const lower::tensor& t : p.tensors) names += t.name.text() + ' ';
  CHECK(names ==
        "x b.weight b.bias r b a.weight_a_0 a.bias_a_0 r_a_0 a.weight_a_1 a.bias_a_1 r_a_1 a.weight_a_2 a.bias_a_2 r_a_2 ");
}

TEST_CASE("lowered: steps run depth first from the outputs") {
  const auto p = lower::sorted(sample::made([](auto& n) {
    auto x = n.input({1, 4, 8, 8});
    auto right = n("right", lnn::relu{}, x);
    auto left = n("left", lnn::relu{}, x);
    n("sum", lnn::add{}, left, right);
  }));
  std::string names;
  for (const lower::step& s : p.steps) names += s.name.text() + ' ';
  CHECK(names == "left right sum ");
}

TEST_CASE("lowered: the gain of a layer norm is wide on venus") {
  const auto norm = [](auto& n) { n("norm", lnn::layer_norm{}, n.input({1, 4, 16})); };
  const auto wide = lower::lowered(sample::made(norm), lnn::venus);
  CHECK(wide.at(wide.steps[0].inputs[1]).type == lnn::dtype::int16);
  const auto narrow = lower::lowered(sample::made(norm, lnn::arcs), lnn::arcs);
  CHECK(narrow.at(narrow.steps[0].inputs[1]).type == lnn::dtype::int8);
}

TEST_CASE("wires: many tensors find room") {
  lower::wires all;
  for (int i = 0; i < 40; ++i) all.push_back(i);
  const lower::wires copy = all;
  CHECK(copy == all);
  CHECK(copy.size() == 40);
  CHECK(copy[39] == 39);
  lower::wires moved = std::move(all);
  CHECK(moved == copy);
  moved = lower::wires{1, 2};
  CHECK(moved.back() == 2);
}

}  // namespace test_lowered
