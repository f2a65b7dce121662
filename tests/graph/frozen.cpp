// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/graph/frozen.hpp>
#include <string>

namespace test_frozen {

namespace {

using model = lnn::frozen<lnn::builtin>;
using lnn::dtype;
using lnn::integer_tensor;

/// image -> conv (relu) -> pool -> sum with itself -> result.
model good() {
  model m;
  m.edges = {{"image", {1, 2, 4, 4}, dtype::int8, 5},
             {"conv", {1, 3, 4, 4}, dtype::int8, 4},
             {"pool", {1, 3, 2, 2}, dtype::int8, 4},
             {"sum", {1, 3, 2, 2}, dtype::int16, 3}};
  m.inputs = {0};
  m.outputs = {3};
  m.layers.push_back({"conv", lnn::conv2d{.out = 3, .pad = 1}, true, {0}, 1,
                      {integer_tensor(dtype::int8, {3, 2, 3, 3}, 6), integer_tensor(dtype::int32, {3}, 11)}});
  m.layers.push_back({"pool", lnn::max_pool2d{}, false, {1}, 2, {}});
  m.layers.push_back({"sum", lnn::add{}, false, {2, 2}, 3, {}});
  return m;
}
template <class Damage>
std::string refusal(Damage damage) {
  model m = good();
  damage(m);
  try {
    lnn::require_consistent(m, "file");
  } catch (const lnn::error& e) {
    return e.what();
  }
  return {};
}
bool has(const std::string& text, const std::string& part) {
  CAPTURE(text);
  const bool found = text.find(part) != std::string::npos && text.rfind("file: ", 0) == 0;
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("frozen: a sound model passes") {
  CHECK(refusal([](model&) {}) == "");
  CHECK(good().parameter_bytes() == 54 + 12);
  // a convolution that got its bias from a batch norm, and one without
  CHECK(refusal([](model& m) { std::get<lnn::conv2d>(m.layers[0].op).bias = false; }) == "");
  CHECK(refusal([](model& m) { m.layers[0].parameters.pop_back(); }) == "");
}

TEST_CASE("frozen: damaged models are refused in one sentence") {
  has(refusal([](model& m) { m.inputs.clear(); }), "no input or no output");
  has(refusal([](model& m) { m.outputs.clear(); }), "no input or no output");
  has(refusal([](model& m) { m.outputs = {9}; }), "the output list names tensor 9 of 4");
  has(refusal([](model& m) { m.inputs = {-1}; }), "the input list names tensor -1 of 4");
  has(refusal([](model& m) { m.layers[1].inputs = {77}; }), "pool names tensor 77");
  has(refusal([](model& m) { m.layers[1].inputs.clear(); }), "pool has no input");
  has(refusal([](model& m) { m.layers[1].output = 4; }), "pool names tensor 4");
  has(refusal([](model& m) { std::swap(m.layers[0], m.layers[1]); }), "pool reads conv before it is made");
  has(refusal([](model& m) { m.layers.pop_back(); }), "output sum is never made");
  has(refusal([](model& m) { m.layers.push_back(m.layers[2]); }), "sum makes sum, which exists already");
  has(refusal([](model& m) { m.edges[1].dims = {1, 3, 4, 5}; }), "conv makes 1x3x4x4 but its tensor is 1x3x4x5");
  has(refusal([](model& m) { m.edges[0].dims = {1, 2, 4, 0}; }), "tensor image is 1x2x4x0");
  has(refusal([](model& m) { m.edges[0].dims = {1, 65536, 65536, 65536}; }), "tensor image is");
  has(refusal([](model& m) { m.edges[0].type = dtype::int64; }), "int64");
  has(refusal([](model& m) { m.edges[0].type = dtype::float32; }), "conv reads float32");
  has(refusal([](model& m) { m.edges[3].type = dtype::float32; }), "sum makes float32");
  has(refusal([](model& m) { m.edges[1].exponent = 32; }), "exponent 32");
  has(refusal([](model& m) { m.edges[1].exponent = -1; }), "exponent -1");
  has(refusal([](model& m) { m.edges[2].exponent = 3; }), "pool turns int8 at exponent 4 into int8 at 3");
  has(refusal([](model& m) { m.edges[2].type = dtype::int16; }), "expected the same");
  has(refusal([](model& m) { m.layers[0].parameters[0].set_exponent(99); }), "weight at exponent 99");
  has(refusal([](model& m) { m.layers[0].parameters[1].set_exponent(10); }), "bias at exponent 10, expected 11");
  has(refusal([](model& m) { m.layers[0].parameters.clear(); }), "conv has 0 parameters");
  has(refusal([](model& m) { m.layers[1].parameters.push_back(integer_tensor(dtype::int8, {1}, 0)); }), "pool has 1 parameters");
  has(refusal([](model& m) { m.layers[0].parameters[0] = integer_tensor(dtype::int8, {3, 2, 3, 4}, 6); }), "conv.weight is 3x2x3x4");
  has(refusal([](model& m) { m.layers[0].parameters[0] = integer_tensor(dtype::int16, {3, 2, 3, 3}, 6); }), "conv.weight is int16");
  has(refusal([](model& m) { m.layers[0].parameters[1] = integer_tensor(dtype::int8, {3}, 11); }), "conv.bias is int8");
  has(refusal([](model& m) { m.layers[2].inputs = {2, 2, 2}; }), "sum");
}

}  // namespace test_frozen
