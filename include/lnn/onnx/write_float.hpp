// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/maths.hpp"
#include "float_nodes.hpp"
#include "float_recurrent.hpp"

namespace lnn::onnx {

namespace detail {

/// Writes the nodes of a float network, one function per family of operators.
template <class Ops>
class float_writer {
 public:
  float_writer(const graph_view<Ops>& net, const params& weights, message::GraphProto& g) : to_(net, weights, g) {}

  void run() {
    for (const auto& n : to_.net().nodes) {
      try {
        visit_op(n.op, [&](const auto& op) { put_layer(n, op); });
      } catch (const error& e) {
        problems_.push_back(sentence("layer ", n.name, ": ", e.what()));
      }
    }
    if (problems_.empty()) return;
    std::string all;
    for (const std::string& p : problems_) all.append("\n  ").append(p);
    fail("onnx: ", problems_.size(), problems_.size() == 1 ? " layer has no ONNX operator:" : " layers have no ONNX operator:", all);
  }

 private:
  using node_type = lnn::node<Ops>;

  /// The layer's nodes, then what is fused behind it.
  template <class Op>
  void put_layer(const node_type& n, const Op& op) {
    std::string out = to_.name(n.output);
    const bool norm = !n.fused.batch_norm.empty();
    const std::string first = norm ? to_.fresh(out + "/before_norm") : n.fused.relu ? to_.fresh(out + "/before_relu") : out;
    put_operator(n, op, first);
    if (norm) {
      const std::string second = n.fused.relu ? to_.fresh(out + "/before_relu") : out;
      const std::string_view from = n.fused.batch_norm;
      std::vector<std::string> in{first};
      for (const std::string_view part : {"gamma", "beta", "mean", "var"}) in.push_back(to_.put(sentence(from, ".", part), to_.weights().of(from, part).value));
      auto& bn = to_.node("BatchNormalization", from, in, second);
      attribute_writer(bn).real("epsilon", static_cast<double>(n.fused.eps));
      attribute_writer(bn).real("momentum", 1.0 - static_cast<double>(n.fused.momentum));
      if (n.fused.relu) to_.node("Relu", sentence(n.name, "/relu"), {second}, out);
    } else if (n.fused.relu) {
      to_.node("Relu", sentence(n.name, "/relu"), {first}, out);
    }
  }

