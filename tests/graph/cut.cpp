// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/graph/cut.hpp>
#include <lnn/graph/intern.hpp>

namespace test_cut {

namespace {

/// quant -> relu -> (reshape, and a sum with a constant).
lnn::frozen<> model() {
  lnn::frozen<> m;
  lnn::integer_tensor two(lnn::dtype::int8, {1, 4}, 3);
  for (int i = 0; i < 4; ++i) two.as<std::int8_t>()[i] = 2;
  m.edges = {{"x", {1, 4}, lnn::dtype::float32, 0}, {"q", {1, 4}, lnn::dtype::int8, 3}, {"r", {1, 4}, lnn::dtype::int8, 3},
             {"line", {4}, lnn::dtype::int8, 3}, {"two", {1, 4}, lnn::dtype::int8, 3, two}, {"sum", {1, 4}, lnn::dtype::int8, 3}};
  m.layers = {{"in", lnn::quant{}, false, {0}, 1, {}}, {"relu", lnn::relu{}, false, {1}, 2, {}},
              {"flat", lnn::reshape{{4}}, false, {2}, 3, {}}, {"add", lnn::add{}, false, {2, 4}, 5, {}}};
  m.inputs = {0};
  m.outputs = {3, 5};
  lnn::require_consistent(m, "model");
  return m;
}

}  // namespace

TEST_CASE("a part of a model has only what its outputs need") {
  const auto part = lnn::cut(model(), {"q"}, {"sum"});
  lnn::require_consistent(part, "part");
  REQUIRE(part.layers.size() == 2);
  CHECK(part.layers[1].name == "add");
  CHECK(part.edges.size() == 4);
  CHECK(part.find("two") >= 0);
  CHECK(part.find("line") == -1);
  CHECK(lnn::cut(model(), {}, {"line"}).inputs == std::vector<int>{0});
  CHECK(lnn::cut(model(), {"r"}, {"r"}).layers.empty());
}

TEST_CASE("tensors that are unknown or missing among the inputs are told") {
  CHECK_THROWS_WITH_AS(lnn::cut(model(), {"y"}, {}), doctest::Contains("cut: the model has no tensor y"), lnn::error);
  auto m = model();
  m.layers[3].inputs = {2, 1};
  CHECK_THROWS_WITH_AS(lnn::cut(m, {"r"}, {"sum"}), doctest::Contains("cut: input x is needed too"), lnn::error);
}

TEST_CASE("constants must be what their tensors say") {
  auto m = model();
  m.edges[4].exponent = 2;
  CHECK_THROWS_WITH_AS(lnn::require_consistent(m, "file"), doctest::Contains("file: constant two is int8 of 1x4 at exponent 3"), lnn::error);
  m = model();
  m.inputs = {0, 4};
  CHECK_THROWS_WITH_AS(lnn::require_consistent(m, "file"), doctest::Contains("input two never changes"), lnn::error);
}

TEST_CASE("interned names stay, and are there once") {
  std::string name = "conv1";
  const auto a = lnn::intern(name);
  name = "other";
  CHECK(a == "conv1");
  CHECK(lnn::intern("conv1").data() == a.data());
}

}  // namespace test_cut
