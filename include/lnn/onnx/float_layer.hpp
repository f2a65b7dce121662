// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/intern.hpp"
#include "../graph/params.hpp"
#include "constants_made.hpp"
#include "layer.hpp"

namespace lnn::onnx::detail {

/// A network of real numbers while it is read: the graph that grows, its parameters, and what names stand for.
template <class Ops>
struct float_state {
  const source& from;
  int opset = 13;
  graph<Ops> net{};
  params weights{};
  std::map<std::string, wire, std::less<>> wires{};

  using any = typename Ops::any;

  [[nodiscard]] const shape& dims(const wire& w) const { return w.constant ? w.constant->dims() : net.view().edges[static_cast<std::size_t>(w.edge)].dims; }

  /// Adds a layer; shapes that do not fit are told as one sentence.
  int add(std::string_view name, any op, std::initializer_list<int> in) {
    list<int, 16> inputs;
    for (int e : in) inputs.push_back(e);
    return add(name, std::move(op), inputs);
  }
  int add(std::string_view name, any op, const list<int, 16>& inputs) {
    const std::size_t before = net.view().problems.size();
    const auto made = net.add({.name = intern(name), .op = std::move(op), .inputs = inputs});
    if (net.view().problems.size() > before) fail(net.view().problems[before].sentence().view());
    return made.edge;
  }
  [[nodiscard]] const shape& dims(int edge) const { return net.view().edges[static_cast<std::size_t>(edge)].dims; }

