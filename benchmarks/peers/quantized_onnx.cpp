// SPDX-License-Identifier: Apache-2.0
//
// The networks of benchmarks/nets.hpp as ONNX files that other runtimes execute in 8-bit integers: standard operators and
// those of com.microsoft, activations u8, weights s8 (what runtimes for this processor do best), one sample:
//   quantized_onnx FOLDER
// Numbers are noise; time does not depend on them.  A relu costs nothing: zero is the least u8.
#include <onnx/onnx_pb.h>

#include <cstdio>
#include <fstream>
#include <lnn/core/random.hpp>
#include <lnn/lnn.hpp>
#include <string>
#include <vector>

#include "../nets.hpp"

namespace {

using names = std::vector<std::string>;

class writer {
 public:
  /// A network that does nothing: what remains is the price of a call.
  writer() {
    model_.set_ir_version(7);
    model_.add_opset_import()->set_version(13);
    graph().set_name("nothing");
    end(*graph().add_input(), "input", {1, 784});
    node("Identity", {"input"}, "output", "");
    end(*graph().add_output(), "output", {1, 784});
  }
  explicit writer(const lnn::graph<>& net) : net_(net) {
    model_.set_ir_version(7);
    model_.add_opset_import()->set_version(13);
    auto& more = *model_.add_opset_import();
    more.set_domain("com.microsoft");
    more.set_version(1);
    graph().set_name("network");
    constant("scale", ONNX_NAMESPACE::TensorProto::FLOAT, {}, std::vector<float>{0.02F});
    constant("zero", ONNX_NAMESPACE::TensorProto::UINT8, {}, std::vector<std::int32_t>{0});
    constant("weight_zero", ONNX_NAMESPACE::TensorProto::INT8, {}, std::vector<std::int32_t>{0});
    end(*graph().add_input(), "input", net_.view().edges[0].dims);
    node("QuantizeLinear", {"input", "scale", "zero"}, wire(0), "");
    for (const auto& n : net_.view().nodes) layer(n);
    const int last = net_.view().outputs[0];
    node("DequantizeLinear", {wire(last), "scale", "zero"}, "output", "");
    end(*graph().add_output(), "output", net_.view().edges[static_cast<std::size_t>(last)].dims);
  }
  [[nodiscard]] std::string bytes() const { return model_.SerializeAsString(); }

 private:
  using node_type = lnn::node<lnn::builtin>;
  using proto = ONNX_NAMESPACE::NodeProto;

  ONNX_NAMESPACE::GraphProto& graph() { return *model_.mutable_graph(); }
  static std::string wire(int edge) { return "t" + std::to_string(edge); }

  static void end(ONNX_NAMESPACE::ValueInfoProto& to, const char* name, const lnn::shape& dims) {
    to.set_name(name);
    auto& type = *to.mutable_type()->mutable_tensor_type();
    type.set_elem_type(ONNX_NAMESPACE::TensorProto::FLOAT);
    for (int d : dims) type.mutable_shape()->add_dim()->set_dim_value(d);
  }
  template <class T>
  std::string constant(const std::string& name, int type, const std::vector<int>& dims, const std::vector<T>& values) {
    auto& t = *graph().add_initializer();
    t.set_name(name);
    t.set_data_type(type);
    for (int d : dims) t.add_dims(d);
    for (T v : values) {
      if constexpr (std::is_same_v<T, float>) t.add_float_data(v);
      else t.add_int32_data(v);
    }
    return name;
  }
  std::string noise(const std::string& name, int type, const std::vector<int>& dims) {
    std::size_t n = 1;
    for (int d : dims) n *= static_cast<std::size_t>(d);
    std::vector<std::int32_t> values(n);
    lnn::random draw(n);
    for (std::int32_t& v : values) v = static_cast<std::int32_t>(draw.below(255)) - 127;
    return constant(name, type, dims, values);
  }
  proto& node(const char* type, const names& in, const std::string& out, const char* domain) {
    auto& n = *graph().add_node();
    n.set_op_type(type);
    n.set_domain(domain);
    for (const std::string& i : in) n.add_input(i);
    n.add_output(out);
    return n;
  }
  static void attribute(proto& to, const char* name, const std::vector<int>& values) {
    auto& a = *to.add_attribute();
    a.set_name(name);
    a.set_type(ONNX_NAMESPACE::AttributeProto::INTS);
    for (int v : values) a.add_ints(v);
  }
  static void attribute(proto& to, const char* name, int value) {
    auto& a = *to.add_attribute();
    a.set_name(name);
    a.set_type(ONNX_NAMESPACE::AttributeProto::INT);
    a.set_i(value);
  }

