// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/lower/layout.hpp>

#include "sample.hpp"

namespace test_layout {

namespace {

/// 8 * 1000 * 3 bytes of a row exceed the buffer of arcs, a column does not.
lnn::lower::program wide() {
  return lnn::lower::choose_layout(sample::made(
                                       [](auto& n) {
                                         auto x = n.input("x", {1, 8, 16, 1000});
                                         x = n("a", lnn::conv2d{.out = 8, .kernel = {3, 2}, .pad = {1, 0, 1, 0}}, x);
                                         x = n("act", lnn::relu{}, x);
                                         n("b", lnn::conv2d{.out = 2, .kernel = {3, 3}}, x);
                                       },
                                       lnn::arcs),
                                   lnn::arcs);
}

}  // namespace

TEST_CASE("layout: images that fit only on their side are turned, and back for those who want them upright") {
  const auto p = wide();
  CHECK(sample::operators(p) == "Transpose Conv2dInt Transpose Relu Transpose Conv2dInt Transpose");
  CHECK(sample::is_sound(p));
  const lnn::lower::step& a = p.steps[1];
  CHECK(p.at(a.inputs[0]).dims == lnn::shape{1, 8, 1000, 16});
  CHECK(p.at(a.inputs[0]).laid == lnn::lower::order::ncwh);
  CHECK(p.at(a.inputs[0]).name.text() == "x@NCWH");
  CHECK(a.as.kernel == lnn::limit::numbers{2, 3});
  CHECK(a.as.pad == lnn::limit::numbers{0, 1, 0, 1});
  CHECK(p.at(a.inputs[1]).turned);
  CHECK(p.at(a.inputs[1]).dims == lnn::shape{8, 8, 2, 3});
  CHECK(p.at(a.outputs[0]).dims == lnn::shape{1, 8, 999, 16});
  CHECK(p.at(p.outputs[0]).laid == lnn::lower::order::nchw);
  CHECK(p.at(p.outputs[0]).dims == lnn::shape{1, 2, 14, 997});
}

TEST_CASE("layout: neighbours that both lie on their side need no transposition between them") {
  const auto p = lnn::lower::choose_layout(sample::made(
                                               [](auto& n) {
                                                 auto x = n.input({1, 8, 16, 1000});
                                                 x = n("a", lnn::conv2d{.out = 8}, x);
                                                 n("b", lnn::conv2d{.out = 2}, x);
                                               },
                                               lnn::arcs),
                                           lnn::arcs);
  CHECK(sample::operators(p) == "Transpose Conv2dInt Conv2dInt Transpose");
  CHECK(sample::is_sound(p));
}

}  // namespace test_layout