  void put(std::string_view layer, std::string_view part, role kind, tensor<float> value) { weights.add(sentence(layer, ".", part), kind, std::move(value)); }
};

/// A float constant as a tensor of the wanted shape.
inline tensor<float> real_tensor(const integer_tensor& t, const shape& dims, std::string_view what) {
  if (t.type() != dtype::float32 && t.type() != dtype::float64) fail(what, " is ", lnn::name_of(t.type()), ", expected float; quantized files are read with lnn::onnx::read");
  if (t.size() != dims.size()) fail(what, " is ", t.dims(), ", expected ", dims);
  tensor<float> out(dims);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = t.type() == dtype::float32 ? t.as<float>()[i] : static_cast<float>(t.as<double>()[i]);
  return out;
}
inline tensor<float> transposed(const tensor<float>& x) {
  tensor<float> y({x.dims()[1], x.dims()[0]});
  for (int r = 0; r < x.dims()[0]; ++r)
    for (int c = 0; c < x.dims()[1]; ++c) y(c, r) = x(r, c);
  return y;
}

/// The quantized operator whose attributes a float one has: one table for both kinds of files.
inline std::string_view quantized_name(std::string_view op, int weight_rank) {
  constexpr renaming names[] = {{"BatchNormalization", "QBatchNorm2d"}, {"Sigmoid", "QSigmoid"}, {"Tanh", "QTanh"}, {"Gelu", "QGelu"}, {"Softmax", "QSoftmax"},
                                {"LogSoftmax", "LogSoftmaxInt"}, {"Add", "QAdd"}, {"Sub", "iqSub"}, {"Mul", "QMul"}, {"Div", "iqDiv"}, {"Concat", "QCat"},
                                {"MatMul", "QMatmul"}, {"AveragePool", "QAvgPool2d"}, {"GlobalAveragePool", "QGlobalAveragePool2d"}, {"LayerNormalization", "QLayerNorm"}};
  if (op == "Conv") return weight_rank == 3 ? "QConv1d" : "QConv2d";
  if (op == "ConvTranspose") return weight_rank == 3 ? "QConvTranspose1d" : "QConvTranspose2d";
  return respelled(op, names);
}

/// SAME paddings of a window as numbers, and ONNX's own defaults.
inline void say_float_defaults(spelled_node& n, std::string_view op, const shape& x, int opset) {
  const auto pad = n.texts.find("auto_pad");
  if (pad != n.texts.end() && (pad->second == "SAME_UPPER" || pad->second == "SAME_LOWER") && n.find("kernel_shape")) {
    const auto& kernel = *n.find("kernel_shape");
    if (static_cast<int>(kernel.size()) + 2 != x.rank()) fail("attribute kernel_shape has ", kernel.size(), " numbers for an input of ", x);
    const auto value = [&](std::string_view name, std::size_t i) { return n.find(name) && i < n.find(name)->size() ? (*n.find(name))[i] : 1.0; };
    std::vector<double> begin, end;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
      const double size = x[static_cast<int>(i) + 2], stride = value("strides", i), reach = (kernel[i] - 1) * value("dilations", i) + 1;
      const double all = std::max((std::ceil(size / stride) - 1) * stride + reach - size, 0.0), less = std::floor(all / 2);
      begin.push_back(pad->second == "SAME_UPPER" ? less : all - less);
      end.push_back(all - begin.back());
    }
    begin.insert(begin.end(), end.begin(), end.end());
    n.numbers["pads"] = begin;
    n.texts.erase(pad);
  }
  if (op == "AveragePool") {
    if (!n.find("count_include_pad")) n.numbers["count_include_pad"] = {0};
    if (!n.find("strides") && n.find("kernel_shape")) n.numbers["strides"].assign(n.find("kernel_shape")->size(), 1);
    if (n.find("kernel_shape") && n.find("kernel_shape")->size() == 1) n.op = "QAvgPool1d";
  }
  if ((op == "Softmax" || op == "LogSoftmax") && !n.find("axis")) n.numbers["axis"] = {opset < 13 ? 1.0 : -1.0};
  if ((op == "Softmax" || op == "LogSoftmax") && opset < 13) {  // it flattened the axes behind
    const double* said = n.number("axis");
    const int axis = said ? normal_axis(static_cast<int>(lnn::detail::within_int(*said)), x.rank()) : -1;
    if (axis < 0 || axis >= x.rank() || x.span(axis + 1, x.rank()) != 1) fail("attribute axis is ", axis, ", which before opset 13 takes all axes behind it; flatten the input");
  }
  if (op == "Gelu" && n.texts.count("approximate") && n.texts["approximate"] != "none") fail("attribute approximate is ", n.texts["approximate"], ", expected none");
  n.texts.erase("approximate");
  if (op == "BatchNormalization") n.numbers.erase("training_mode"), n.numbers.erase("spatial");
  if (op == "BatchNormalization") n.numbers["momentum"] = {n.number("momentum") ? 1 - *n.number("momentum") : 0.1};  // ONNX weighs the old value
}

/// Gates of one recurrent direction from ONNX's order to the library's, or with `back` the other way: blocks of `rows` rows.
inline tensor<float> gates_in_order(std::span<const float> x, const shape& dims, std::span<const int> order, bool back) {
  tensor<float> y(dims);
  const std::size_t block = y.size() / order.size();
  for (std::size_t g = 0; g < order.size(); ++g) {
    const auto other = static_cast<std::size_t>(order[g]);
    std::copy_n(x.data() + (back ? g : other) * block, block, y.data() + (back ? other : g) * block);
  }
  return y;
}
/// ONNX has the gates of an LSTM in the order i, o, f, c, of a GRU z, r, h; the library i, f, c, o and r, z, h.
inline constexpr int lstm_gates[] = {0, 2, 3, 1}, gru_gates[] = {1, 0, 2};

