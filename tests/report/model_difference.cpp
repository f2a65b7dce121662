// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/report/model_difference.hpp>

namespace test_model_difference {

namespace {

/// A chain of operators; each makes a row of so many numbers.
struct made {
  const char* type;
  int size;
};
lnn::model::program chain(std::initializer_list<made> all) {
  lnn::model::program p;
  p.tensors.push_back({.name = "x", .dims = {1, 4}});
  for (const made& m : all) {
    lnn::model::operation o;
    o.type = m.type;
    o.values = lnn::model::attributes(m.type);
    o.inputs = {static_cast<std::uint32_t>(p.tensors.size() - 1)};
    o.outputs = {static_cast<std::uint32_t>(p.tensors.size())};
    p.tensors.push_back({.name = lnn::sentence(m.type, p.tensors.size()), .dims = {1, m.size}});
    p.operations.push_back(o);
  }
  return p;
}
std::string all(const lnn::model::program& a, const lnn::model::program& b) {
  std::string text;
  for (const auto& d : lnn::report::differences(a, b)) text += d.text() + '\n';
  return text;
}

}  // namespace

TEST_CASE("models are compared operator by operator, and those that only one has are told") {
  const auto whole = chain({{"Relu", 4}, {"Shape", 2}, {"Relu", 8}, {"iqTanh", 8}, {"Flatten", 8}});
  CHECK(all(whole, whole).empty());
  const auto less = chain({{"Relu", 4}, {"Relu", 8}, {"iqTanh", 8}, {"Flatten", 8}});
  CHECK(all(whole, less) == "operator 1 (Shape) is in the left model only\noperator 2 (Relu) input 0 dims: 1x2 against 1x4\n");
  CHECK(all(less, whole) == "operator 1 (Relu): Shape before it is in the right model only\noperator 1 (Relu) input 0 dims: 1x4 against 1x2\n");
  // Of two of a type the one of the same shape is the partner.
  CHECK(all(chain({{"Relu", 8}, {"Flatten", 4}}), chain({{"Relu", 4}, {"Relu", 8}, {"Flatten", 4}})) == "operator 0 (Relu): Relu before it is in the right model only\n");
  CHECK(all(chain({}), chain({{"Relu", 4}})) == "the end: Relu before it is in the right model only\n");
  CHECK(all(chain({{"Relu", 4}}), chain({{"Flatten", 4}})) == "operator 0 (Relu) is in the left model only\nthe end: Flatten before it is in the right model only\n");
  // Other shapes are differences of a partner.
  CHECK(all(chain({{"Relu", 4}}), chain({{"Relu", 5}})) == "operator 0 (Relu) output 0 dims: 1x4 against 1x5\n");
}

}  // namespace test_model_difference
