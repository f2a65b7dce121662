// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "difference.hpp"
#include "file.hpp"
#include "reader.hpp"

namespace test_read {

using namespace std::string_literals;

namespace {

const std::vector<int> ones{1, 1}, threes{3, 3}, pads{1, 1, 1, 1};

/// quant -> convolution -> relu -> dequant as linger 3.x writes it; `change` sees the file before it is read.
template <class Change>
file convolution(Change change) {
  file f;
  f.input("image", {1, 2, 4, 4}).output("y");
  f.constant<std::int8_t>("conv.weight", {3, 2, 3, 3}, {1, -2, 3}).constant<std::int32_t>("conv.bias", {3}, {100, 200, -300});
  f.node("linger::Quant", {"image"}, {"0"}, {{"data_bits", 8}, {"scale_x", 16.0F}, {"platform", "arcs"s}, {"zero_point", 0}});
  f.node("linger::QConv2d", {"0", "conv.weight", "conv.bias"}, {"1"},
         {{"kernel_shape", threes}, {"strides", ones}, {"pads", pads}, {"dilations", ones}, {"group", 1}, {"platform", "arcs"s}, {"quant_mode", "floor_add"s},
          {"x_bits", 8}, {"w_bits", 8}, {"o_bits", 8}, {"scale_x", 16.0F}, {"scale_w", 64.0F}, {"scale_o", 32.0F}});
  f.node("Relu", {"1"}, {"2"});
  f.node("linger::Dequant", {"2"}, {"y"}, {{"scale_o", 32.0F}});
  change(f);
  return f;
}
auto& attribute(file& f, int node, std::string_view name) {
  for (auto& a : *f.graph().mutable_node(node)->mutable_attribute())
    if (a.name() == name) return a;
  throw std::runtime_error("no attribute");
}

}  // namespace

TEST_CASE("a network of linger 3.x becomes a frozen model: names, shapes, grids") {
  const auto m = read_bytes(convolution([](file&) {}).bytes());
  CHECK(m.target == &lnn::arcs);
  CHECK(m.name == "test");
  REQUIRE(m.layers.size() == 4);
  REQUIRE(m.edges.size() == 5);
  const auto& l = m.layers[1];
  CHECK(l.name == "QConv2d_1");
  const auto& conv = std::get<lnn::conv2d>(l.op);
  CHECK(conv.out == 3);
  CHECK(conv.bias);
  CHECK(conv.pad == lnn::padding2{1});
  CHECK(l.parameter_names == std::vector<std::string>{"conv.weight", "conv.bias"});
  CHECK(l.parameters[0].exponent() == 6);
  CHECK(l.parameters[1].exponent() == 10);
  CHECK(l.parameters[1].as<std::int32_t>()[2] == -300);
  CHECK(m.edges[2].name == "1");
  CHECK(m.edges[2].dims == lnn::shape{1, 3, 4, 4});
  CHECK(m.edges[2].exponent == 5);
  CHECK(m.edges[4].type == lnn::dtype::float32);
}

TEST_CASE("attributes that contradict tensors are refused, all at once, with node, operator and attribute") {
  const auto said = refusal(convolution([](file& f) {
                              attribute(f, 1, "scale_x").set_f(8);
                              attribute(f, 3, "scale_o").set_f(64);
                            }).bytes());
  CHECK(said.find("test.onnx: 1 node cannot be read:\n  node QConv2d_1 (QConv2d): the attributes say that 0 counts in 2^3, it counts in 2^4") == 0);
  CHECK(refusal(convolution([](file& f) { attribute(f, 1, "scale_w").set_f(60); }).bytes()).find("scale_w is 60, expected a power of two") != std::string::npos);
  CHECK(refusal(convolution([](file& f) { attribute(f, 1, "x_bits").set_i(16); }).bytes()).find("0 has 16 bits, it is int8") != std::string::npos);
  CHECK(refusal(convolution([](file& f) { attribute(f, 1, "platform").set_s("venus"); }).bytes()).find("is made for venus, other nodes for arcs") != std::string::npos);
  CHECK(refusal(convolution([](file& f) {
                  for (int i : {0, 1}) attribute(f, i, "platform").set_s("mars");
                }).bytes()).find("platform mars is not known") != std::string::npos);
  CHECK(refusal(convolution([](file& f) { f.graph().mutable_node(1)->mutable_input()->RemoveLast(); }).bytes()).empty());
}

TEST_CASE("whatever is unknown is told at once") {
  file f;
  f.input("x", {1, 4}).output("c");
  f.node("Foo", {"x"}, {"a"});
  f.node("Relu", {"a"}, {"b"});
  f.node("other::Relu", {"x"}, {"d"});
  f.node("Bar", {"b", "d"}, {"c"}, {{"alpha", 2}});
  CHECK(refusal(f.bytes()) ==
        "test.onnx: 3 nodes cannot be read:\n  node Foo_a (Foo): the operator is not known\n  node Relu_d (Relu): operators of the domain other are not known; "
        "expected thinker, linger or ONNX's own\n  node Bar_c (Bar): the operator is not known");
  file g;
  g.input("x", {1, 2, 4, 4}).output("y");
  g.node("linger::Quant", {"x"}, {"q"}, {{"data_bits", 8}, {"scale_x", 16.0F}});
  g.node("MaxPool", {"q"}, {"y"}, {{"kernel_shape", ones}, {"dilations", std::vector<int>{2, 2}}});
  CHECK(refusal(g.bytes()).find("node MaxPool_y (MaxPool): attribute dilations is not supported") != std::string::npos);
}

TEST_CASE("graphs that are none: circles, missing and double tensors, wrong types and sizes") {
  const auto with = [](auto change) { return refusal(convolution(change).bytes()); };
  CHECK(with([](file& f) { f.graph().mutable_node(0)->set_input(0, "2"); }).find("node Quant_0 (Quant) waits for itself") != std::string::npos);
  CHECK(with([](file& f) { f.graph().mutable_node(1)->set_input(1, "lost"); }).find("node QConv2d_1 (QConv2d): input lost is made by no node") != std::string::npos);
  CHECK(with([](file& f) { f.graph().mutable_node(2)->set_output(0, "1"); }).find("makes 1, which node QConv2d_1 makes as well") != std::string::npos);
  CHECK(with([](file& f) { f.graph().mutable_output(0)->set_name("nowhere"); }).find("output nowhere is made by no node") != std::string::npos);
  CHECK(with([](file& f) { f.graph().mutable_initializer(0)->set_dims(0, 1LL << 40); }).find("tensor conv.weight has a dimension of 1099511627776") != std::string::npos);
  CHECK(with([](file& f) { f.graph().mutable_initializer(0)->set_dims(0, 4); }).find("holds 54 bytes, expected 72") != std::string::npos);
  CHECK(with([](file& f) { f.graph().mutable_initializer(0)->set_data_type(10); }).find("element type 10, which is not supported") != std::string::npos);
  CHECK(with([](file& f) { f.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(2)->set_dim_value(1 << 28); })
            .find("is too large") != std::string::npos);
  CHECK(refusal({1, 2, 3}).find("are no ONNX model") != std::string::npos);
  CHECK(refusal({}).find("the model has no graph") != std::string::npos);
}

TEST_CASE("the offset of a layer norm of linger 3.x comes down to the chips' exponent") {
  const auto with = [](const std::string& op) {
    file f;
    f.input("x", {1, 3, 4}).output("y");
    f.constant<std::int8_t>("w", {4}, {64}).constant<std::int32_t>("b", {4}, {3200, -48, 16, -47});
    f.node("linger::Quant", {"x"}, {"q"}, {{"data_bits", 8}, {"scale_x", 16.0F}});
    f.node("linger::" + op, {"q", "w", "b"}, {"y"}, {{"scale_x", 16.0F}, {"scale_w", 64.0F}, {"scale_o", 16.0F}, {"scale_y_normal", 32768.0F}, {"o_bits", 8}});
    const auto m = read_bytes(f.bytes());
    const auto* b = m.layers[1].parameters[1].as<std::int32_t>();
    return std::vector<int>(b, b + 4);
  };
  CHECK(with("QLayerNorm") == std::vector<int>{100, -1, 1, -1});  // halves go up
  CHECK(with("LayerNormInt") == std::vector<int>{3200, -48, 16, -47});
}

TEST_CASE("a Quant that does not name its rounding has packers' qmax, on every chip, and a layer of another version is told") {
  file f;
  f.input("x", {1, 4}).output("y");
  f.constant<std::int8_t>("w", {4}, {64}).constant<std::int32_t>("b", {4}, {3});
  f.node("linger::Quant", {"x"}, {"q"}, {{"data_bits", 8}, {"scale_x", 16.0F}, {"platform", "arcs"s}});
  f.node("linger::QLayerNorm", {"q", "w", "b"}, {"y"}, {{"scale_x", 16.0F}, {"scale_w", 64.0F}, {"scale_o", 16.0F}, {"scale_y_normal", 32768.0F}, {"o_bits", 8}});
  std::vector<std::string> notes;
  const auto m = read_bytes(f.bytes(), "", &notes);
  CHECK(m.layers[0].rounding_code == 1);
  CHECK(difference(m, read_bytes(bytes_of_model(m))) == "");
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].find("QLayerNorm") != std::string::npos);
  CHECK(notes[0].find("trained with normalized values at 2^-15") != std::string::npos);
}

