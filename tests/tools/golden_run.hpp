// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <lnn/core/parallel.hpp>
#include <lnn/op/registry.hpp>

#include "golden_case.hpp"

namespace golden {

namespace detail {

/// A double as an int; files write the end of an axis as the largest integer there is.
inline double within_int(double v) { return std::isnan(v) ? 0 : std::clamp(v, -268435456.0, 268435456.0); }

/// Numbers that an attribute can hold (lnn::number_list).
inline constexpr std::size_t longest_attribute = 8;

template <class Value>
bool set(Value& value, const std::vector<double>& from) {
  lnn::number_list list;
  for (double v : from) list.push_back(std::is_same_v<Value, float> ? v : within_int(v));
  return !list.overflow() && lnn::assign(value, list);
}

/// True when the operator can hold the attributes that the case has: some names are shared by operators on images and
/// on lines, whose attributes have other numbers of numbers.
template <class Op>
bool takes_attributes(Op op, const test_case& c) {
  bool takes = true;
  lnn::for_each_field(op, [&](const auto& field, auto& value) {
    const auto* said = c.find(std::string(field.name));
    takes = takes && (!said || set(value, *said));
  });
  return takes;
}

inline std::vector<double> numbers_of(tensor& t) {
  std::vector<double> out;
  const lnn::integer_view v = t.view();
  if (t.type >= lnn::dtype::float32) lnn::fail("constant ", t.name, " has dtype ", lnn::name_of(t.type));
  for (std::size_t i = 0; i < v.size(); ++i) out.push_back(static_cast<double>(v.at(i)));
  return out;
}

/// Constant indices behind what they look into: an attribute, whatever their role, where it has room for them, else an
/// operand.
template <class Op>
void find_indices(test_case& c) {
  if constexpr ((lnn::index_inputs_of<Op> & 1U) != 0) return;
  std::size_t place = 0;
  for (tensor& t : c.tensors) {
    const bool counts = (lnn::index_inputs_of<Op> >> place++ & 1U) != 0;
    if (!counts || t.role == "input" || t.role == "output" || t.type >= lnn::dtype::float32) continue;
    t.role = t.dims.size() <= longest_attribute ? "const" : "input";
  }
}

/// Attributes by name; what they leave unsaid is taken from the constant inputs, in order.  Constants that are no
/// attribute stay and are operands.
template <class Op>
void set_fields(Op& op, test_case& c) {
  if constexpr (requires { op.spelled(std::string_view{}); }) op.spelled(c.onnx_op);
  std::vector<tensor*> constants;
  for (tensor& t : c.tensors)
    if (t.role == "const") constants.push_back(&t);
  std::size_t used = 0;
  lnn::for_each_field(op, [&](const auto& field, auto& value) {
    const auto* said = c.find(std::string(field.name));
    if (!said && used == constants.size()) return;
    const std::vector<double> from = said ? *said : numbers_of(*constants[used]);
    if (!said) constants[used++]->role = "attribute";
    if (!set(value, from)) lnn::fail("attribute ", field.name, " does not take ", from.size(), " numbers");
  });
}

/// Facts that files do not say but the shapes of weight and output do: output features, and whether there is a bias.
template <class Op>
void set_from_shapes(Op& op, std::span<const lnn::shape> in, const lnn::shape& weight, const lnn::shape& out,
                     bool has_bias) {
  if constexpr (requires { op.sized_by(in, weight); }) op.sized_by(in, weight);
  if constexpr (requires {
                  { op.bias } -> std::same_as<bool&>;
                })
    op.bias = has_bias;
  if constexpr (requires {
                  { op.out } -> std::same_as<int&>;
                }) {
    std::string reason;
    for (int features : out) {
      op.out = features;
      lnn::verdict found;
      found.layer = Op::name;
      if (!(lnn::result_of(op, in, found) == out)) {
        if (!found.clean()) reason = found.refused().front().sentence().view();
        continue;
      }
      const auto parameters = op.parameters(in);
      if (!parameters.empty() && parameters[0].dims == weight) return;
    }
    if (!reason.empty()) lnn::fail(reason);
    lnn::fail("weight ", weight, " does not fit an input of ", in[0], " and an output of ", out);
  }
}

/// Recurrent layers: the exponent of the state is a scale in the file, and the tensors tell which of them there are.
template <class Op>
void set_from_tensors(Op& op, const test_case& c) {
  if constexpr (requires { op.state_exponent; op.final_state; }) {
    const auto* scale = c.find("scale_h");
    if (scale && scale->size() == 1 && (*scale)[0] > 0) op.state_exponent = std::ilogb((*scale)[0]);
    std::size_t inputs = 0, outputs = 0;
    for (const tensor& t : c.tensors) {
      if (t.role == "output") ++outputs;
      if (t.role != "input") continue;
      if (++inputs == 2) op.lengths = t.dims.rank() == 1;
    }
    op.initial_state = inputs > (op.lengths ? 2U : 1U);
    op.final_state = outputs > 1;
  }
}

/// Bias is 32-bit in every kernel; narrower ones are widened.
inline void widen(tensor& t) {
  if (t.type == lnn::dtype::int32) return;
  if (t.type >= lnn::dtype::int64) lnn::fail("bias ", t.name, " has dtype ", lnn::name_of(t.type));
  std::vector<unsigned char> wide(std::max<std::size_t>(t.dims.size(), 1) * 4);
  for (std::size_t i = 0; i < t.dims.size(); ++i) {
    const auto v = static_cast<std::int32_t>(t.view().at(i));
    std::memcpy(wide.data() + 4 * i, &v, 4);
  }
  t.bytes = wide;
  t.type = lnn::dtype::int32;
}

inline tensor like(const tensor& expected) {
  tensor t = expected;
  std::fill(t.bytes.begin(), t.bytes.end(), static_cast<unsigned char>(0));
  return t;
}

/// One operator on tensors that are already there.
template <class Kernels, class Op>
void call(const Op& op, const lnn::chip& on, std::span<const lnn::integer_view> in,
          std::span<const lnn::integer_view> out, bool relu, lnn::pool& workers) {
  op.integer(lnn::integer_call<Kernels>{in, out, on, relu, nullptr, workers});
}

template <class Op>
void check_results(const Op& op, std::span<const lnn::shape> in, std::span<const lnn::shape> expected) {
  lnn::verdict found;
  found.layer = Op::name;
  const lnn::shape_list made = lnn::results_of(op, in, found);
  if (!found.clean()) lnn::fail(found.refused().front().sentence().view());
  if (made.size() < expected.size())
    lnn::fail("the operator has ", made.size(), " outputs, the case says ", expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (!(made[i] == expected[i])) lnn::fail("the operator's output is ", made[i], ", the case says ", expected[i]);
}
template <class Op>
void check_result(const Op& op, std::span<const lnn::shape> in, const lnn::shape& expected) {
  check_results(op, in, std::span(&expected, 1));
}

template <class Kernels, class Op>
std::vector<tensor> compute_with(Op op, test_case& c, const lnn::chip& on, lnn::pool& workers) {
  find_indices<Op>(c);
  set_fields(op, c);
  std::vector<tensor*> given;
  std::vector<tensor> results;
  bool has_bias = false;
  for (tensor& t : c.tensors) {
    if (t.role == "output")
      results.push_back(like(t));
    else if (t.role != "attribute")
      given.push_back(&t);
    has_bias = has_bias || t.role == "bias";
  }
  if (results.empty()) lnn::fail("the case has no output");
  set_from_tensors(op, c);
  // a table may stand before the indices that look into it: activations come first
  const auto is_input = [](const tensor* t) { return t->role == "input"; };
  if (std::count_if(given.begin(), given.end(), is_input) == op.inputs())
    std::stable_partition(given.begin(), given.end(), is_input);
  const std::size_t activations = op.inputs() < 0 ? given.size() : static_cast<std::size_t>(op.inputs());
  if (given.size() < activations || given.empty())
    lnn::fail("the operator takes ", activations, " inputs, the case has ", given.size());
  std::vector<lnn::shape> shapes;
  for (std::size_t i = 0; i < activations; ++i) shapes.push_back(given[i]->dims);
  if (given.size() > activations)
    set_from_shapes(op, shapes, given[activations]->dims, results[0].dims, has_bias);
  std::vector<lnn::shape> result_shapes;
  for (const tensor& t : results) result_shapes.push_back(t.dims);
  check_results(op, shapes, result_shapes);
  std::size_t place = activations;
  for (const lnn::parameter& p : op.parameters(shapes)) {
    if (!lnn::trained(p.kind)) continue;
    if (place == given.size()) lnn::fail("the case has no ", p.name);
    const bool merged = p.dims.rank() == 1 && given[place]->dims.size() == p.dims.size();  // several axes written as one
    if (!merged && !(given[place]->dims == p.dims))
      lnn::fail(p.name, " must be ", p.dims, ", the case has ", given[place]->dims);
    if (!lnn::scaled(p.kind)) widen(*given[place]);
    ++place;
  }
  if (place != given.size()) lnn::fail("the operator takes ", place, " tensors, the case has ", given.size());

  std::vector<lnn::integer_view> in, out;
  for (tensor* t : given) in.push_back(t->view());
  for (tensor& t : results) out.push_back(t.view());
  const auto* act = c.find("act_type");
  const double kind = act && act->size() == 1 ? (*act)[0] : 0;
  constexpr bool has_slope = lnn::fuses_relu<Op> && requires { op.slope; };
  if constexpr (has_slope)
    if (kind == 2) op.slope = in[0].exponent + in[1].exponent - out[0].exponent;  // luna_ops.md 2.1
  if (kind != 0 && kind != 1 && !(kind == 2 && has_slope)) lnn::fail("act_type ", kind, " is not known");
  call<Kernels>(op, on, in, out, kind == 1 && lnn::fuses_relu<Op>, workers);
  if (kind == 1 && !lnn::fuses_relu<Op>) call<Kernels>(lnn::relu{}, on, out, out, false, workers);
  return results;
}

/// A recorded Quant ends in real numbers: it is the network quant -> relu -> dequant, or, when there is a weight,
/// quant -> convolution -> dequant; everything in between counts at Quant's own exponent.
template <class Kernels>
std::vector<tensor> compute_quant(test_case& c, const lnn::chip& on, lnn::pool& workers) {
  tensor *real = nullptr, *weight = nullptr, *bias = nullptr, *expected = nullptr;
  for (tensor& t : c.tensors)
    (t.role == "input" ? real : t.role == "weight" ? weight : t.role == "bias" ? bias : expected) = &t;
  const auto *scale = c.find("scale_x"), *bits = c.find("data_bits");
  if (!real || !expected || !scale || scale->size() != 1 || !((*scale)[0] > 0))
    lnn::fail("Quant without input, output or scale_x");
  std::vector<lnn::shape> shapes{real->dims};
  tensor integers = *real, middle = *expected;
  integers.type = middle.type =
      lnn::integer_of(bits && bits->size() == 1 ? static_cast<int>(within_int((*bits)[0])) : 8);
  integers.exponent = std::ilogb((*scale)[0]);
  if (integers.exponent < -62 || integers.exponent > 62) lnn::fail("scale_x is out of range");
  integers.bytes.assign(std::max<std::size_t>(file_size(integers), 8), 0);
  const lnn::integer_view x[] = {real->view()}, q[] = {integers.view()};
  call<Kernels>(lnn::quant{}, on, x, q, false, workers);
  if (expected->type != lnn::dtype::float32) {
    check_result(lnn::quant{}, shapes, expected->dims);
    return {integers};
  }
  middle.exponent = integers.exponent + (weight ? weight->exponent : 0);
  middle.bytes.assign(std::max<std::size_t>(file_size(middle), 8), 0);
  const lnn::integer_view m[] = {middle.view()};
  if (weight) {
    if (weight->dims.rank() != 4) lnn::fail("weight must have four axes, the case has ", weight->dims);
    lnn::conv2d op{.kernel = {weight->dims[2], weight->dims[3]}};
    set_from_shapes(op, shapes, weight->dims, expected->dims, bias != nullptr);
    check_result(op, shapes, expected->dims);
    if (bias) widen(*bias);
    const lnn::integer_view in[] = {integers.view(), weight->view(),
                                    bias ? bias->view() : lnn::integer_view{}};
    call<Kernels>(op, on, in, m, false, workers);
  } else {
    check_result(lnn::relu{}, shapes, expected->dims);
    call<Kernels>(lnn::relu{}, on, q, m, false, workers);
  }
  tensor result = like(*expected);
  const lnn::integer_view y[] = {result.view()};
  call<Kernels>(lnn::dequant{}, on, m, y, false, workers);
  return {result};
}

template <class T>
std::string text_of(T v) {
  if constexpr (std::is_floating_point_v<T>)
    return lnn::sentence(static_cast<double>(v));
  else
    return std::to_string(v);
}

template <class T>
void compare_as(const tensor& made, const tensor& expected) {
  for (std::size_t i = 0; i < expected.dims.size(); ++i) {
    T a, b;
    std::memcpy(&a, made.bytes.data() + i * sizeof(T), sizeof(T));
    std::memcpy(&b, expected.bytes.data() + i * sizeof(T), sizeof(T));
    if (a == b || (a != a && b != b)) continue;
    lnn::fail(expected.file, "[", i, "] of ", expected.dims, ": expected ", text_of(b), ", actual ",
              text_of(a));
  }
}

inline void compare(const tensor& made, const tensor& expected) {
  if (made.type != expected.type)
    lnn::fail(expected.file, ": expected ", lnn::name_of(expected.type), ", actual ",
              lnn::name_of(made.type));
  switch (expected.type) {
    case lnn::dtype::float32: return compare_as<float>(made, expected);
    case lnn::dtype::float64: return compare_as<double>(made, expected);
    default:
      lnn::with_element(expected.type, [&](auto element) { compare_as<decltype(element)>(made, expected); });
  }
}

/// Of operators with one ONNX name, whether a case is this one's: what looks up rows of a table of its own has the table
/// as first tensor, a constant with two axes.
template <class Op>
bool is_meant(const test_case& c) {
  if constexpr ((lnn::index_inputs_of<Op> & 1U) != 0) {
    const auto* axis = c.find("axis");
    return !c.tensors.empty() && c.tensors[0].role != "input" && c.tensors[0].dims.rank() == 2 &&
           (!axis || (axis->size() == 1 && (*axis)[0] == 0));
  }
  return true;
}

}  // namespace detail

/// Runs a case on one kernel path and compares every output; a difference is thrown as one sentence.
template <class Kernels, class Ops = lnn::builtin>
void run(test_case& c, lnn::pool& workers) {
  const lnn::chip* on = lnn::find_chip(c.chip);
  if (!on) lnn::fail("chip ", c.chip, " is not known");
  std::vector<tensor> results;
  bool known = false, done = false;
  Ops::for_each([&](const auto& op) {
    using op_type = std::remove_cvref_t<decltype(op)>;
    const auto& names = op_type::onnx_names;
    if (done || !detail::is_meant<op_type>(c)) return;
    if (std::find(std::begin(names), std::end(names), c.onnx_op) == std::end(names)) return;
    known = true;
    if (!detail::takes_attributes(op, c)) return;
    done = true;
    if constexpr (op_type::grid_rule == lnn::grid::source)
      results = detail::compute_quant<Kernels>(c, *on, workers);
    else
      results = detail::compute_with<Kernels>(op, c, *on, workers);
  });
  if (!known) lnn::fail("operator ", c.onnx_op, " is not known");
  if (!done) lnn::fail("operator ", c.onnx_op, " does not take the attributes of the case");
  std::size_t i = 0;
  for (const tensor& t : c.tensors)
    if (t.role == "output") detail::compare(results.at(i++), t);
}

}  // namespace golden
