// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "float_layer.hpp"
#include "write_node.hpp"

namespace lnn::onnx {

namespace detail {

/// Writes the nodes of a float network, one function per family of operators.
template <class Ops>
class float_writer {
 public:
  float_writer(const graph_view<Ops>& net, const params& weights, message::GraphProto& g) : net_(net), weights_(weights), to_(g) {}

  void run() {
    auto& g = to_.graph();
    g.set_name("network");
    for (const lnn::edge& e : net_.edges) names_.push_back(to_.fresh(e.label()));
    for (int e : net_.inputs) put_end(*g.add_input(), e);
    for (int e : net_.outputs) put_end(*g.add_output(), e);
    for (const auto& n : net_.nodes) {
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
  using numbers_type = std::initializer_list<double>;

  [[nodiscard]] const std::string& name(int e) const { return names_[static_cast<std::size_t>(e)]; }
  [[nodiscard]] const shape& dims(int e) const { return net_.edges[static_cast<std::size_t>(e)].dims; }

  /// The first dimension of inputs and outputs counts samples.
  void put_end(message::ValueInfoProto& to, int e) {
    to.set_name(name(e));
    auto& t = *to.mutable_type()->mutable_tensor_type();
    t.set_elem_type(is_index(e) ? message::TensorProto::INT64 : message::TensorProto::FLOAT);
    for (int d : dims(e)) t.mutable_shape()->add_dim()->set_dim_value(d);
  }
  [[nodiscard]] bool is_index(int e) const {
    for (const auto& n : net_.nodes)
      for (std::size_t i = 0; i < n.inputs.size(); ++i)
        if (n.inputs[i] == e && (visit_op(n.op, [](const auto& op) { return index_inputs_in(op); }) >> i & 1U) != 0) return true;
    return false;
  }

  message::NodeProto& node(std::string_view op, std::string_view layer, const std::vector<std::string>& in, const std::string& out) {
    auto& n = *to_.graph().add_node();
    n.set_op_type(std::string(op));
    n.set_name(std::string(layer));
    for (const std::string& i : in) n.add_input(i);
    n.add_output(out);
    return n;
  }
  std::string whole(std::string_view name, const number_list& values) { return to_.constant(name, line_of<std::int64_t>(values)); }
  std::string real(std::string_view name, double value) {
    integer_tensor t(dtype::float32, {}, 0);
    t.as<float>()[0] = static_cast<float>(value);
    return to_.constant(name, t);
  }
  std::string put(std::string_view name, const tensor<float>& value) {
    integer_tensor t(dtype::float32, value.dims(), 0);
    std::copy_n(value.data(), value.size(), t.as<float>());
    return to_.constant(name, t);
  }
  std::string weight(const node_type& n, std::string_view part) { return put(sentence(n.name, ".", part), weights_.of(n.name, part).value); }

  /// The layer's nodes, then what is fused behind it.
  template <class Op>
  void put_layer(const node_type& n, const Op& op) {
    std::string out = name(n.output);
    const bool norm = !n.fused.batch_norm.empty();
    const std::string first = norm ? to_.fresh(out + "/before_norm") : n.fused.relu ? to_.fresh(out + "/before_relu") : out;
    put_operator(n, op, first);
    if (norm) {
      const std::string second = n.fused.relu ? to_.fresh(out + "/before_relu") : out;
      const std::string_view from = n.fused.batch_norm;
      std::vector<std::string> in{first};
      for (const std::string_view part : {"gamma", "beta", "mean", "var"}) in.push_back(put(sentence(from, ".", part), weights_.of(from, part).value));
      auto& bn = node("BatchNormalization", from, in, second);
      attribute_writer(bn).real("epsilon", static_cast<double>(n.fused.eps));
      attribute_writer(bn).real("momentum", 1.0 - static_cast<double>(n.fused.momentum));
      if (n.fused.relu) node("Relu", sentence(n.name, "/relu"), {second}, out);
    } else if (n.fused.relu) {
      node("Relu", sentence(n.name, "/relu"), {first}, out);
    }
  }

  template <class Op>
  void put_operator(const node_type& n, const Op& op, const std::string& out) {
    constexpr std::string_view is = Op::name;
    std::vector<std::string> in;
    for (int e : n.inputs) in.push_back(name(e));
    const shape& x = dims(n.inputs[0]);
    const std::string own(n.name);
    const auto plain = [&](std::string_view name) -> message::NodeProto& { return node(name, n.name, in, out); };
    const auto with_weights = [&](std::string_view name) -> message::NodeProto& {
      std::vector<shape> shapes;
      for (int e : n.inputs) shapes.push_back(dims(e));
      for (const parameter& p : op.parameters(std::span<const shape>(shapes))) in.push_back(weight(n, p.name));
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
      node("Gather", n.name, {weight(n, "weight"), in[0]}, out);
    } else if constexpr (is == "gather") {
      number_list indices;
      for (int i : op.indices) indices.push_back(i);
      if (!op.indices.empty()) in.push_back(whole(own + ".indices", indices));
      attribute_writer(plain("Gather")).whole("axis", op.axis);
    } else if constexpr (is == "relu" || is == "sigmoid" || is == "tanh") {
      plain(is == "relu" ? "Relu" : is == "sigmoid" ? "Sigmoid" : "Tanh");
    } else if constexpr (is == "quant" || is == "dequant" || is == "requant" || is == "cast") {
      plain("Identity");
    } else if constexpr (is == "clip") {
      in.push_back(real(own + ".min", static_cast<double>(op.low)));
      in.push_back(real(own + ".max", static_cast<double>(op.high)));
      plain("Clip");
    } else if constexpr (is == "prelu") {
      attribute_writer(plain("LeakyRelu")).scale("alpha", -op.slope);
    } else if constexpr (is == "gelu") {
      put_gelu(n, in[0], out);
    } else if constexpr (is == "swish") {
      const std::string gate = to_.fresh(own + "/gate");
      node("Sigmoid", own + "/sigmoid", in, gate);
      node("Mul", n.name, {in[0], gate}, out);
    } else if constexpr (is == "glu") {
      const std::string a = to_.fresh(own + "/a"), b = to_.fresh(own + "/b"), gate = to_.fresh(own + "/gate");
      auto& halves = node("Split", own + "/halves", {in[0], whole(own + ".halves", {double(x[normal_axis(op.dim, x.rank())] / 2), double(x[normal_axis(op.dim, x.rank())] / 2)})}, a);
      halves.add_output(b);
      attribute_writer(halves).whole("axis", op.dim);
      node("Sigmoid", own + "/sigmoid", {b}, gate);
      node("Mul", n.name, {a, gate}, out);
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
      put_recurrent(n, op, in, out);
    } else if constexpr (is == "reshape" || is == "expand" || is == "tile" || is == "slice" || is == "split" || is == "squeeze" || is == "unsqueeze") {
      constexpr std::string_view names[] = {"reshape", "Reshape", "expand", "Expand", "tile", "Tile", "slice", "Slice", "split", "Split", "squeeze", "Squeeze", "unsqueeze", "Unsqueeze"};
      std::string_view called;
      for (std::size_t i = 0; i < std::size(names); i += 2)
        if (names[i] == is) called = names[i + 1];
      for (const std::string_view field : Op::constant_inputs)
        for_each_field(op, [&](const auto& f, const auto& value) {
          if (f.name == field) in.push_back(numbers(value).empty() ? "" : whole(sentence(own, ".", field), numbers(value)));
        });
      if constexpr (is == "split") in.resize(1), in.push_back(whole(own + ".split", sizes(n, op)));
      while (in.back().empty()) in.pop_back();
      auto& made = plain(called);
      if constexpr (is == "split") attribute_writer(made).whole("axis", op.axis);
      for (int i = 1; i < n.outputs; ++i) made.add_output(name(n.output + i));
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
    for (int i = 0; i < n.outputs; ++i) all.push_back(dims(n.output + i)[normal_axis(op.axis, dims(n.output + i).rank())]);
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
    in.push_back(whole(own + ".pads", all));
    in.push_back(real(own + ".value", static_cast<double>(op.value)));
  }
  void put_linear(const node_type& n, const linear& op, const shape& x, const std::string& in, const std::string& out) {
    const std::string own(n.name);
    if (x.rank() == 2) {
      std::vector<std::string> operands{in, weight(n, "weight")};
      if (op.bias) operands.push_back(weight(n, "bias"));
      attribute_writer(node("Gemm", n.name, operands, out)).whole("transB", 1);
      return;
    }
    const std::string product = op.bias ? to_.fresh(own + "/product") : out;
    node("MatMul", n.name, {in, put(own + ".weight", transposed(weights_.of(n.name, "weight").value))}, product);
    if (op.bias) node("Add", own + "/bias", {product, weight(n, "bias")}, out);
  }
  void put_gelu(const node_type& n, const std::string& x, const std::string& out) {
    const std::string own(n.name), a = to_.fresh(own + "/a"), b = to_.fresh(own + "/b"), c = to_.fresh(own + "/c"), d = to_.fresh(own + "/d");
    node("Div", n.name, {x, real("root_of_2", std::sqrt(2.0))}, a);
    node("Erf", own + "/erf", {a}, b);
    node("Add", own + "/add", {b, real("one", 1)}, c);
    node("Mul", own + "/mul", {x, c}, d);
    node("Mul", own + "/half", {d, real("half", 0.5)}, out);
  }

  /// Between ONNX's [time, directions, batch, hidden] and the library's order of axes.
  template <class Op>
  void put_recurrent(const node_type& n, const Op& op, const std::vector<std::string>& in, const std::string& out) {
    constexpr bool long_memory = Op::name == "lstm";
    const std::span<const int> order = long_memory ? std::span<const int>(lstm_gates) : std::span<const int>(gru_gates);
    if (op.lengths || op.initial_state) fail("lengths and initial states cannot be written");
    const std::string own(n.name);
    const int directions = op.bidirectional ? 2 : 1, gates = static_cast<int>(order.size()), rows = gates * op.hidden;
    const shape x = dims(n.inputs[0]);
    std::string from = in[0];
    if (op.batch_first) {
      from = to_.fresh(own + "/x");
      attribute_writer(node("Transpose", own + "/time_first", {in[0]}, from)).wholes("perm", std::array{1, 0, 2});
    }
    tensor<float> w({directions, rows, x[2]}), r({directions, rows, op.hidden}), b({directions, 2 * rows});
    for (int d = 0; d < directions; ++d) {
      const std::string_view tail = d == 0 ? "" : "_reverse";
      const auto copy = [&](std::string_view part, tensor<float>& to, std::size_t at) {
        const tensor<float>& own_part = weights_.of(n.name, sentence(part, tail)).value;
        const tensor<float> turned = gates_in_order({own_part.data(), own_part.size()}, own_part.dims(), order, true);
        std::copy_n(turned.data(), turned.size(), to.data() + at * turned.size());
      };
      copy("weight_ih", w, static_cast<std::size_t>(d));
      copy("weight_hh", r, static_cast<std::size_t>(d));
      if (op.bias) copy("bias_ih", b, static_cast<std::size_t>(2 * d)), copy("bias_hh", b, static_cast<std::size_t>(2 * d + 1));
    }
    std::vector<std::string> operands{from, put(own + ".W", w), put(own + ".R", r)};
    if (op.bias) operands.push_back(put(own + ".B", b));
    const std::string y = to_.fresh(own + "/y"), apart = to_.fresh(own + "/apart");
    auto& cell = node(long_memory ? "LSTM" : "GRU", n.name, operands, y);
    attribute_writer a(cell);
    a.whole("hidden_size", op.hidden);
    a.text("direction", op.bidirectional ? "bidirectional" : op.go_forward ? "forward" : "reverse");
    if (!long_memory) a.whole("linear_before_reset", 1);
    for (int i = 1; i < n.outputs; ++i) {
      const std::string state = to_.fresh(sentence(own, "/state", i));
      cell.add_output(state);
      attribute_writer(node("Transpose", sentence(own, "/state_first", i), {state}, name(n.output + i))).wholes("perm", std::array{1, 0, 2});
    }
    const auto perm = op.batch_first ? std::array{2, 0, 1, 3} : std::array{0, 2, 1, 3};
    attribute_writer(node("Transpose", own + "/batch", {y}, apart)).wholes("perm", perm);
    node("Reshape", own + "/joined", {apart, whole(own + ".joined", {0, 0, double(directions * op.hidden)})}, out);
  }

  const graph_view<Ops>& net_;
  const params& weights_;
  graph_writer to_;
  std::vector<std::string> names_, problems_;
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
