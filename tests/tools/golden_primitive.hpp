// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/luna/curve.hpp>
#include <lnn/luna/divide.hpp>
#include <lnn/luna/log_softmax.hpp>
#include <lnn/luna/relu.hpp>
#include <lnn/luna/requantize.hpp>

#include "golden_run.hpp"

/// Recorded calls of one function of a chip's vector library: luna_<verb>_<element types>.  The verb says
/// what is computed, the tensors of the case which types; attributes are arguments: scalar, shift, q_in,
/// q_out.
namespace golden {

namespace detail {

/// "mul" of luna_mul_q31_int16 and of luna_mul_i32i32o8, "scale_add" of luna_scale_add_q7_int8: what stands
/// before the first element type.
inline std::string verb_of(const std::string& function) {
  constexpr std::string_view prefix = "luna_";
  if (!function.starts_with(prefix)) return "";
  const std::string rest = function.substr(prefix.size());
  const auto is_type = [](std::string_view word) {
    std::size_t digits = word.find_first_of("0123456789");
    const std::string_view letters = word.substr(0, digits);
    return digits != std::string_view::npos && (letters == "q" || letters == "i" || letters == "int");
  };
  std::string verb;
  for (std::size_t at = 0; at < rest.size();) {
    const std::size_t end = std::min(rest.find('_', at), rest.size());
    if (is_type(std::string_view(rest).substr(at, end - at))) break;
    verb += (verb.empty() ? "" : "_") + rest.substr(at, end - at);
    at = end + 1;
  }
  return verb;
}

/// One call: its operands, its attributes and where the results go.
struct primitive {
  std::string verb;
  std::vector<lnn::integer_view> in;
  lnn::integer_view out;
  const test_case& from;
  const lnn::chip& on;

  [[nodiscard]] std::int64_t argument(const std::string& name) const {
    const auto* value = from.find(name);
    if (!value || value->size() != 1) lnn::fail(from.op, " needs the attribute ", name);
    return lnn::to_integer((*value)[0], INT32_MIN, INT32_MAX);
  }
  [[nodiscard]] std::int64_t at(std::size_t input, std::size_t i) const {
    if (input >= in.size()) lnn::fail(from.op, " needs ", input + 1, " operands, the case has ", in.size());
    return in[input].at(i);
  }

