// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/report/operation_count.hpp>

namespace test_operation_count {

namespace {
lnn::model::operation operation(const char* type, std::vector<std::uint32_t> in, std::uint32_t out) {
  lnn::model::operation o;
  o.type = type;
  o.values = lnn::model::attributes(type);
  o.inputs = std::move(in);
  o.outputs = {out};
  return o;
}
}  // namespace

TEST_CASE("multiplications of convolutions, products and recurrent layers") {
  lnn::model::program p;
  p.tensors = {{.name = "x", .dims = {1, 8, 10, 12}}, {.name = "y", .dims = {1, 16, 5, 6}}, {.name = "d", .dims = {1, 8, 10, 12}},
               {.name = "a", .dims = {4, 32}}, {.name = "b", .dims = {4, 20}}, {.name = "s", .dims = {1, 7, 6}}, {.name = "h", .dims = {1, 7, 5}}};
  auto conv = operation("Conv2dInt", {0}, 1), depthwise = operation("Conv2dInt", {0}, 2), lstm = operation("LSTMInt", {5}, 6);
  conv.values.set("kernel", 3, 0).set("kernel", 5, 1).set("group", 1);
  depthwise.values.set("kernel", 3, 0).set("kernel", 3, 1).set("group", 8);
  lstm.values.set("hidden_size", 5);
  p.operations = {conv, depthwise, operation("LinearInt", {3}, 4), operation("Relu", {4}, 4), lstm};
  const lnn::report::operation_count n = lnn::report::count_operations(p);
  CHECK(n.convolutions == 16 * 5 * 6 * 15 * 8 + 8 * 10 * 12 * 9);
  CHECK(n.matrices == 4 * 20 * 32);
  CHECK(n.recurrent == 7 * 4 * 5 * (5 + 6));
  CHECK(n.all() == n.convolutions + n.matrices + n.recurrent);
}

}  // namespace test_operation_count