TEST_CASE("linger 1.x: other names, other spellings, venus") {
  file f;
  f.input("x", {2, 4}).output("y");
  f.constant<std::int8_t>("w", {3, 4}, {1, 2}).constant<std::int32_t>("b", {3}, {7});
  f.node("thinker::Quant", {"x"}, {"q"}, {{"data_bits", 8}, {"scale_x", 16.0F}, {"platform_quant", "luna_quant"s}});
  f.node("thinker::LinearInt", {"q", "w", "b"}, {"l"}, {{"data_bits", 8}, {"parameter_bits", 8}, {"o_bits", 8}, {"scale_x", 16.0F}, {"scale_w", 4.0F}, {"scale_o", 8.0F}});
  f.node("thinker::iqCat", {"l", "q"}, {"c"}, {{"scale_x_0", 8.0F}, {"scale_x_1", 16.0F}, {"scale_o", 8.0F}, {"axis", 0}, {"dim", 1}, {"platform_quant", "qshift_quant"s}});  // packers look for dim first
  f.node("thinker::iqSigmoid", {"c"}, {"s"}, {{"scale_x", 8.0F}, {"scale_o", 128.0F}});
  f.node("thinker::Dequant", {"s"}, {"y"}, {{"scale_o", 128.0F}});
  const auto m = read_bytes(f.bytes());
  CHECK(m.target == &lnn::venus);
  CHECK(m.layers[2].rounding_code == 0);
  CHECK(m.layers[1].rounding_code == -1);
  CHECK(m.layers[0].rounding_code == -1);
  CHECK(std::get<lnn::concat>(m.layers[2].op).axis == 1);
  CHECK(m.edges[3].dims == lnn::shape{2, 7});
}

