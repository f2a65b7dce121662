// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <concepts>
#include <span>
#include <string_view>

#include "../chip/chip.hpp"
#include "../grad/call.hpp"
#include "../limit/supported.hpp"
#include "../luna/call.hpp"
#include "../rule/verdict.hpp"
#include "field.hpp"

namespace lnn {

/// What a parameter is for; decides how it starts, is clamped, quantized and decayed.
enum class role {
  weight,    ///< uniform in +-sqrt(6 / fan_in); quantized with the weight bits
  bias,      ///< zero; int32 at exponent q_x + q_w
  gain,      ///< one: gamma of a normalization
  offset,    ///< zero: beta of a normalization
  mean,      ///< zero; running statistic, not trained
  variance,  ///< one; running statistic, not trained
};
[[nodiscard]] constexpr bool trained(role r) { return r != role::mean && r != role::variance; }

struct parameter {
  std::string_view name;
  role kind;
  shape dims;
};
using parameter_list = list<parameter, 8>;

/// How the exponent of an output follows from those of the inputs (and of the weight).  Limits keep every shift of
/// the chip's arithmetic from being negative.
enum class grid {
  keep,         ///< the input's own exponent and type: relu, max pooling, reshape
  at_most_sum,  ///< free up to the sum of the operands' exponents: products
  at_most_min,  ///< free up to the least of the inputs' exponents: add, concat
  source,       ///< real numbers in, integers out, any exponent: quant
  real,         ///< integers in, real numbers out: dequant
};

/// What every operator owes the rest of the library.  The arithmetic (templates over the call types of grad/call.hpp
/// and luna/call.hpp):
///   forward(const forward_call<T, K>&) const
///   backward(const backward_call<T, K>&) const
///   integer(const integer_call<K>&) const
template <class Op>
concept operator_like =
    std::copyable<Op> && requires(const Op op, std::span<const shape> in, const chip& on, verdict& found) {
      { Op::name } -> std::convertible_to<std::string_view>;
      { Op::onnx_names[0] } -> std::convertible_to<std::string_view>;
      { Op::arithmetic } -> std::convertible_to<std::string_view>;  // the integer kernel's formula, for documents
      { Op::grid_rule } -> std::convertible_to<grid>;
      { Op::rules } -> std::convertible_to<std::span<const rule* const>>;  // what it can report beside limit::common_rules
      Op::fields;
      { op.inputs() } -> std::same_as<int>;               // number of activations; -1: one or more
      { op.result(in, found) } -> std::same_as<shape>;    // reports shapes that do not fit
      { op.parameters(in) } -> std::same_as<parameter_list>;
      { op.check(in, on, found) };                        // hardware rules; shapes are known to fit
    };

/// An operator's rules: those of its shapes, and those of the room limit.
template <std::size_t A, std::size_t B>
[[nodiscard]] constexpr std::array<const rule*, A + B> joined(const rule* const (&a)[A], const rule* const (&b)[B]) {
  std::array<const rule*, A + B> all{};
  for (std::size_t i = 0; i < A; ++i) all[i] = a[i];
  for (std::size_t i = 0; i < B; ++i) all[A + i] = b[i];
  return all;
}

/// Kernels that copy elements as they are ask that the types agree; networks are built so that they do.
inline void require_type(std::string_view op, const integer_view& v, dtype wanted) {
  if (v.type != wanted) fail(op, ": element type ", name_of(v.type), " where ", name_of(wanted), " is needed");
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

/// Asks the shape rules of an operator: wrong number of inputs, then what the operator itself says.
/// An empty shape (rank 0, no elements) stands for "could not be computed".
inline constexpr rule input_count{"network.input_count", "number of inputs", "",
                                  "give it as many as the operator takes", "输入个数", "传入该算子所需个数的输入"};
template <class Op>
[[nodiscard]] constexpr shape result_of(const Op& op, std::span<const shape> in, verdict& found) {
  if (op.inputs() >= 0 ? in.size() != static_cast<std::size_t>(op.inputs()) : in.empty()) {
    found.equal(input_count, static_cast<long long>(in.size()), op.inputs() < 0 ? 1 : op.inputs());
    return {};
  }
  return op.result(in, found);
}

}  // namespace lnn
