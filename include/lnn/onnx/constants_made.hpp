// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "fold_node.hpp"
#include "wires.hpp"

namespace lnn::onnx::detail {

/// The value of a Constant node.
inline integer_tensor value_of(const message::NodeProto& n, std::string_view place) {
  for (const auto& a : n.attribute()) {
    if (a.type() == message::AttributeProto::TENSOR) return constant_of(a.t(), place);
    if (a.name() == "value_int") return folded::scalar(static_cast<double>(a.i())).to_tensor();
    if (a.name() == "value_float") return folded::scalar(static_cast<double>(a.f()), true).to_tensor();
    if (a.name() == "value_ints") return folded::line({a.ints().begin(), a.ints().end()}).to_tensor();
    if (a.name() == "value_floats") return folded{{a.floats_size()}, true, {a.floats().begin(), a.floats().end()}}.to_tensor();
  }
  fail("the constant has no value");
}

inline integer_tensor shape_constant(const shape& dims) { return folded::line({dims.begin(), dims.end()}).to_tensor(); }

/// True for a constant that shapes or truth values are computed with, not weights on a grid.
inline bool is_plain(const wire& w, std::string_view op, std::size_t most) {
  if (w.scaled || w.constant->size() > most) return false;
  if (w.constant->type() != dtype::int8) return true;
  return op == "Where" || op == "Not" || op == "And" || op == "Or" || op == "Cast";
}

/// What a node of ONNX's own makes of constants of at most so many elements; nothing where an input is none, or the
/// operator is not one of shape arithmetic.
inline std::optional<std::vector<integer_tensor>> constants_made(const message::NodeProto& n, const spelled_node& spelled, const std::vector<const wire*>& in,
                                                                 std::size_t most, std::string_view place) {
  const std::string_view op = n.op_type();
  if (op == "Constant") return std::vector<integer_tensor>{value_of(n, place)};
  if (in.empty()) return {};
  std::vector<folded> values(in.size());
  std::vector<const folded*> given;
  for (const wire* w : in)
    if (w && (!w->constant || !is_plain(*w, op, most))) return {};
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i]) values[i] = folded::from(*in[i]->constant);
    given.push_back(in[i] ? &values[i] : nullptr);
  }
  std::optional<std::vector<folded>> made;
  if (op == "ConstantOfShape") {
    folded value = folded::scalar(0, true);
    for (const auto& a : n.attribute())
      if (a.name() == "value" && a.type() == message::AttributeProto::TENSOR) value = folded::from(constant_of(a.t(), place));
    if (value.v.size() != 1) fail("attribute value has ", value.v.size(), " elements, expected 1");
    made = std::vector<folded>{stretch({{}, value.real, value.v}, shape_from(need(given, 0)))};
  } else {
    made = fold(spelled, given);
  }
  if (!made) return {};
  std::vector<integer_tensor> out;
  for (const folded& f : *made) out.push_back(f.to_tensor());
  return out;
}

}  // namespace lnn::onnx::detail
