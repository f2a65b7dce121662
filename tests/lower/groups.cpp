// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/lower/groups.hpp>

#include "sample.hpp"

namespace test_groups {

TEST_CASE("groups: a convolution each, named and cut as the reference packer does") {
  const auto p = lnn::lower::split_groups(sample::made([](auto& n) {
    n("conv", lnn::conv2d{.out = 8, .pad = 1, .group = 2}, n.input("x", {1, 6, 8, 8}));
  }));
  CHECK(sample::operators(p) == "Split Conv2dInt Conv2dInt iqCat");
  CHECK(sample::is_sound(p));
  const lnn::lower::step& second = p.steps[2];
  CHECK(second.as.group == 1);
  CHECK(p.at(second.inputs[0]).name.text() == "x_1");
  CHECK(p.at(second.inputs[0]).dims == lnn::shape{1, 3, 8, 8});
  const lnn::lower::tensor& weight = p.at(second.inputs[1]);
  CHECK(weight.name.text() == "conv.weight_1");
  CHECK(weight.dims == lnn::shape{4, 3, 3, 3});
  REQUIRE(weight.pieces.size() == 1);
  CHECK(weight.pieces[0] == lnn::lower::piece{0, 4, 4});
  CHECK(p.at(second.inputs[2]).dims == lnn::shape{4});
  CHECK(p.at(second.outputs[0]).name.text() == "conv_conv_1");
  CHECK(p.steps[3].as.axis == 1);
  CHECK(p.at(p.outputs[0]).dims == lnn::shape{1, 8, 8, 8});
}

TEST_CASE("groups: depthwise layers stay whole") {
  const auto p = lnn::lower::split_groups(sample::made([](auto& n) {
    n("conv", lnn::conv2d{.out = 8, .group = 8}, n.input({1, 8, 8, 8}));
  }));
  CHECK(sample::operators(p) == "Conv2dInt");
}

}  // namespace test_groups
