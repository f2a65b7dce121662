// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/maths.hpp"
#include "../graph/spelled.hpp"
#include "message.hpp"

namespace lnn::onnx {

namespace detail {

struct renaming {
  std::string_view from, to;
};
/// Other spellings of attributes that the packer takes.
inline constexpr renaming attribute_spellings[] = {
    {"data_bits", "x_bits"}, {"parameter_bits", "w_bits"}, {"stride", "strides"}, {"scale_i", "scale_x"},
    {"scale_x_0", "scale_x"}, {"x_0_bits", "x_bits"}, {"scale_x_1", "scale_y"}, {"x_1_bits", "y_bits"}};

/// Other spellings of operators: batch norms that were folded on export, and what modules are called.
inline constexpr renaming operator_spellings[] = {
    {"QConvBN1d", "QConv1d"}, {"QConvBN2d", "QConv2d"}, {"QConvTransposeBN1d", "QConvTranspose1d"},
    {"QConvTransposeBN2d", "QConvTranspose2d"}, {"QLayerNorm2d", "QLayerNorm"}, {"QMaxPool2d", "MaxPool"}, {"QMaxPool1d", "MaxPool"}};

template <std::size_t N>
constexpr std::string_view respelled(std::string_view name, const renaming (&all)[N]) {
  for (const renaming& r : all)
    if (r.from == name) return r.to;
  return name;
}

/// "GRUInt_Is8_Is64_If32" is GRUInt with the types of its inputs.
inline std::string_view without_types(std::string_view op) {
  for (const std::string_view whole : {"GRUInt", "LSTMInt"})
    if (op.size() > whole.size() && op.substr(0, whole.size()) == whole && op[whole.size()] == '_') return whole;
  return op;
}

}  // namespace detail

/// A node's operator and attributes in the library's spelling; tensors among the attributes stay in the message.
[[nodiscard]] inline spelled_node attributes_of(const message::NodeProto& from) {
  spelled_node n;
  n.op = detail::respelled(detail::without_types(from.op_type()), detail::operator_spellings);
  for (const message::AttributeProto& a : from.attribute()) {
    const std::string name(detail::respelled(a.name(), detail::attribute_spellings));
    std::vector<double> list;
    switch (a.type()) {
      case message::AttributeProto::INT: n.numbers[name] = {static_cast<double>(a.i())}; break;
      case message::AttributeProto::FLOAT: n.numbers[name] = {static_cast<double>(a.f())}; break;
      case message::AttributeProto::STRING: n.texts[name] = a.s(); break;
      case message::AttributeProto::INTS:
        for (const std::int64_t i : a.ints()) list.push_back(static_cast<double>(i));
        n.numbers[name] = std::move(list);
        break;
      case message::AttributeProto::FLOATS:
        for (const float f : a.floats()) list.push_back(static_cast<double>(f));
        n.numbers[name] = std::move(list);
        break;
      default: break;
    }
  }
  return n;
}

/// Exponent of a scale, which must be a power of two.
[[nodiscard]] inline int exponent_of(double scale, std::string_view attribute) {
  int exponent = 0;
  const double fraction = maths::frexp(scale, &exponent);
  if (!(scale > 0) || fraction != 0.5 || exponent < -61 || exponent > 63)
    fail("attribute ", attribute, " is ", scale, ", expected a power of two");
  return exponent - 1;
}

/// Exponent that a node says of its operand in a place, if it says one.
[[nodiscard]] inline std::optional<int> exponent_said(const spelled_node& n, std::size_t operand) {
  const std::string name = operand == 0 ? "scale_x" : operand == 1 ? "scale_y" : sentence("scale_x_", operand);
  const double* scale = n.number(name);
  if (!scale) return {};
  return exponent_of(*scale, name);
}
/// Bits of its elements, if it says them.
[[nodiscard]] inline std::optional<int> bits_said(const spelled_node& n, std::string_view attribute) {
  const double* bits = n.number(attribute);
  if (!bits) return {};
  if (*bits != 4 && *bits != 8 && *bits != 16 && *bits != 32) fail("attribute ", attribute, " is ", *bits, ", expected 4, 8, 16 or 32");
  return static_cast<int>(*bits);
}
[[nodiscard]] inline std::optional<int> operand_bits_said(const spelled_node& n, std::size_t operand) {
  return bits_said(n, operand == 0 ? "x_bits" : operand == 1 ? "y_bits" : sentence("x_", operand, "_bits"));
}

namespace detail {

/// Attributes that tell nothing about the arithmetic, or tell what the tensors tell as well.
inline bool says_nothing(std::string_view name) {
  constexpr std::string_view names[] = {"platform", "platform_quant", "quant_mode", "castor_mode", "input_size", "dropout", "has_hidden", "has_cell",
                                        "x_bits", "y_bits", "w_bits", "o_bits", "scale_x", "scale_y", "scale_w", "scale_o", "scale_c", "scale_h",
                                        "scale_iw", "scale_hw", "scale_y_normal", "axis", "dim", "dims", "act_type"};
  if (std::find(std::begin(names), std::end(names), name) != std::end(names)) return true;
  return name.substr(0, 8) == "scale_x_" || (name.substr(0, 2) == "x_" && name.size() > 7 && name.substr(name.size() - 5) == "_bits");
}

/// Attributes of ONNX that the operators have with one value only.
struct usual {
  std::string_view name;
  double value;
};
inline constexpr usual usual_numbers[] = {{"zero_point", 0}, {"num_layers", 1}, {"keepdims", 1}, {"select_last_index", 0}, {"storage_order", 0},
                                          {"allowzero", 0}, {"unbiased", 1}, {"largest", 1}, {"sorted", 1}, {"layout", 0}, {"to", 0}, {"stash_type", 1}};

}  // namespace detail

/// The first attribute of a node that means something the operator has no place for; empty where all are taken.
template <class Op>
[[nodiscard]] std::string attribute_left(const Op& op, const spelled_node& n) {
  const auto known = [&](std::string_view name) {
    bool field = detail::says_nothing(name);
    for_each_field(op, [&](const auto& f, const auto&) { field = field || f.name == name; });
    return field;
  };
  for (const auto& [name, value] : n.numbers) {
    if (known(name)) continue;
    bool usual = false;
    for (const auto& u : detail::usual_numbers) usual = usual || (u.name == name && (name == "to" || (value.size() == 1 && value[0] == u.value)));
    if (!usual) return name;
  }
  for (const auto& [name, value] : n.texts) {
    if (known(name)) continue;
    const bool usual = (name == "auto_pad" && (value == "NOTSET" || value == "VALID")) || (name == "mode" && value == "Non_t710_mode");
    if (!usual) return name;
  }
  return {};
}

}  // namespace lnn::onnx