  void layer(const node_type& n) {
    using ONNX_NAMESPACE::TensorProto;
    const std::string x = wire(n.inputs[0]), y = wire(n.output), name(n.name);
    const lnn::shape in = net_.view().edges[static_cast<std::size_t>(n.inputs[0])].dims;
    if (const auto* conv = lnn::op_if<lnn::conv2d>(n.op)) {
      const std::string w = noise(name + ".weight", TensorProto::INT8, {conv->out, in[1] / conv->group, conv->kernel.h, conv->kernel.w});
      const std::string b = noise(name + ".bias", TensorProto::INT32, {conv->out});
      auto& to = node("QLinearConv", {x, "scale", "zero", w, "scale", "weight_zero", "scale", "zero", b}, y, "");
      attribute(to, "kernel_shape", {conv->kernel.h, conv->kernel.w});
      attribute(to, "strides", {conv->stride.h, conv->stride.w});
      attribute(to, "pads", {conv->pad.top, conv->pad.left, conv->pad.bottom, conv->pad.right});
      attribute(to, "group", conv->group);
    } else if (const auto* product = lnn::op_if<lnn::linear>(n.op)) {
      const std::string w = noise(name + ".weight", TensorProto::INT8, {product->out, in[1]});
      const std::string b = noise(name + ".bias", TensorProto::INT32, {product->out});
      attribute(node("QGemm", {x, "scale", "zero", w, "scale", "weight_zero", b, "scale", "zero"}, y, "com.microsoft"), "transB", 1);
    } else if (const auto* pool = lnn::op_if<lnn::max_pool2d>(n.op)) {
      auto& to = node("MaxPool", {x}, y, "");
      attribute(to, "kernel_shape", {pool->kernel.h, pool->kernel.w});
      attribute(to, "strides", {pool->stride.h, pool->stride.w});
    } else if (lnn::op_if<lnn::avg_pool2d>(n.op)) {
      node("QLinearGlobalAveragePool", {x, "scale", "zero", "scale", "zero"}, y, "com.microsoft");
    } else if (lnn::op_if<lnn::add>(n.op)) {
      node("QLinearAdd", {x, "scale", "zero", wire(n.inputs[1]), "scale", "zero", "scale", "zero"}, y, "com.microsoft");
    } else if (lnn::op_if<lnn::flatten>(n.op)) {
      node("Flatten", {x}, y, "");
    } else if (lnn::op_if<lnn::relu>(n.op)) {
      node("Identity", {x}, y, "");  // zero is the least u8 already
    } else {
      lnn::fail("layer ", n.name, " has no quantized operator here");
    }
  }

  lnn::graph<> net_;
  ONNX_NAMESPACE::ModelProto model_;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) lnn::fail("usage: quantized_onnx FOLDER");
  const auto write = [&](const std::string& name, const writer& w) {
    const std::string path = std::string(argv[1]) + "/" + name + ".onnx";
    if (!(std::ofstream(path, std::ios::binary) << w.bytes())) lnn::fail(path, " cannot be written; name a folder that exists");
    std::printf("%s\n", path.c_str());
  };
  write("nothing", writer());
  for (const auto& net : nets::all) {
    if (std::string_view(net.name) == "LSTM") continue;  // no such operator takes u8
    write(net.name, writer(lnn::fuse(net.make().view())));
  }
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