  template <class Op>
  void put_operator(const node_type& n, const Op& op, const std::string& out) {
    constexpr std::string_view is = Op::name;
    std::vector<std::string> in;
    for (int e : n.inputs) in.push_back(to_.name(e));
    const shape& x = to_.dims(n.inputs[0]);
    const std::string own(n.name);
    const auto plain = [&](std::string_view name) -> message::NodeProto& { return to_.node(name, n.name, in, out); };
    const auto with_weights = [&](std::string_view name) -> message::NodeProto& {
      std::vector<shape> shapes;
      for (int e : n.inputs) shapes.push_back(to_.dims(e));
      for (const parameter& p : op.parameters(std::span<const shape>(shapes))) in.push_back(to_.weight(n, p.name));
      return plain(name);
    };
    if constexpr (is == "conv1d" || is == "conv2d" || is == "conv_transpose1d" || is == "conv_transpose2d") {
      if (op.slope != 0) fail("slope has no place in ", Op::name, "; use a prelu behind it");
      attributes(op, with_weights(is.substr(0, 6) == "conv_t" ? "ConvTranspose" : "Conv"));
    } else if constexpr (is == "linear") {
      put_linear(n, op, x, in[0], out);
    } else if constexpr (is == "batch_norm") {
      attribute_writer a(with_weights("BatchNormalization"));
      a.real("epsilon", static_cast<double>(op.eps));
      a.real("momentum", 1.0 - static_cast<double>(op.momentum));
    } else if constexpr (is == "layer_norm") {
      auto& node = with_weights("LayerNormalization");
      attribute_writer(node).whole("axis", -op.axes);
      attribute_writer(node).real("epsilon", 1e-5);
    } else if constexpr (is == "embedding") {
      to_.node("Gather", n.name, {to_.weight(n, "weight"), in[0]}, out);
    } else if constexpr (is == "gather") {
      number_list indices;
      for (int i : op.indices) indices.push_back(i);
      if (!op.indices.empty()) in.push_back(to_.whole(own + ".indices", indices));
      attribute_writer(plain("Gather")).whole("axis", op.axis);
    } else if constexpr (is == "relu" || is == "sigmoid" || is == "tanh") {
      plain(is == "relu" ? "Relu" : is == "sigmoid" ? "Sigmoid" : "Tanh");
    } else if constexpr (is == "quant" || is == "dequant" || is == "requant" || is == "cast") {
      plain("Identity");
    } else if constexpr (is == "clip") {
      in.push_back(to_.real(own + ".min", static_cast<double>(op.low)));
      in.push_back(to_.real(own + ".max", static_cast<double>(op.high)));
      plain("Clip");
    } else if constexpr (is == "prelu") {
      attribute_writer(plain("LeakyRelu")).scale("alpha", -op.slope);
    } else if constexpr (is == "gelu") {
      put_gelu(n, in[0], out);
    } else if constexpr (is == "swish") {
      const std::string gate = to_.fresh(own + "/gate");
      to_.node("Sigmoid", own + "/sigmoid", in, gate);
      to_.node("Mul", n.name, {in[0], gate}, out);
    } else if constexpr (is == "glu") {
      const std::string a = to_.fresh(own + "/a"), b = to_.fresh(own + "/b"), gate = to_.fresh(own + "/gate");
      auto& halves = to_.node("Split", own + "/halves", {in[0], to_.whole(own + ".halves", {double(x[normal_axis(op.dim, x.rank())] / 2), double(x[normal_axis(op.dim, x.rank())] / 2)})}, a);
      halves.add_output(b);
      attribute_writer(halves).whole("axis", op.dim);
      to_.node("Sigmoid", own + "/sigmoid", {b}, gate);
      to_.node("Mul", n.name, {a, gate}, out);
    } else if constexpr (is == "softmax" || is == "log_softmax") {
      attribute_writer(plain(is == "softmax" ? "Softmax" : "LogSoftmax")).whole("axis", op.axis);
    } else if constexpr (is == "add" || is == "sub" || is == "mul" || is == "div") {
      plain(is == "add" ? "Add" : is == "sub" ? "Sub" : is == "mul" ? "Mul" : "Div");
    } else if constexpr (is == "bmm" || is == "matmul") {
      plain("MatMul");
    } else if constexpr (is == "concat") {
      attribute_writer(plain("Concat")).whole("axis", op.axis);
    } else if constexpr (is == "max_pool1d" || is == "max_pool2d" || is == "avg_pool1d" || is == "avg_pool2d") {
      put_pool(op, plain, x);
    } else if constexpr (is == "lstm" || is == "gru") {
      put_recurrent(to_, n, op, in, out);
    } else if constexpr (is == "reshape" || is == "expand" || is == "tile" || is == "slice" || is == "split" || is == "squeeze" || is == "unsqueeze") {
      constexpr std::string_view names[] = {"reshape", "Reshape", "expand", "Expand", "tile", "Tile", "slice", "Slice", "split", "Split", "squeeze", "Squeeze", "unsqueeze", "Unsqueeze"};
      std::string_view called;
      for (std::size_t i = 0; i < std::size(names); i += 2)
        if (names[i] == is) called = names[i + 1];
      for (const std::string_view field : Op::constant_inputs)
        for_each_field(op, [&](const auto& f, const auto& value) {
          if (f.name == field) in.push_back(numbers(value).empty() ? "" : to_.whole(sentence(own, ".", field), numbers(value)));
        });
      if constexpr (is == "split") in.resize(1), in.push_back(to_.whole(own + ".split", sizes(n, op)));
      while (in.back().empty()) in.pop_back();
      auto& made = plain(called);
      if constexpr (is == "split") attribute_writer(made).whole("axis", op.axis);
      for (int i = 1; i < n.outputs; ++i) made.add_output(to_.name(n.output + i));
    } else if constexpr (is == "flatten") {
      attribute_writer(plain("Flatten")).whole("axis", op.axis);
    } else if constexpr (is == "transpose") {
      attribute_writer(plain("Transpose")).field("perm", op.perm);
    } else if constexpr (is == "pad") {
      put_pad(op, own, in, x.rank());
      auto& made = plain("Pad");
      attribute_writer(made).text("mode", op.mode == decltype(op.mode)::replicate ? "edge" : word_of(op.mode));
    } else {
      fail(Op::name, " cannot be written in ONNX's own operators");
    }
  }

