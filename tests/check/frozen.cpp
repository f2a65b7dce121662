// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/check/frozen.hpp>

namespace test_frozen {

namespace {

using lnn::dtype;
using lnn::integer_tensor;

/// image -> conv -> act -> sum with itself.
lnn::frozen<> good() {
  lnn::frozen<> m;
  m.edges = {{"image", {1, 2, 4, 4}, dtype::int8, 5},
             {"conv", {1, 3, 4, 4}, dtype::int8, 11},
             {"act", {1, 3, 4, 4}, dtype::int8, 11},
             {"sum", {1, 3, 4, 4}, dtype::int8, 11}};
  m.inputs = {0};
  m.outputs = {3};
  m.layers.push_back({"conv", lnn::conv2d{.out = 3, .pad = 1}, false, {0}, 1,
                      {integer_tensor(dtype::int8, {3, 2, 3, 3}, 6), integer_tensor(dtype::int32, {3}, 11)}});
  m.layers.push_back({"act", lnn::relu{}, false, {1}, 2, {}});
  m.layers.push_back({"sum", lnn::add{}, false, {2, 1}, 3, {}});
  return m;
}
template <class Damage>
std::string refusal(Damage damage) {
  lnn::frozen<> m = good();
  damage(m);
  const lnn::verdict found = lnn::check(m, lnn::venus);
  REQUIRE(found.refused().size() <= 1);
  return found.clean() ? "" : std::string(found.refused().front().sentence().view());
}

}  // namespace

TEST_CASE("check: types and exponents of frozen models; the greatest legal exponent passes") {
  CHECK(refusal([](auto&) {}) == "");
  CHECK(refusal([](auto& m) { m.edges[3].exponent = 12; }) ==
        "sum: right shift -1 is below the least of 0; lower the exponent of the output");
  CHECK(refusal([](auto& m) { m.edges[1].exponent = m.edges[2].exponent = m.edges[3].exponent = 12; }) ==
        "conv: right shift -1 is below the least of 0; lower the exponent of the output");
  CHECK(refusal([](auto& m) { m.edges[2].exponent = 12; }) ==
        "act: exponent of the output 12 must be 11; give it the exponent of the input");
  CHECK(refusal([](auto& m) { m.edges[2].type = dtype::int16, m.layers[2].inputs = {1, 1}; }) ==
        "act: bits of the output 16 must be 8; give it the type of the input");
  CHECK(refusal([](auto& m) { m.edges.push_back({"b", {1, 3, 4, 4}, dtype::int16, 11}), m.layers[2].inputs = {2, 4}; }) ==
        "sum: operands of different types, bits of the second 16 must be 8; give both the same activation type");
  CHECK(refusal([](auto& m) { m.layers[0].parameters[1].set_exponent(10); }) ==
        "conv: exponent of the bias 10 must be 11; use the sum of the exponents of input and weight");
}

TEST_CASE("check: hardware rules and memory of frozen models") {
  CHECK(refusal([](auto& m) { std::get<lnn::conv2d>(m.layers[0].op).stride = {3, 1}; }).starts_with("conv: stride height 3"));
  lnn::chip tiny = lnn::venus;
  tiny.memory.flash = 50;
  const lnn::frozen<> m = good();
  const lnn::verdict found = lnn::check(m, tiny);
  REQUIRE(found.refused().size() == 1);
  CHECK(found.refused()[0].actual == 54 + 12);
  lnn::frozen<> small = good();
  small.layers[0].parameters[0] = integer_tensor(dtype::int4, {3, 2, 3, 3}, 6);  // files hold two of them in a byte
  tiny.memory.flash = 38;
  CHECK(lnn::check_layers(small, tiny).refused().at(0).actual == 27 + 12);
}

}  // namespace test_frozen
