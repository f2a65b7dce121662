// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/maths.hpp"
#include "../graph/frozen.hpp"
#include "message.hpp"

namespace lnn::onnx {

/// The spellings of quantized networks: linger 1.x (operators of the domain thinker, for venus only) and 3.x (domain
/// linger, for every chip).
enum class dialect { thinker, linger };

namespace detail {

/// Operators that ONNX itself has and that move integers as they are.
inline bool is_standard(std::string_view op) {
  constexpr std::string_view names[] = {"Relu", "MaxPool", "GlobalMaxPool", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Split",
                                        "Expand", "Tile", "Clip", "Resize", "Shape", "Cast", "ArgMax"};
  return std::find(std::begin(names), std::end(names), op) != std::end(names);
}
/// "QConv2d", not "Quant".
inline bool is_linger(std::string_view name) { return name.size() > 1 && name[0] == 'Q' && name[1] >= 'A' && name[1] <= 'Z'; }

/// Pooling over whole images or lines: a kernel of 0.
template <class Op>
bool pools_all(const Op& op) {
  if constexpr (requires(Op made) { made.kernel; made.spelled(std::string_view{}); }) {
    const auto kernel = numbers(op.kernel);
    return std::all_of(kernel.begin(), kernel.end(), [](double k) { return k == 0; });
  }
  return false;
}

/// How a dialect calls an operator.  Packers know neither QLayerNorm nor QEmbedding.
template <class Op>
std::string_view name_in(dialect d, const Op& op) {
  const std::span<const std::string_view> names = Op::onnx_names;
  if constexpr (requires(Op made) { made.spelled(names[0]); })  // pooling over whole images has names of its own
    for (const std::string_view name : names) {
      Op made;
      made.spelled(name);
      if (pools_all(op) && pools_all(made)) return name;
    }
  if constexpr (Op::name == "embedding" || Op::name == "layer_norm") return names.back();
  for (const std::string_view name : names)
    if (is_linger(name) == (d == dialect::linger) || is_standard(name) || name == "Quant" || name == "Dequant") return name;
  return names[0];
}

/// Attributes by name.
class attribute_writer {
 public:
  explicit attribute_writer(message::NodeProto& n) : node_(&n) {}
  void whole(std::string_view name, std::int64_t value) { add(name, message::AttributeProto::INT).set_i(value); }
  void real(std::string_view name, double value) { add(name, message::AttributeProto::FLOAT).set_f(static_cast<float>(value)); }
  void scale(std::string_view name, int exponent) { real(name, maths::ldexp(1.0, exponent)); }
  void text(std::string_view name, std::string_view value) { add(name, message::AttributeProto::STRING).set_s(std::string(value)); }
  template <class List>
  void wholes(std::string_view name, const List& values) {
    auto& a = add(name, message::AttributeProto::INTS);
    for (const auto v : values) a.add_ints(static_cast<std::int64_t>(v));
  }
  template <class List>
  void reals(std::string_view name, const List& values) {
    auto& a = add(name, message::AttributeProto::FLOATS);
    for (const auto v : values) a.add_floats(static_cast<float>(v));
  }

  /// A field of an operator as its type asks.
  template <class Value>
  void field(std::string_view name, const Value& value) {
    if constexpr (worded<Value>) text(name, word_of(value));
    else if constexpr (std::is_same_v<Value, float>) real(name, static_cast<double>(value));
    else if constexpr (std::is_same_v<Value, real_list>) reals(name, numbers(value));
    else if constexpr (std::is_same_v<Value, int> || std::is_same_v<Value, bool>) whole(name, static_cast<std::int64_t>(value));
    else wholes(name, numbers(value));
  }

 private:
  message::AttributeProto& add(std::string_view name, message::AttributeProto::AttributeType type) {
    auto& a = *node_->add_attribute();
    a.set_name(std::string(name));
    a.set_type(type);
    return a;
  }
  message::NodeProto* node_;
};

/// Fields that files do not have as attributes: tensors or scales tell them.
inline bool is_told_otherwise(std::string_view field) {
  constexpr std::string_view names[] = {"lengths", "initial_state", "final_state", "state_exponent", "bidirectional"};
  return std::find(std::begin(names), std::end(names), field) != std::end(names);
}
/// Fields that packers do not ask for: written where they are not what they are by default.
inline bool is_optional(std::string_view field) {
  constexpr std::string_view names[] = {"epsilon", "momentum", "slope", "divisor_override", "count_include_pad"};
  return std::find(std::begin(names), std::end(names), field) != std::end(names);
}
}  // namespace detail

}  // namespace lnn::onnx
