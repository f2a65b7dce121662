// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/onnx/read_float.hpp>
#include <typeinfo>

#include "file.hpp"
#include "reader.hpp"

namespace test_mutated {

namespace {

using bytes = std::vector<std::uint8_t>;
namespace message = lnn::onnx::message;

/// Small files with many kinds of nodes.
std::vector<bytes> seeds() {
  const std::vector<int> k{3}, one{1}, two{2}, p{1, 1}, perm{0, 2, 1};
  file quantized;
  quantized.input("x", {1, 2, 12}).input("places", {3}, lnn::dtype::int64).output("y").output("t");
  quantized.constant<std::int8_t>("w", {3, 2, 3}, {1, -1, 2}).constant<std::int32_t>("b", {3}, {5, -6}).constant<float>("table", {1, 4, 3}, {0.5F});
  quantized.constant<std::int8_t>("g", {3}, {64}).constant<std::int64_t>("to", {2}, {1, -1}).constant<std::int64_t>("zero", {1}, {0}).constant<std::int64_t>("four", {1}, {4});
  quantized.node("linger::Quant", {"x"}, {"q"}, {{"data_bits", 8}, {"scale_x", 16.0F}, {"platform", std::string("arcs")}});
  quantized.node("linger::QConv1d", {"q", "w", "b"}, {"c"}, {{"kernel_shape", k}, {"strides", two}, {"pads", p}, {"dilations", one}, {"group", 1}, {"scale_x", 16.0F}, {"scale_w", 4.0F}, {"scale_o", 16.0F}, {"o_bits", 8}});
  quantized.node("Transpose", {"c"}, {"r"}, {{"perm", perm}}).node("Relu", {"r"}, {"s"});
  quantized.node("linger::QLayerNorm", {"s", "g", "b"}, {"n"}, {{"scale_x", 16.0F}, {"scale_w", 64.0F}, {"scale_o", 16.0F}});
  quantized.node("linger::Quant", {"table"}, {"tq"}, {{"data_bits", 8}, {"scale_x", 16.0F}});
  quantized.node("Shape", {"n"}, {"shape"}).node("Gather", {"shape", "four"}, {"none"}).node("Gather", {"tq", "places"}, {"t"}, {{"axis", 1}});
  quantized.node("Slice", {"n", "zero", "four", "zero"}, {"cut"}).node("Reshape", {"cut", "to"}, {"flat"});
  quantized.node("linger::QCat", {"flat", "flat"}, {"cat"}, {{"axis", 1}, {"scale_x_0", 16.0F}, {"scale_x_1", 16.0F}, {"scale_o", 16.0F}});
  quantized.node("linger::Dequant", {"cat"}, {"y"}, {{"scale_o", 16.0F}});
  file real;
  real.input("x", {1, 2, 6, 5}).output("y").constant<float>("w", {3, 2, 3, 3}, {0.5F}).constant<float>("h", {90, 4}, {0.25F}).constant<float>("bias", {4}, {1});
  real.constant<float>("W", {1, 12, 1}, {1}).constant<float>("R", {1, 12, 3}, {1}).constant<std::int64_t>("to", {3}, {-1, 2, 1});
  real.node("Conv", {"x", "w"}, {"c"}, {{"kernel_shape", std::vector<int>{3, 3}}, {"pads", std::vector<int>{1, 1, 1, 1}}}).node("Relu", {"c"}, {"r"});
  real.node("Flatten", {"r"}, {"f"}).node("MatMul", {"f", "h"}, {"m"}).node("Add", {"m", "bias"}, {"a"}).node("Softmax", {"a"}, {"s"}, {{"axis", 1}});
  real.node("Reshape", {"s", "to"}, {"q"}).node("LSTM", {"q", "W", "R"}, {"y"}, {{"hidden_size", 3}});
  return {quantized.bytes(), real.bytes()};
}

/// Reads a file in every way; what is thrown must be a sentence of the library.
void read_all(const bytes& b) {
  for (int way = 0; way < 3; ++way) try {
      if (way == 2) (void)lnn::onnx::read_float(std::span<const std::uint8_t>(b), "mutated.onnx");
      else (void)read_bytes(b, way ? "time=2:6:2" : "");
    } catch (const lnn::error& e) {
      CHECK(std::string_view(e.what()).size() > 10);
    } catch (const std::exception& e) {
      FAIL("threw ", typeid(e).name(), ": ", e.what());
    }
}

bytes with_other_bytes(bytes b, lnn::random& draw) {
  const auto any = [&](std::size_t n) { return static_cast<std::size_t>(draw.below(static_cast<std::uint32_t>(std::max<std::size_t>(n, 1)))); };
  for (std::size_t times = 1 + any(3); times > 0 && !b.empty(); --times) {
    const std::size_t at = any(b.size());
    switch (any(5)) {
      case 0: b[at] = static_cast<std::uint8_t>(b[at] ^ (1U << any(8))); break;
      case 1: b[at] = static_cast<std::uint8_t>(any(256)); break;
      case 2: b.resize(at); break;
      case 3: b.erase(b.begin() + static_cast<std::ptrdiff_t>(at), b.begin() + static_cast<std::ptrdiff_t>(std::min(b.size(), at + 1 + any(8)))); break;
      default: b.insert(b.begin() + static_cast<std::ptrdiff_t>(at), 1 + any(4), static_cast<std::uint8_t>(any(256)));
    }
  }
  return b;
}

/// A file that is sound as a message but says something else: other names, numbers, types, nodes.
bytes with_other_meaning(const bytes& b, lnn::random& draw) {
  message::ModelProto m;
  REQUIRE(m.ParseFromArray(b.data(), static_cast<int>(b.size())));
  auto& g = *m.mutable_graph();
  const auto any = [&](int n) { return static_cast<int>(draw.below(static_cast<std::uint32_t>(std::max(n, 1)))); };
  constexpr std::int64_t numbers[] = {-1, 0, 1, 2, 3, 7, 8, 64, 1 << 20, std::int64_t{1} << 31, std::int64_t{1} << 62, -(std::int64_t{1} << 40)};
  const auto number = [&] { return numbers[any(12)]; };
  const auto tensor = [&] {
    const auto& n = g.node(any(g.node_size()));
    return any(2) && n.input_size() ? n.input(any(n.input_size())) : n.output_size() ? n.output(0) : std::string("w");
  };
  for (int times = 1 + any(3); times > 0 && g.node_size() > 0; --times) {
    auto& n = *g.mutable_node(any(g.node_size()));
    const auto change = [&](message::AttributeProto& a) {
      if (a.has_i()) a.set_i(number());
      if (a.has_f()) a.set_f(static_cast<float>(number()) / 2);
      if (a.ints_size() > 0) a.set_ints(any(a.ints_size()), number());
      if (any(4) == 0) a.add_ints(number());
      if (any(4) == 0) a.set_type(static_cast<message::AttributeProto::AttributeType>(1 + any(8)));
    };
    auto& t = *g.mutable_initializer(any(g.initializer_size()));
    switch (any(10)) {
      case 0: if (n.input_size()) n.set_input(any(n.input_size()), tensor()); break;
      case 1: if (n.output_size()) n.set_output(any(n.output_size()), tensor()); break;
      case 2: n.set_op_type(g.node(any(g.node_size())).op_type()); break;
      case 3: n.add_input(any(2) ? tensor() : ""); break;
      case 4: if (n.input_size()) n.mutable_input()->RemoveLast(); break;
      case 5: if (n.attribute_size()) change(*n.mutable_attribute(any(n.attribute_size()))); break;
      case 6: if (n.attribute_size()) n.mutable_attribute()->RemoveLast(); break;
      case 7: if (t.dims_size()) t.set_dims(any(t.dims_size()), number()); break;
      case 8: t.set_data_type(any(17)); break;
      default: {
        auto& dims = *g.mutable_input(any(g.input_size()))->mutable_type()->mutable_tensor_type()->mutable_shape();
        if (any(3) == 0) dims.add_dim()->set_dim_value(number());
        else if (dims.dim_size() && any(3) == 0) dims.mutable_dim(any(dims.dim_size()))->set_dim_param("time");
        else if (dims.dim_size()) dims.mutable_dim(any(dims.dim_size()))->set_dim_value(number());
      }
    }
  }
  return lnn::onnx::to_bytes(m, "mutated");
}

}  // namespace

TEST_CASE("the seeds are sound") {
  const auto all = seeds();
  CHECK(refusal(all[0]).find("4 nodes") == std::string::npos);
  CHECK_NOTHROW((void)lnn::onnx::read_float(std::span<const std::uint8_t>(all[1]), "seed.onnx"));
}

TEST_CASE("10,000 damaged files give sentences") {
  const auto all = seeds();
  lnn::random draw(2024);
  for (int i = 0; i < 10000; ++i) {
    CAPTURE(i);
    const bytes& seed = all[static_cast<std::size_t>(i) % all.size()];
    read_all(i % 4 < 2 ? with_other_bytes(seed, draw) : with_other_meaning(seed, draw));
  }
}

}  // namespace test_mutated