  /// Sizes of the pieces of a split.
  template <class Op>
  number_list sizes(const node_type& n, const Op& op) const {
    number_list all;
    for (int i = 0; i < n.outputs; ++i) all.push_back(to_.dims(n.output + i)[normal_axis(op.axis, to_.dims(n.output + i).rank())]);
    return all;
  }
  /// Geometry: kernel_shape, strides, pads, dilations, group.
  template <class Op>
  static void attributes(const Op& op, message::NodeProto& n) {
    for_each_field(op, [&](const auto& f, const auto& value) {
      if (!f.from_weight && f.name != "slope") attribute_writer(n).field(f.name, value);
    });
  }
  template <class Op, class Plain>
  void put_pool(const Op& op, const Plain& plain, const shape& x) {
    constexpr bool average = Op::name.substr(0, 3) == "avg";
    if (pools_all(op)) {
      plain(average ? "GlobalAveragePool" : "GlobalMaxPool");
      return;
    }
    if constexpr (average)
      if (op.divisor_override > 0) fail("divisor_override ", op.divisor_override, " has no place in AveragePool of ", x);
    auto& n = plain(average ? "AveragePool" : "MaxPool");
    for_each_field(op, [&](const auto& f, const auto& value) {
      if (f.name != "divisor_override") attribute_writer(n).field(f.name, value);
    });
  }
  template <class Op>
  void put_pad(const Op& op, const std::string& own, std::vector<std::string>& in, int rank) {
    const auto axes = static_cast<int>(op.pads.size()) / 2;
    number_list all;
    for (int side = 0; side < 2; ++side) {
      for (int i = axes; i < rank; ++i) all.push_back(0);
      for (int i = 0; i < axes; ++i) all.push_back(op.pads[static_cast<std::size_t>(side * axes + i)]);
    }
    in.push_back(to_.whole(own + ".pads", all));
    in.push_back(to_.real(own + ".value", static_cast<double>(op.value)));
  }
  void put_linear(const node_type& n, const linear& op, const shape& x, const std::string& in, const std::string& out) {
    const std::string own(n.name);
    if (x.rank() == 2) {
      std::vector<std::string> operands{in, to_.weight(n, "weight")};
      if (op.bias) operands.push_back(to_.weight(n, "bias"));
      attribute_writer(to_.node("Gemm", n.name, operands, out)).whole("transB", 1);
      return;
    }
    const std::string product = op.bias ? to_.fresh(own + "/product") : out;
    to_.node("MatMul", n.name, {in, to_.put(own + ".weight", transposed(to_.weights().of(n.name, "weight").value))}, product);
    if (op.bias) to_.node("Add", own + "/bias", {product, to_.weight(n, "bias")}, out);
  }
  void put_gelu(const node_type& n, const std::string& x, const std::string& out) {
    const std::string own(n.name), a = to_.fresh(own + "/a"), b = to_.fresh(own + "/b"), c = to_.fresh(own + "/c"), d = to_.fresh(own + "/d");
    to_.node("Div", n.name, {x, to_.real("root_of_2", maths::sqrt(2.0))}, a);
    to_.node("Erf", own + "/erf", {a}, b);
    to_.node("Add", own + "/add", {b, to_.real("one", 1)}, c);
    to_.node("Mul", own + "/mul", {x, c}, d);
    to_.node("Mul", own + "/half", {d, to_.real("half", 0.5)}, out);
  }

  float_nodes<Ops> to_;
  std::vector<std::string> problems_;
};

}  // namespace detail

/// The bytes of a plain float ONNX file (opset 17) that holds a network and its parameters, for one sample.  Layers that
/// ONNX has no operator for are told at once.
template <class Ops>
[[nodiscard]] std::vector<std::uint8_t> float_bytes(const graph_view<Ops>& net, const params& weights) {
  if (!net.problems.empty()) fail("onnx: ", net.problems.front().sentence().view());
  message::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name("lnn");
  auto& own = *model.add_opset_import();
  own.set_domain("");
  own.set_version(17);
  detail::float_writer<Ops>(net, weights, *model.mutable_graph()).run();
  return to_bytes(model, "onnx");
}

/// Writes that file; it appears whole or not at all.
template <class Ops>
void write_float(const graph_view<Ops>& net, const params& weights, const std::string& path) {
  write_file(path, float_bytes(net, weights));
}
template <network_like Net>
void write_float(const Net& net, const params& weights, const std::string& path) {
  write_float(net.view(), weights, path);
}

}  // namespace lnn::onnx
