// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "../core/maths.hpp"
#include "../op/registry.hpp"
#include "../tensor/integer_view.hpp"

namespace lnn {

/// One tensor of a node as a file names it.
struct spelled_tensor {
  /// What it is to the node.  Constants become attributes where the operator has a place for them, and stay operands
  /// where it has none; `attribute` marks those that were used up.
  enum class use { input, parameter, constant, attribute };

  std::string name;
  use as = use::input;
  integer_view data{};  ///< shape, type and exponent; elements too where they never change
};

/// One node as files spell it: an operator's name, attributes by name, tensors in order.  What reads files makes these;
/// what follows below turns them into operators of the library.
struct spelled_node {
  std::string op;
  std::map<std::string, std::vector<double>, std::less<>> numbers;  ///< attributes that are a number or several
  std::map<std::string, std::string, std::less<>> texts;            ///< attributes in words
  std::vector<spelled_tensor> tensors;                              ///< without the outputs
  std::size_t outputs = 1;

  [[nodiscard]] const std::vector<double>* find(std::string_view attribute) const {
    const auto at = numbers.find(attribute);
    return at == numbers.end() ? nullptr : &at->second;
  }
  /// Attributes that are one number.
  [[nodiscard]] const double* number(std::string_view attribute) const {
    const auto* all = find(attribute);
    return all && all->size() == 1 ? all->data() : nullptr;
  }
};

namespace detail {

/// A double as an int; files write the end of an axis as the largest integer there is.
inline double within_int(double v) { return maths::isnan(v) ? 0 : std::clamp(v, -268435456.0, 268435456.0); }

/// Numbers that a list of constant indices can hold.
inline constexpr std::size_t longest_index = 8;

template <class Value>
inline constexpr bool is_real = std::is_same_v<Value, float> || std::is_same_v<Value, real_list>;

template <class Value>
bool set_numbers(Value& value, const std::vector<double>& from) {
  number_list list;
  for (double v : from) list.push_back(is_real<Value> ? v : within_int(v));
  return !list.overflow() && assign(value, list);
}

/// The elements of a constant.
inline std::vector<double> numbers_of(const spelled_tensor& t) {
  if (t.data.type == dtype::float64) fail("constant ", t.name, " has dtype ", name_of(t.data.type));
  std::vector<double> out;
  for (std::size_t i = 0; i < t.data.size(); ++i)
    out.push_back(t.data.type == dtype::float32 ? static_cast<double>(t.data.as<const float>()[i])
                                                : maths::ldexp(static_cast<double>(t.data.at(i)), -t.data.exponent));
  return out;
}

/// An attribute by the name of its field.  Where a field is called axis, dim or dims, other exporters may call it
/// another of these.
template <class Op>
const std::vector<double>* find_numbers(const Op& op, const spelled_node& n, std::string_view field) {
  if (const auto* said = n.find(field)) return said;
  constexpr std::string_view spellings[] = {"axis", "dim", "dims"};
  if (std::find(std::begin(spellings), std::end(spellings), field) == std::end(spellings)) return nullptr;
  for (const std::string_view name : spellings) {
    bool own = false;  // of another field
    for_each_field(op, [&](const auto& f, const auto&) { own = own || f.name == name; });
    const auto* said = own ? nullptr : n.find(name);
    if (said) return said;
  }
  return nullptr;
}

/// True when the operator can hold the attributes that the node has: some names are shared by operators on images and
/// on lines, whose attributes have other numbers of numbers.
template <class Op>
bool takes_attributes(Op op, const spelled_node& n) {
  bool takes = true;
  for_each_field(op, [&](const auto& field, auto& value) {
    const auto* said = find_numbers(op, n, field.name);
    takes = takes && (!said || set_numbers(value, *said));
  });
  return takes;
}

/// Of operators with one name, whether a node is this one's: what looks up rows of a table of its own has the table as
/// first tensor, a constant with two axes.
template <class Op>
bool is_meant(const spelled_node& n) {
  if constexpr ((index_inputs_of<Op> & 1U) != 0) {
    const auto* axis = n.find("axis");
    return n.tensors.size() > 1 && n.tensors[0].as != spelled_tensor::use::input && n.tensors[0].data.dims.rank() == 2 &&
           n.tensors[1].as == spelled_tensor::use::input && (!axis || (axis->size() == 1 && (*axis)[0] == 0));
  }
  return true;
}

}  // namespace detail

/// The kind of operator that a node is, with its attributes as they are by default; place 0 of the variant where none
/// has the name, or none that has it takes the attributes (then `named` tells).
template <class Ops>
[[nodiscard]] typename Ops::any kind_of(const spelled_node& n, bool& named) {
  typename Ops::any kind;
  named = false;
  Ops::for_each([&](const auto& op) {
    using Op = std::remove_cvref_t<decltype(op)>;
    const auto& names = Op::onnx_names;
    if (kind.index() != 0 || std::find(std::begin(names), std::end(names), n.op) == std::end(names)) return;
    if (!detail::is_meant<Op>(n)) return;
    named = true;
    if (detail::takes_attributes(op, n)) kind = op;
  });
  return kind;
}

namespace detail {

/// Fields that the operator's files give as constant inputs behind the activations, by name and in order.  A tensor
/// without a name is one that the file leaves out.
template <class Op>
void set_from_inputs(Op& op, spelled_node& n) {
  if constexpr (requires { Op::constant_inputs; }) {
    std::size_t place = 0, used = 0;
    for (spelled_tensor& t : n.tensors) {
      if (place++ < static_cast<std::size_t>(op.inputs())) continue;
      if (used == std::size(Op::constant_inputs)) fail("input ", t.name, " is one too many");
      const std::string_view name = Op::constant_inputs[used++];
      const bool there = t.data.data != nullptr;
      if (!there && t.as == spelled_tensor::use::input) fail("input ", t.name, " (", name, ") is no constant; only constant ones can be read");
      t.as = spelled_tensor::use::attribute;
      if (!there) continue;
      const std::vector<double> from = numbers_of(t);
      for_each_field(op, [&](const auto& field, auto& value) {
        if (field.name == name && !from.empty() && !set_numbers(value, from))
          fail("input ", t.name, " is no ", field.name, ": ", from.size(), " numbers");
      });
    }
  }
}

/// Constant indices behind what they look into: an attribute, whatever they were, where it has room for them, else an
/// operand.
template <class Op>
void find_indices(spelled_node& n) {
  if constexpr ((index_inputs_of<Op> & 1U) != 0) return;
  std::size_t place = 0;
  for (spelled_tensor& t : n.tensors) {
    const bool counts = (index_inputs_of<Op> >> place++ & 1U) != 0;
    if (!counts || t.as == spelled_tensor::use::input || t.data.type >= dtype::float32) continue;
    const bool fits = t.data.dims.rank() < 2 && t.data.dims.size() <= longest_index;
    t.as = fits ? spelled_tensor::use::constant : spelled_tensor::use::input;
  }
}

}  // namespace detail

/// Sets the operator's attributes: by name; what the attributes leave unsaid is taken from the constants behind the first
/// tensor, in order, unless the operator names its constant inputs.
/// Constants that are no attribute stay and are operands.  Fails, as one sentence, where a number fits no attribute.
template <class Op>
void set_fields(Op& op, spelled_node& n) {
  detail::find_indices<Op>(n);
  if constexpr (requires { op.spelled(std::string_view{}); }) op.spelled(n.op);
  detail::set_from_inputs(op, n);
  std::vector<spelled_tensor*> constants;
  if constexpr (!requires { Op::constant_inputs; })
    for (spelled_tensor& t : n.tensors)
      if (t.as == spelled_tensor::use::constant && &t != n.tensors.data()) constants.push_back(&t);
  std::size_t used = 0;
  for_each_field(op, [&](const auto& field, auto& value) {
    if constexpr (requires { assign(value, std::string_view{}); }) {
      const auto word = n.texts.find(field.name);
      if (word == n.texts.end()) return;
      if (!assign(value, std::string_view(word->second))) fail("attribute ", field.name, " cannot be ", word->second);
    } else {
      const auto* said = detail::find_numbers(op, n, field.name);
      if (!said && (field.from_weight || used == constants.size())) return;
      const std::vector<double> from = said ? *said : detail::numbers_of(*constants[used]);
      if (!said) constants[used++]->as = spelled_tensor::use::attribute;
      if (!detail::set_numbers(value, from)) fail("attribute ", field.name, " does not take ", from.size(), " numbers");
    }
  });
  if constexpr (requires { op.state_exponent; op.final_state; }) {
    // recurrent layers: the exponent of the state is a scale in the file, and the tensors tell which of them there are
    const double* scale = n.number("scale_h");
    if (scale && *scale > 0) op.state_exponent = maths::ilogb(*scale);
    std::size_t inputs = 0;
    for (const spelled_tensor& t : n.tensors)
      if (t.as == spelled_tensor::use::input && ++inputs == 2) op.lengths = t.data.dims.rank() == 1;
    op.initial_state = inputs > (op.lengths ? 2U : 1U);
    op.final_state = n.outputs > 1;
  }
}

/// The parameters that a frozen layer of an operator has: without running statistics.
template <class Op>
[[nodiscard]] parameter_list frozen_parameters(const Op& op, std::span<const shape> in) {
  parameter_list kept;
  for (const parameter& p : op.parameters(in))
    if (trained(p.kind)) kept.push_back(p);
  return kept;
}

/// Why the parameters of a node are not those of the operator; empty where they are.  Files write several axes as one.
template <class Op>
[[nodiscard]] std::string misfit(const Op& op, std::span<const shape> in, std::span<const shape> parameters) {
  const parameter_list wanted = frozen_parameters(op, in);
  if (wanted.size() != parameters.size())
    return sentence("the operator takes ", wanted.size(), " parameters, there are ", parameters.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const bool merged = wanted[i].dims.rank() == 1 && parameters[i].size() == wanted[i].dims.size();
    if (!merged && !(wanted[i].dims == parameters[i]))
      return sentence(wanted[i].name, " must be ", wanted[i].dims, ", it is ", parameters[i]);
  }
  return {};
}

/// Sets what files do not say but the shapes of the parameters do: output features, and whether there is a bias.  Fails
/// where no setting fits.
template <class Op>
void set_from_shapes(Op& op, std::span<const shape> in, std::span<const shape> parameters) {
  if (!parameters.empty()) {
    if constexpr (requires { op.sized_by(in, parameters[0]); }) op.sized_by(in, parameters[0]);
    if constexpr (requires { { op.bias } -> std::same_as<bool&>; }) {
      op.bias = true;
      op.bias = frozen_parameters(op, in).size() <= parameters.size();
    }
    if constexpr (requires { { op.out } -> std::same_as<int&>; }) {
      int groups = 1;
      if constexpr (requires { op.group; }) groups = op.group;
      const Op before = op;
      for (const shape& p : parameters)
        for (int features : p)
          for (int times : {1, groups}) {
            if (features < 1 || times < 1 || features > (1 << 24) / times) continue;
            op.out = features * times;
            verdict found;  // a wrong number of features may not even have a weight
            found.layer = Op::name;
            (void)result_of(op, in, found);
            if (found.clean() && misfit(op, in, parameters).empty()) return;
          }
      op = before;
      for (int features : parameters[0]) op.out = std::max(op.out, features);
    }
  }
  verdict found;
  found.layer = Op::name;
  (void)results_of(op, in, found);
  if (!found.clean()) fail(found.refused().front().sentence().view());
  if (const std::string why = misfit(op, in, parameters); !why.empty()) fail(why);
}

}  // namespace lnn
