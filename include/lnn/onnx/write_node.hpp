// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <map>
#include <set>

#include "../core/maths.hpp"
#include "constant.hpp"
#include "dialect.hpp"
#include "layer.hpp"

namespace lnn::onnx::detail {

/// A graph that is written: constants by name, each once.
class graph_writer {
 public:
  explicit graph_writer(message::GraphProto& g) : graph_(&g) {}

  [[nodiscard]] message::GraphProto& graph() { return *graph_; }
  /// A name that no tensor has yet; the wanted one where it is free.
  std::string fresh(std::string_view wanted) {
    std::string name(wanted.empty() ? "tensor" : wanted);
    for (int i = 1; !names_.insert(name).second; ++i) name = sentence(wanted, "#", i);
    return name;
  }
  /// The name under which a constant is in the file: parameters that share name and content are there once.
  std::string constant(std::string_view wanted, const integer_tensor& value) {
    const auto at = constants_.find(std::string(wanted));
    if (at != constants_.end() && at->second.mismatch(value) == value.size() && at->second.dims() == value.dims() && at->second.type() == value.type()) return at->first;
    const std::string name = fresh(wanted);
    constants_[name] = value;
    put_constant(*graph_->add_initializer(), name, value);
    return name;
  }

 private:
  message::GraphProto* graph_;
  std::set<std::string> names_;
  std::map<std::string, integer_tensor> constants_;
};

/// Numbers as a constant of a file.
template <class T>
integer_tensor line_of(const number_list& values) {
  integer_tensor t(dtype_of<T>, {static_cast<int>(values.size())}, 0);
  for (std::size_t i = 0; i < values.size(); ++i) t.as<T>()[i] = static_cast<T>(values[i]);
  return t;
}

/// The operator's fields: as attributes, or as constant inputs where files have them there.
template <class Op>
void put_fields(const Op& op, std::string_view layer, const grid_of& x, graph_writer& to, message::NodeProto& n) {
  attribute_writer a(n);
  const bool whole = pools_all(op);
  const auto is_input = [](std::string_view field) {
    if constexpr (Op::name == "squeeze" || Op::name == "unsqueeze" || Op::name == "split") return false;  // as opset 12 has them
    if constexpr (Op::name == "gather") return field == "indices";
    if constexpr (requires { Op::constant_inputs; }) return std::find(std::begin(Op::constant_inputs), std::end(Op::constant_inputs), field) != std::end(Op::constant_inputs);
    return false;
  };
  const Op usual{};
  for_each_field(op, [&](const auto& f, const auto& value) {
    if (f.from_weight || is_input(f.name) || is_told_otherwise(f.name)) return;
    const bool same = numbers(value) == numbers(usual.*f.where);
    if ((is_optional(f.name) || (whole && f.name != std::string_view("axis"))) && same) return;
    if (whole && (f.name == "kernel_shape" || f.name == "strides" || f.name == "pads")) return;
    if (numbers(value).empty()) return;
    a.field(f.name, value);
    if (f.name == "axis" && (Op::name == "concat" || Op::name == "softmax" || Op::name == "log_softmax")) a.field("dim", value);  // packers ask for it
  });
  if constexpr (requires { Op::constant_inputs; } || Op::name == "gather") {
    const auto put = [&](std::string_view field) {
      std::string name;
      for_each_field(op, [&](const auto& f, const auto& value) {
        if (f.name != field || !is_input(f.name)) return;
        using Value = std::remove_cvref_t<decltype(value)>;
        const number_list list = numbers(value);
        const std::string wanted = sentence(layer, ".", field);
        if constexpr (std::is_same_v<Value, float>) {
          const double raw = maths::ldexp(static_cast<double>(value), x.exponent);
          if (std::abs(raw) > 1e30) return;  // a bound that bounds nothing
          const bool on_grid = Op::name == "pad" && x.type == dtype::int8 && raw == maths::floor(raw) && raw >= -128 && raw <= 127;
          name = to.constant(wanted, on_grid ? line_of<std::int8_t>({raw}) : line_of<float>(list));
        } else if (!list.empty()) {
          name = to.constant(wanted, std::is_same_v<Value, real_list> ? line_of<float>(list) : Op::name == "top_n" ? line_of<std::int32_t>(list) : line_of<std::int64_t>(list));
        }
      });
      n.add_input(name);
    };
    if constexpr (Op::name == "gather") {
      if (!op.indices.empty()) put("indices");
    } else {
      for (const std::string_view field : Op::constant_inputs)
        if (is_input(field) || field == "roi") put(field);
    }
    while (n.input_size() > 0 && n.input(n.input_size() - 1).empty()) n.mutable_input()->RemoveLast();
  }
}

inline constexpr std::string_view quant_words[] = {"qshift_quant", "qmax_quant", "tf_quant", "normal_quant", "luna_quant"};
inline constexpr std::string_view mode_words[] = {"floor", "floor_add", "round", "ceil"};

/// The attributes of quantized nodes around the operator's own: chip, rounding, and where the tensors count.
template <class Ops, class Op>
void put_grids(const frozen<Ops>& m, const typename frozen<Ops>::layer& l, const Op& op, dialect d, message::NodeProto& n) {
  attribute_writer a(n);
  const bool old = d == dialect::thinker;
  const auto tensor = [&](int e) -> const auto& { return m.edges[static_cast<std::size_t>(e)]; };
  const auto &x = tensor(l.inputs[0]), &y = tensor(l.output);
  if (n.domain().empty()) {
    const bool starts = x.value || std::find(m.inputs.begin(), m.inputs.end(), l.inputs[0]) != m.inputs.end();
    if (starts && x.type != dtype::float32 && x.exponent != 0) a.scale("scale_x", x.exponent);  // nothing else may say it
    return;
  }
  if (!old) a.text("platform", m.target->name);
  const bool on_venus = m.target == &venus;
  const bool quant_words_count = on_venus || Op::grid_rule == grid::source;
  a.text("platform_quant", quant_words[quant_words_count && l.rounding_code >= 0 && l.rounding_code < 4 ? l.rounding_code : 4]);
  if (!old && Op::grid_rule != grid::source && Op::grid_rule != grid::real)
    a.text("quant_mode", mode_words[!on_venus && l.rounding_code >= 0 && l.rounding_code < 4 ? l.rounding_code : 1]);
  if constexpr (Op::grid_rule == grid::source) {
    a.whole("data_bits", bits_of(y.type));
    a.scale("scale_x", y.exponent);
    if (!old) a.whole("zero_point", 0);
    return;
  }
  if constexpr (Op::grid_rule == grid::real) return a.scale("scale_o", x.exponent);
  if constexpr (Op::name == "concat") {
    for (std::size_t i = 0; i < l.inputs.size(); ++i) {
      a.scale(sentence("scale_x_", i), tensor(l.inputs[i]).exponent);
      if (!old) a.whole(sentence("x_", i, "_bits"), bits_of(tensor(l.inputs[i]).type));
    }
  } else if constexpr (Op::grid_rule != grid::table) {
    a.scale("scale_x", x.exponent);
    a.whole(old ? "data_bits" : "x_bits", bits_of(x.type));
    if (l.inputs.size() > 1 && op.inputs() == 2 && index_inputs_in(op) == 0) {
      a.scale("scale_y", tensor(l.inputs[1]).exponent);
      if (!old) a.whole("y_bits", bits_of(tensor(l.inputs[1]).type));
    }
  }
  a.scale("scale_o", y.exponent);
  a.whole("o_bits", bits_of(y.type));
  if (l.parameters.empty()) return;
  a.whole(old ? "parameter_bits" : "w_bits", bits_of(l.parameters[0].type()));
  if constexpr (requires { op.state_exponent; }) {
    a.scale("scale_iw", l.parameters[0].exponent());
    a.scale("scale_hw", l.parameters[1].exponent());
    a.scale("scale_h", op.state_exponent);
    a.whole("num_layers", 1);
    a.whole("input_size", l.parameters[0].dims()[1]);
    if (!old) a.whole("has_hidden", op.initial_state);
  } else {
    a.scale("scale_w", l.parameters[0].exponent());
  }
  if constexpr (Op::name == "layer_norm")
    if (!old) a.scale("scale_y_normal", 10);
}

}  // namespace lnn::onnx::detail
