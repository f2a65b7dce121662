// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <optional>
#include <span>
#include <string_view>

#include <vector>

#include "../chip/chip.hpp"
#include "../core/algorithm.hpp"
#include "../grad/call.hpp"
#include "../limit/facts.hpp"
#include "../limit/supported.hpp"
#include "../luna/call.hpp"
#include "../rule/verdict.hpp"
#include "field.hpp"

namespace lnn {

/// What a parameter is for; decides how it starts, is clamped, quantized and decayed.
enum class role {
  weight,    ///< uniform in +-sqrt(6 / fan_in); quantized with the weight bits and a scale of its own
  bias,      ///< zero; int32 at an exponent that follows from others, see bias_exponent_of
  gain,      ///< one: gamma of a normalization; quantized as a weight
  offset,    ///< zero: beta of a normalization; quantized as a bias
  mean,      ///< zero; running statistic, not trained
  variance,  ///< one; running statistic, not trained
};
[[nodiscard]] constexpr bool trained(role r) { return r != role::mean && r != role::variance; }

struct parameter {
  std::string_view name;
  role kind;
  shape dims;
};
inline constexpr std::size_t most_parameters = 12;
using parameter_list = list<parameter, most_parameters>;
using shape_list = list<shape, 16>;

/// True for parameters with a scale of their own; the other trained ones are 32-bit integers at a derived exponent.
[[nodiscard]] constexpr bool scaled(role r) { return r == role::weight || r == role::gain; }

/// How the exponent of an output follows from those of the inputs (and of the weight).  Limits keep every shift of
/// the chip's arithmetic from being negative.
enum class grid {
  keep,         ///< the input's own exponent and type: relu, max pooling, reshape
  at_most_sum,  ///< free up to the sum of the operands' exponents: products
  at_most_min,  ///< free up to the least of the inputs' exponents: add, concat
  at_most,      ///< free up to what the operator's greatest_exponent(exponents) says
  unit,         ///< values in [-1, 1]: exponent 7 in 8 bits, 15 in more: sigmoid, softmax, outputs of recurrent layers
  table,        ///< the weight's own exponent and type: look-ups
  index,        ///< counts and places: int32 at exponent 0
  source,       ///< real numbers in, integers out, any exponent: quant
  real,         ///< integers in, real numbers out: dequant
};

/// True when the output has a range of its own, which training finds.
[[nodiscard]] constexpr bool is_free(grid g) {
  return g == grid::at_most_sum || g == grid::at_most_min || g == grid::at_most || g == grid::source;
}

/// Integers of a width and an exponent that the chip prescribes.
struct fixed_grid {
  int bits, exponent;
  friend constexpr bool operator==(const fixed_grid&, const fixed_grid&) = default;
};

/// Exponents around one layer: of its activations and of its parameters (0 for those without a scale of their own).
struct exponents {
  std::span<const int> in, parameters;
};

/// What is known of the tensors of one layer when its hardware rules are asked: the shapes always, widths and exponents
/// once the network is quantized, where they lie and by which limits once it is packed.
struct layer_tensors {
  std::span<const limit::operand> in, out, parameters;
  limit::packing options{};