  /// A scalar has the type of the elements, whatever the attribute says.
  [[nodiscard]] std::int64_t scalar() const {
    return lnn::with_element(
        in[0].type, [&](auto e) -> std::int64_t { return static_cast<decltype(e)>(argument("scalar")); });
  }
  /// y = S_out(R(f(i), shift)) for every i.
  void finish(int shift, const auto& f) const {
    const lnn::luna::requantizer to{.out = out, .shift = shift, .rule = lnn::accumulator::exact};
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::int64_t exact = f(i);
      to.row(i, &exact, 1, 0);
    }
  }
  /// Rows along the last axis of 32-bit numbers.
  void by_rows(const auto& f) const {
    const lnn::shape& dims = in[0].dims;
    const std::size_t n = dims.rank() == 0 ? 1 : static_cast<std::size_t>(dims[dims.rank() - 1]);
    for (std::size_t first = 0; first < out.size(); first += n)
      f(in[0].as<const std::int32_t>() + first, n, out.as<std::int32_t>() + first);
  }
};

/// Sums, products and rectifiers: S_out(R(exact, shift)).  False: the verb is not one of them.
inline bool run_linear(const primitive& p) {
  const auto shift = [&] { return static_cast<int>(p.argument("shift")); };
  if (p.verb == "add")
    p.finish(shift(), [&](std::size_t i) { return p.at(0, i) + p.at(1, i); });
  else if (p.verb == "sub")
    p.finish(shift(), [&](std::size_t i) { return p.at(0, i) - p.at(1, i); });
  else if (p.verb == "mul")
    p.finish(shift(), [&](std::size_t i) { return p.at(0, i) * p.at(1, i); });
  else if (p.verb == "scale")
    p.finish(shift(), [&](std::size_t i) { return p.at(0, i) * p.scalar(); });
  else if (p.verb == "offset")
    p.finish(shift(), [&](std::size_t i) { return p.at(0, i) + p.scalar(); });
  else if (p.verb == "relu")
    p.finish(0, [&](std::size_t i) { return lnn::luna::relu(p.at(0, i), shift()); });
  else
    return false;
  return true;
}

/// Functions of one number with tables.
inline bool run_curve(const primitive& p) {
  namespace luna = lnn::luna;
  const int bits = lnn::bits_of(p.out.type);
  const auto unit = p.on.unit;
  const auto x = [&](std::size_t i) { return static_cast<std::int32_t>(p.at(0, i)); };
  if (p.verb == "sigmoid")
    p.finish(0, [&](std::size_t i) { return luna::sigmoid(unit, x(i), bits); });
  else if (p.verb == "tanh")
    p.finish(0, [&](std::size_t i) { return luna::tanh(unit, x(i), bits); });
  // 32 bits keep the exponent of the argument, fewer drop the lowest ones
  else if (p.verb == "gelu")
    p.finish(luna::gate_output - luna::gate_input + 32 - bits,
             [&](std::size_t i) { return luna::gate_exact(luna::gelu_q27, x(i)); });
  else if (p.verb == "swish")
    p.finish(luna::gate_output - luna::gate_input + 32 - bits,
             [&](std::size_t i) { return luna::gate_exact(luna::swish_q27, x(i)); });
  else if (p.verb == "exp")
    p.finish(0, [&](std::size_t i) { return luna::exponential(unit, x(i)); });
  else
    return false;
  return true;
}

inline bool run_row(const primitive& p) {
  namespace luna = lnn::luna;
  const auto unit = p.on.unit;
  if (p.in[0].type != lnn::dtype::int32 || p.out.type != lnn::dtype::int32) return false;
  if (p.verb == "softmax")
    p.by_rows([&](const std::int32_t* x, std::size_t n, std::int32_t* y) { luna::softmax(unit, x, n, y); });
  else if (p.verb == "logsoftmax")
    p.by_rows(
        [&](const std::int32_t* x, std::size_t n, std::int32_t* y) { luna::log_softmax(unit, x, n, y); });
  else if (p.verb == "div")
    p.finish(0, [&](std::size_t i) {
      return luna::divide(static_cast<std::int32_t>(p.at(0, i)), static_cast<std::int32_t>(p.at(1, i)),
                          static_cast<int>(p.argument("shift")));
    });
  else
    return false;
  return true;
}

}  // namespace detail

/// True for the cases of this header: a function of the library and no operator.
inline bool is_primitive(const test_case& c) { return c.onnx_op.empty() && c.op.starts_with("luna_"); }

/// Runs a call and compares its result; a difference is thrown as one sentence.  There is one path: these
/// functions are what both kernel paths are made of.
inline void run_primitive(test_case& c) {
  const lnn::chip* on = lnn::find_chip(c.chip);
  if (!on) lnn::fail("chip ", c.chip, " is not known");
  detail::primitive p{detail::verb_of(c.op), {}, {}, c, *on};
  tensor made;
  const tensor* expected = nullptr;
  for (tensor& t : c.tensors) {
    if (t.role != "output")
      p.in.push_back(t.view());
    else if (expected)
      lnn::fail("the case has more than one output");
    else
      made = detail::like(*(expected = &t));
  }
  if (!expected || p.in.empty()) lnn::fail("the case lacks an input or the output");
  for (const lnn::integer_view& v : p.in)
    if (!(v.dims == expected->dims))
      lnn::fail("the operands are ", v.dims, " and ", expected->dims, ", they must agree");
  p.out = made.view();
  if (!detail::run_linear(p) && !detail::run_curve(p) && !detail::run_row(p))
    lnn::fail("function ", c.op, " is not known");
  detail::compare(made, *expected);
}

}  // namespace golden