/// ONNX's LSTM and GRU: x [time, batch, features] -> y [time, directions, batch, hidden].
template <class Ops, class Op>
void add_recurrent(float_state<Ops>& s, const std::string& name, const message::NodeProto& n, const spelled_node& spelled, const std::vector<const wire*>& in,
                   std::span<const int> order) {
  const auto constant = [&](std::size_t i) -> const integer_tensor* { return i < in.size() && in[i] && in[i]->constant ? in[i]->constant.get() : nullptr; };
  const auto text = [&](std::string_view attribute, std::string_view otherwise) {
    const auto at = spelled.texts.find(attribute);
    return at == spelled.texts.end() ? std::string(otherwise) : at->second;
  };
  if (in.size() < 3 || !in[0] || in[0]->edge < 0 || !constant(1) || !constant(2)) fail("the weights must be constants");
  for (std::size_t i = 4; i < in.size(); ++i)
    if (in[i]) fail("input ", n.input(static_cast<int>(i)), " is not supported: only sequences of one length that start with a state of 0 can be trained");
  for (const auto& a : n.attribute())
    for (const std::string_view no : {"activations", "activation_alpha", "activation_beta", "clip", "input_forget", "layout"})
      if (a.name() == no && (a.type() != a.INT || a.i() != 0)) fail("attribute ", no, " is not supported");
  const double* before = spelled.number("linear_before_reset");
  if (Op::name == "gru" && (!before || *before != 1)) fail("attribute linear_before_reset is not 1; the chips' cell resets behind the product");
  const std::string direction = text("direction", "forward");
  const shape w = constant(1)->dims(), r = constant(2)->dims();
  const int gates = static_cast<int>(order.size());
  if (w.rank() != 3 || r.rank() != 3 || w[1] % gates != 0 || r[1] != w[1] || r[2] != w[1] / gates || r[0] != w[0] || w[0] != (direction == "bidirectional" ? 2 : 1))
    fail("weights of ", w, " and ", r, " do not belong together");
  Op op;
  op.hidden = r[2];
  op.batch_first = false;
  op.bidirectional = direction == "bidirectional";
  op.go_forward = direction != "reverse";
  op.bias = constant(3) != nullptr;
  for (int i = 1; i < n.output_size(); ++i) op.final_state = op.final_state || (!n.output(i).empty() && s.from.is_used(n.output(i)));
  const int edge = s.add(name, op, {in[0]->edge});
  const tensor<float> wi = real_tensor(*constant(1), w, "W"), wh = real_tensor(*constant(2), r, "R");
  const tensor<float> b = op.bias ? real_tensor(*constant(3), {w[0], 2 * w[1]}, "B") : tensor<float>();
  for (int d = 0; d < w[0]; ++d) {
    const std::string_view tail = d == 0 ? "" : "_reverse";
    const auto at = static_cast<std::size_t>(d), rows = static_cast<std::size_t>(w[1]);
    const auto part = [&](const tensor<float>& t, std::size_t from, std::size_t count) { return std::span<const float>(t.data() + from, count); };
    s.put(name, sentence("weight_ih", tail), role::weight, gates_in_order(part(wi, at * rows * static_cast<std::size_t>(w[2]), rows * static_cast<std::size_t>(w[2])), {w[1], w[2]}, order, false));
    s.put(name, sentence("weight_hh", tail), role::weight, gates_in_order(part(wh, at * rows * static_cast<std::size_t>(r[2]), rows * static_cast<std::size_t>(r[2])), {r[1], r[2]}, order, false));
    if (!op.bias) continue;
    s.put(name, sentence("bias_ih", tail), role::bias, gates_in_order(part(b, at * 2 * rows, rows), {w[1]}, order, false));
    s.put(name, sentence("bias_hh", tail), role::bias, gates_in_order(part(b, (at * 2 + 1) * rows, rows), {w[1]}, order, false));
  }
  // y [time, batch, directions * hidden] as ONNX has it
  if (n.output_size() > 0 && s.from.is_used(n.output(0))) {
    const int apart = s.add(name + "/apart", reshape{{0, 0, w[0], op.hidden}}, {edge});
    s.wires[n.output(0)].edge = s.add(name + "/y", transpose{{0, 2, 1, 3}}, {apart});
  }
  for (int i = 1; op.final_state && i < n.output_size(); ++i)
    if (!n.output(i).empty()) s.wires[n.output(i)].edge = s.add(sentence(name, "/state", i), transpose{{1, 0, 2}}, {edge + i});
}

}  // namespace lnn::onnx::detail