  [[nodiscard]] constexpr const shape& x() const { return in[0].dims; }
  /// The start of a question to the room limit: name, activations and first output.
  [[nodiscard]] constexpr limit::facts facts(std::string_view op) const {
    limit::facts f{.op = op, .in = in};
    if (!out.empty()) f.out = out[0];
    f.options = options;
    return f;
  }
};

/// What every operator owes the rest of the library.  The arithmetic (templates over the call types of grad/call.hpp
/// and luna/call.hpp):
///   forward(const forward_call<T, K>&) const
///   backward(const backward_call<T, K>&) const
///   integer(const integer_call<K>&) const
///
/// What an operator may say besides:
///   results(in, found) -> shape_list and outputs() -> int, in place of result: more than one output
///   output_grid(i, const chip&) -> std::optional<fixed_grid>: of a further output, where it is not that of the first
///   bias_exponent(i, const exponents&) -> int: exponent of parameter i, where it is not q_x + q_w
///   greatest_exponent(const exponents&) -> int: with grid::at_most
///   constant `index_inputs`: bit i set where input i counts places and is int32 at exponent 0; then also
///   index_limit(in) -> int: indices lie below it
///   indices() -> unsigned: in place of `index_inputs`, where the attributes decide which inputs count places
///   input_grid(i, const chip&) -> std::optional<fixed_grid>: of an input that need not have the first one's type
///   constant `moves_grid`: with grid::keep or at_most_min, where the integer kernel takes any exponent of the output: files
///   may hold such layers although training makes none; the operator's own rules judge them
///   integer_channels_last(const integer_call<K>&) const: integer() for images that lie with their channels innermost, inputs
///   and outputs alike (sim/layout.hpp); shapes still say [n, c, rows, columns]
///   saved(in) -> std::size_t: numbers that forward leaves for backward
///   facts(const layer_tensors&) -> limit::facts: the layer as the packer sees it; an operator without is none of its
///   constant `constant_inputs`: names of the fields that ONNX files give as constant inputs behind the activations, in
///   their order; older files write the same as attributes
template <class Op>
concept operator_like =
    std::is_copy_constructible_v<Op> && std::is_copy_assignable_v<Op> && requires(const Op op, std::span<const shape> in, const layer_tensors& t, const chip& on, verdict& found) {
      { Op::name } -> std::convertible_to<std::string_view>;
      { Op::onnx_names[0] } -> std::convertible_to<std::string_view>;
      { Op::arithmetic } -> std::convertible_to<std::string_view>;  // the integer kernel's formula, for documents
      { Op::grid_rule } -> std::convertible_to<grid>;
      { Op::rules } -> std::convertible_to<rule_list>;        // what it can report beside limit::common_rules
      Op::fields;
      { op.inputs() } -> std::same_as<int>;               // number of activations; -1: one or more
      requires requires { { op.result(in, found) } -> std::same_as<shape>; } ||  // reports shapes that do not fit
                   requires { { op.results(in, found) } -> std::same_as<shape_list>; op.outputs(); };
      { op.parameters(in) } -> std::same_as<parameter_list>;
      { op.check(t, on, found) };                         // hardware rules; shapes are known to fit
    };

/// Kernels that copy elements as they are ask that the types agree; networks are built so that they do.
inline void require_type(std::string_view op, const integer_view& v, dtype wanted) {
  if (v.type != wanted) fail(op, ": element type ", name_of(v.type), " where ", name_of(wanted), " is needed");
}

/// A layer as the packer sees it: its operator's name there and its attributes.
template <class Op>
[[nodiscard]] constexpr limit::facts facts_of(const Op& op, const layer_tensors& t) {
  if constexpr (requires { op.facts(t); }) return op.facts(t);
  else return t.facts(Op::name);
}

/// Numbers that forward keeps for backward.
template <class Op>
[[nodiscard]] constexpr std::size_t saved_numbers(const Op& op, std::span<const shape> in) {
  if constexpr (requires { op.saved(in); }) return op.saved(in);
  else return 0;
}

/// True when the chip can clamp at zero within the operator.
template <class Op>
inline constexpr bool fuses_relu = requires { Op::relu_can_be_fused; };

/// True when the float operator can clamp at zero within itself, which saves training a pass over memory.
template <class Op>
inline constexpr bool joins_relu = requires { Op::trains_with_relu; };

/// True when a batch norm behind the operator can be folded into its weight (output channels are weight axis 0).
template <class Op>
inline constexpr bool folds_batch_norm = requires { Op::batch_norm_can_be_folded; };

/// True when the operator ends in an activation of its own, so that nothing linear behind it can be taken into it.
template <class Op>
[[nodiscard]] constexpr bool is_bent(const Op& op) {
  if constexpr (requires { op.slope; }) return op.slope != 0;
  else return false;
}

/// Exponent of a parameter without a scale of its own (luna_ops.md 3.1: q_x + q_w).
template <class Op>
[[nodiscard]] constexpr int bias_exponent_of(const Op& op, std::size_t parameter, const exponents& q) {
  if constexpr (requires { op.bias_exponent(parameter, q); }) return op.bias_exponent(parameter, q);
  else return q.in[0] + q.parameters[0];
}

/// The greatest exponent that the output may have without a shift to the left.
template <class Op>
[[nodiscard]] constexpr int greatest_exponent_of(const Op& op, const exponents& q) {
  if constexpr (Op::grid_rule == grid::at_most) return op.greatest_exponent(q);
  int sum = 0, least = q.in.empty() ? 0 : q.in[0];
  for (int e : q.in) sum += e, least = std::min(least, e);
  for (int e : q.parameters) sum += e;
  return Op::grid_rule == grid::at_most_sum ? sum : least;
}

/// Bit i is set where input i counts places.
template <class Op>
inline constexpr unsigned index_inputs_of = 0;
template <class Op>
  requires requires { Op::index_inputs; }
inline constexpr unsigned index_inputs_of<Op> = Op::index_inputs;

/// The same for one operator, whose attributes may decide it.
template <class Op>
[[nodiscard]] constexpr unsigned index_inputs_in(const Op& op) {
  if constexpr (requires { op.indices(); }) return op.indices();
  else return index_inputs_of<Op>;
}

/// What a chip prescribes for one input; nothing where it is like the first.
template <class Op>
[[nodiscard]] constexpr std::optional<fixed_grid> input_grid_of(const Op& op, std::size_t input, const chip& on) {
  if constexpr (requires { op.input_grid(input, on); }) return op.input_grid(input, on);
  else return {};
}

/// True when the kernel moves between grids although training keeps them.
template <class Op>
inline constexpr bool moves_grid = requires { Op::moves_grid; };

/// Number of outputs.
template <class Op>
[[nodiscard]] constexpr std::size_t outputs_of(const Op& op) {
  if constexpr (requires { op.outputs(); }) return static_cast<std::size_t>(op.outputs());
  else return 1;
}

inline constexpr rule input_count{"network.input_count", "number of inputs", "",
                                  "give it as many as the operator takes", "输入个数", "传入该算子所需个数的输入"};

/// Asks the shape rules of an operator: wrong number of inputs, then what the operator itself says.
/// Nothing, or empty shapes (rank 0, no elements), stand for "could not be computed".
template <class Op>
[[nodiscard]] constexpr shape_list results_of(const Op& op, std::span<const shape> in, verdict& found) {
  if (op.inputs() >= 0 ? in.size() != static_cast<std::size_t>(op.inputs()) : in.empty()) {
    found.equal(input_count, static_cast<long long>(in.size()), op.inputs() < 0 ? 1 : op.inputs());
    return {};
  }
  if constexpr (requires { op.results(in, found); }) return op.results(in, found);
  else return {op.result(in, found)};
}
/// The first output's shape.
template <class Op>
[[nodiscard]] constexpr shape result_of(const Op& op, std::span<const shape> in, verdict& found) {
  const shape_list all = results_of(op, in, found);
  return all.empty() ? shape{} : all[0];
}

/// The tensors of a layer that is not quantized yet: shapes only.
class layer_shapes {
 public:
  template <class Op>
  constexpr layer_shapes(const Op& op, std::span<const shape> in, std::span<const shape> out) {
    const parameter_list own = op.parameters(in);
    inputs_ = in.size();
    outputs_ = out.size();
    all_.resize(inputs_ + outputs_ + own.size());
    limit::operand* next = all_.data();
    for (const shape& s : in) (next++)->dims = s;
    for (const shape& s : out) (next++)->dims = s;
    for (const parameter& p : own) (next++)->dims = p.dims;
  }
  [[nodiscard]] constexpr layer_tensors view() const {
    const std::span<const limit::operand> all = all_;
    return {all.first(inputs_), all.subspan(inputs_, outputs_), all.subspan(inputs_ + outputs_)};
  }

 private:
  std::vector<limit::operand> all_;  // one piece of memory: compilers count every step of a constant
  std::size_t inputs_ = 0, outputs_ = 0;
};

}  // namespace lnn
