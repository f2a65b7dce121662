// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <lnn/core/parallel.hpp>
#include <lnn/graph/spelled.hpp>

#include "golden_case.hpp"

namespace golden {

namespace detail {

/// The case as the library spells a node of a file.
inline lnn::spelled_node spelled(test_case& c) {
  using use = lnn::spelled_tensor::use;
  lnn::spelled_node n{.op = c.onnx_op, .numbers = {c.numbers.begin(), c.numbers.end()}, .texts = {c.texts.begin(), c.texts.end()}, .tensors = {}, .outputs = 0};
  for (tensor& t : c.tensors) {
    if (t.role == "output") ++n.outputs;
    else n.tensors.push_back({t.name, t.role == "input" ? use::input : t.role == "const" ? use::constant : use::parameter, t.view()});
  }
  return n;
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
std::vector<tensor> compute_with(Op op, test_case& c, lnn::spelled_node& n, const lnn::chip& on, lnn::pool& workers) {
  lnn::set_fields(op, n);
  std::vector<tensor*> given;
  std::vector<tensor> results;
  std::size_t place = 0;
  for (tensor& t : c.tensors) {
    if (t.role == "output") results.push_back(like(t));
    else if (n.tensors[place++].as != lnn::spelled_tensor::use::attribute) given.push_back(&t);
  }
  if (results.empty()) lnn::fail("the case has no output");
  // a table may stand before the indices that look into it: activations come first
  const auto is_input = [](const tensor* t) { return t->role == "input"; };
  if (std::count_if(given.begin(), given.end(), is_input) == op.inputs())
    std::stable_partition(given.begin(), given.end(), is_input);
  const std::size_t activations = op.inputs() < 0 ? given.size() : static_cast<std::size_t>(op.inputs());
  if (given.size() < activations || given.empty())
    lnn::fail("the operator takes ", activations, " inputs, the case has ", given.size());
  std::vector<lnn::shape> shapes, parameters, result_shapes;
  for (std::size_t i = 0; i < given.size(); ++i) (i < activations ? shapes : parameters).push_back(given[i]->dims);
  for (const tensor& t : results) result_shapes.push_back(t.dims);
  lnn::set_from_shapes(op, shapes, parameters);
  check_results(op, shapes, result_shapes);
  place = activations;
  for (const lnn::parameter& p : lnn::frozen_parameters(op, shapes))
    if (!lnn::scaled(p.kind)) widen(*given[place++]);
    else ++place;

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
      lnn::integer_of(bits && bits->size() == 1 ? static_cast<int>(std::clamp((*bits)[0], 1.0, 64.0)) : 8);
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
    std::vector<lnn::shape> parameters{weight->dims};
    if (bias) parameters.push_back(bias->dims);
    lnn::set_from_shapes(op, shapes, parameters);
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

}  // namespace detail

/// Runs a case on one kernel path and compares every output; a difference is thrown as one sentence.
template <class Kernels, class Ops = lnn::builtin>
void run(test_case& c, lnn::pool& workers) {
  const lnn::chip* on = lnn::find_chip(c.chip);
  if (!on) lnn::fail("chip ", c.chip, " is not known");
  lnn::spelled_node n = detail::spelled(c);
  bool named = false;
  const auto kind = lnn::kind_of<Ops>(n, named);
  if (!named) lnn::fail("operator ", c.onnx_op, " is not known");
  if (kind.index() == 0) lnn::fail("operator ", c.onnx_op, " does not take the attributes of the case");
  const std::vector<tensor> results = lnn::visit_op(kind, [&](const auto& op) {
    if constexpr (std::remove_cvref_t<decltype(op)>::grid_rule == lnn::grid::source) return detail::compute_quant<Kernels>(c, *on, workers);
    else return detail::compute_with<Kernels>(op, c, n, *on, workers);
  });
  std::size_t i = 0;
  for (const tensor& t : c.tensors)
    if (t.role == "output") detail::compare(results.at(i++), t);
}

}  // namespace golden
