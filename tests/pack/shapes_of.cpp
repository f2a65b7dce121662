// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/pack/shapes_of.hpp>

namespace test_shapes_of {

namespace {

using code = lnn::model::shape_program::operation_code;

/// Runs the graph of real numbers as the engine does.
std::vector<double> outputs_of(const lnn::model::shape_program& p, std::vector<double> inputs) {
  std::vector<double> v = p.scalars;
  for (std::size_t i = 0; i < inputs.size(); ++i) v[static_cast<std::size_t>(p.inputs[i].scalar)] = inputs[i];
  for (const auto& s : p.steps) {
    double r = v[static_cast<std::size_t>(s.inputs[0])];
    for (std::size_t i = 1; i < s.inputs.size(); ++i) {
      const double other = v[static_cast<std::size_t>(s.inputs[i])];
      r = s.code == code::add ? r + other : r * other;
    }
    v[static_cast<std::size_t>(s.output)] = s.code == code::floor ? std::floor(r) : r;
  }
  std::vector<double> out;
  for (int o : p.outputs) out.push_back(v[static_cast<std::size_t>(o)]);
  return out;
}

}  // namespace

TEST_CASE("every dimension follows from the symbols as its extent says") {
  const std::vector<lnn::symbol> symbols{{"T", 16, 64, 16}, {"B", 1, 4, 1}};
  const lnn::extent forms[] = {{.first = 0}, {.first = 0, .add = 1, .divisor = 2}, {.first = 0, .second = 1}, {.first = 0, .scale = 3, .divisor = 4, .offset = -1}};
  lnn::packing::shape_builder b(symbols);
  b.input_axis(0, 2, forms[0]);
  b.input_axis(0, 0, {.first = 1});
  for (std::uint8_t i = 0; i < 4; ++i) b.target(i, i, forms[i]);
  const lnn::model::shape_program p = b.done();
  REQUIRE(p.inputs.size() == 2);
  CHECK(p.inputs[0].name == "T");
  CHECK(p.axes[1].input == 1);
  for (const std::array<int, 2> at : {std::array{16, 1}, std::array{48, 3}, std::array{64, 4}}) {
    const std::vector<double> got = outputs_of(p, {static_cast<double>(at[0]), static_cast<double>(at[1])});
    for (std::size_t i = 0; i < 4; ++i) CHECK(got[i] == static_cast<double>(forms[i].at(at)));
  }
  // what is no multiple of the factor is rounded down to one
  CHECK(outputs_of(p, {50, 1})[0] == 48);
}

TEST_CASE("equal expressions are computed once") {
  const std::vector<lnn::symbol> symbols{{"T", 1, 9, 1}};
  lnn::packing::shape_builder b(symbols);
  for (std::uint16_t i = 0; i < 5; ++i) b.target(i, 1, {.first = 0, .scale = 2, .add = 1, .divisor = 3});
  const auto p = b.done();
  CHECK(p.targets.size() == 5);
  CHECK(p.steps.size() == 4);
}

TEST_CASE("more symbols than the engine takes are refused") {
  std::vector<lnn::symbol> symbols;
  for (int i = 0; i < 9; ++i) symbols.push_back({std::string(1, static_cast<char>('a' + i)), 1, 9, 1});
  lnn::packing::shape_builder b(symbols);
  for (int i = 0; i < 9; ++i) b.target(0, 0, {.first = i});
  CHECK_THROWS_WITH(b.done(), "pack: 9 symbolic dimensions, the engine takes at most 8; fix some of them");
}

}  // namespace test_shapes_of
