// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/lower/movement.hpp>

#include "sample.hpp"

namespace test_movement {

namespace lower = lnn::lower;

TEST_CASE("movement: a slice of everything goes, others stay") {
  const auto p = lower::remove_slices(sample::made([](auto& n) {
    auto x = n.input({1, 8, 4});
    x = n("all", lnn::slice{.starts = {0}, .ends = {100}, .axes = {2}}, x);
    x = n("part", lnn::slice{.starts = {1}, .ends = {3}, .axes = {2}}, x);
    n("act", lnn::relu{}, x);
  }));
  CHECK(sample::operators(p) == "Slice Relu");
  CHECK(sample::is_sound(p));
}

TEST_CASE("movement: a slice of everything in front of an output hands it its name, unless that has its own") {
  const auto all = lnn::slice{.starts = {0}, .ends = {100}, .axes = {2}};
  auto p = lower::remove_slices(sample::made([&](auto& n) {
    auto x = n.input({1, 8, 4});
    x = n("act", lnn::relu{}, x);
    n.output(n("first", all, x));
    n.output(n("second", all, x));
  }));
  CHECK(sample::operators(p) == "Relu Slice");
  CHECK(sample::is_sound(p));
  REQUIRE(p.outputs.size() == 2);
  CHECK(p.at(p.outputs[0]).name.text() == "first");
  CHECK(p.at(p.outputs[1]).name.text() == "second");
  p = lower::remove_slices(sample::made([&](auto& n) { n("all", all, n.input({1, 8, 4})); }));
  CHECK(sample::operators(p) == "Slice");  // nothing but an input: it keeps its name
}

TEST_CASE("movement: transpositions that keep the order become reshapes, of which the last is enough") {
  auto p = sample::made([](auto& n) {
    auto x = n.input({1, 8, 1, 4});
    x = n("still", lnn::transpose{.perm = {2, 1, 0, 3}}, x);
    x = n("re", lnn::reshape{lnn::int_list{1, 32}}, x);
    x = n("back", lnn::reshape{lnn::int_list{8, 4}}, x);
    n("swap", lnn::transpose{.perm = {1, 0}}, x);
  });
  p = lower::transpose_to_reshape(p);
  CHECK(sample::operators(p) == "Reshape Reshape Reshape Transpose");
  const lnn::list<long long, 16> to{1LL, 8LL, 1LL, 4LL};
  CHECK(p.at(p.steps[0].inputs[1]).numbers == to);
  p = lower::merge_reshapes(p);
  CHECK(sample::operators(p) == "Reshape Transpose");
  CHECK(p.steps[0].name.text() == "back");
  CHECK(sample::is_sound(p));
}

TEST_CASE("movement: axes named twice are no transposition without movement") {
  CHECK(!lower::detail::keeps_order({6, 7}, {0, 0}));
  CHECK(lower::detail::keeps_order({6, 1, 7}, {1, 0, 2}));
}

TEST_CASE("movement: transposes that need fewer axes than they name go between reshapes") {
  const auto p = sample::made([](auto& n) {
    auto x = n.input({1, 5, 12});
    x = n("heads", lnn::reshape{lnn::int_list{1, 5, 3, 4}}, x);
    x = n("swap", lnn::transpose{.perm = {0, 2, 1, 3}}, x);
    n("act", lnn::relu{}, x);
  });
  const auto on_venusA = lower::reshape_transposes(p, lnn::venusA, {});
  CHECK(sample::operators(on_venusA) == "Reshape Transpose Reshape Relu");  // the first reshape makes [5, 3, 4] at once
  CHECK(on_venusA.at(on_venusA.steps[1].inputs[0]).dims == lnn::shape{5, 3, 4});
  CHECK(on_venusA.at(on_venusA.steps[1].outputs[0]).dims == lnn::shape{3, 5, 4});
  CHECK(on_venusA.steps[1].as.perm == lnn::limit::numbers{1, 0, 2});
  CHECK(sample::is_sound(on_venusA));
  CHECK(sample::operators(lower::reshape_transposes(p, lnn::arcs, {})) == "Reshape Transpose Relu");
  lnn::limit::packing symbolic;
  symbolic.symbolic = true;
  CHECK(sample::operators(lower::reshape_transposes(p, lnn::venusA, symbolic)) == "Reshape Transpose Relu");
}

}  // namespace test_movement
