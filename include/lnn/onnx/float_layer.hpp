// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/maths.hpp"
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
      const double all = std::max((maths::ceil(size / stride) - 1) * stride + reach - size, 0.0), less = maths::floor(all / 2);
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

}  // namespace lnn::onnx::detail