TEST_CASE("integer inputs find their scale behind operators that keep it; shapes are computed; constants stay constants") {
  file f;
  f.input("x", {1, 2, 6}, lnn::dtype::int8).input("places", {3}, lnn::dtype::int64).output("y");
  f.constant<std::int64_t>("zero", {1}, {0}).constant<std::int64_t>("rest", {1}, {-1}).constant<float>("half", {}, {0.5F});
  f.constant<std::int8_t>("table", {1, 4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  f.node("Shape", {"x"}, {"shape"});
  f.node("Gather", {"shape", "zero"}, {"first"}, {{"axis", 0}});
  f.node("Concat", {"first", "rest"}, {"to"}, {{"axis", 0}});
  f.node("Reshape", {"x", "to"}, {"flat"});
  f.node("linger::QMul", {"flat", "half"}, {"m"}, {{"scale_x", 32.0F}, {"scale_y", 4.0F}, {"scale_o", 32.0F}, {"o_bits", 8}});
  f.node("Transpose", {"table"}, {"turned"}, {{"perm", std::vector<int>{0, 2, 1}}});
  f.node("Gather", {"turned", "places"}, {"rows"}, {{"axis", 2}});
  f.node("Reshape", {"rows", "two"}, {"line"});
  f.constant<std::int64_t>("two", {2}, {1, 6}).constant<std::int8_t>("eight", {1, 6}, {3});
  f.node("linger::QAdd", {"line", "eight"}, {"s"}, {{"scale_x", 1.0F}, {"scale_y", 1.0F}, {"scale_o", 1.0F}, {"o_bits", 8}});
  f.output("m").output("s");
  f.graph().mutable_output()->DeleteSubrange(0, 1);
  const auto m = read_bytes(f.bytes());
  CHECK(m.edges[static_cast<std::size_t>(m.find("x"))].exponent == 5);
  CHECK(m.edges[static_cast<std::size_t>(m.find("flat"))].dims == lnn::shape{1, 12});
  const auto& half = m.edges[static_cast<std::size_t>(m.find("half"))];
  REQUIRE(half.value);
  CHECK(half.value->as<std::int8_t>()[0] == 2);
  const auto& turned = m.edges[static_cast<std::size_t>(m.find("turned"))];
  REQUIRE(turned.value);
  CHECK(turned.dims == lnn::shape{1, 2, 4});
  CHECK(turned.value->as<std::int8_t>()[1] == 3);
  CHECK(m.find("shape") == -1);
  CHECK(m.edges[static_cast<std::size_t>(m.find("places"))].type == lnn::dtype::int32);
}

}  // namespace test_read
