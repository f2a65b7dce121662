// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "write_node.hpp"

namespace lnn::onnx::detail {

/// Shape arithmetic in a file: dimensions that follow from symbols, computed from those of the network's inputs.
template <class Ops>
class extent_writer {
 public:
  extent_writer(const frozen<Ops>& m, graph_writer& to) : m_(m), to_(to) {}

  /// A tensor [n] of the numbers, some of which follow from symbols.
  std::string numbers(std::string_view name, const shape_form& all) {
    if (std::all_of(all.begin(), all.end(), [](const extent& x) { return x.is_fixed(); })) {
      number_list list;
      for (const extent& x : all) list.push_back(x.offset);
      return to_.constant(name, line_of<std::int64_t>(list));
    }
    std::vector<std::string> parts;
    for (const extent& x : all) parts.push_back(number(name, x));
    return node("Concat", name, parts, 0);
  }

 private:
  std::string whole(int value) { return to_.constant(sentence("number.", value), line_of<std::int64_t>({static_cast<double>(value)})); }

  std::string node(std::string_view op, std::string_view name, const std::vector<std::string>& in, int axis = -1) {
    auto& n = *to_.graph().add_node();
    const std::string out = to_.fresh(sentence(name, "/", op));
    n.set_op_type(std::string(op));
    n.set_name(out);
    for (const std::string& i : in) n.add_input(i);
    n.add_output(out);
    if (axis >= 0) attribute_writer(n).whole("axis", axis);
    return out;
  }
  /// A symbol's value: the dimension of an input that is the symbol itself.
  std::string value(std::string_view name, int symbol) {
    for (int e : m_.inputs) {
      const auto& in = m_.edges[static_cast<std::size_t>(e)];
      for (std::size_t i = 0; i < in.form.size(); ++i)
        if (in.form[i] == extent{.first = symbol}) return node("Gather", name, {node("Shape", name, {in.name}), whole(static_cast<int>(i))}, 0);
    }
    fail("onnx: no input of the model has the dimension ", m_.symbols[static_cast<std::size_t>(symbol)].name, ", which ", name, " follows from; keep the input that has it");
  }
  std::string number(std::string_view name, const extent& x) {
    if (x.is_fixed()) return whole(x.offset);
    std::string v = value(name, x.first);
    if (x.second >= 0) v = node("Mul", name, {v, value(name, x.second)});
    if (x.add != 0) v = node("Add", name, {v, whole(x.add)});
    if (x.divisor != 1) v = node("Div", name, {v, whole(x.divisor)});
    if (x.scale != 1) v = node("Mul", name, {v, whole(x.scale)});
    if (x.offset != 0) v = node("Add", name, {v, whole(x.offset)});
    return v;
  }

  const frozen<Ops>& m_;
  graph_writer& to_;
};

/// The numbers of a field that say dimensions of the output, as they follow from symbols: of a reshape, an expand, the
/// ends of a slice.  Empty where the layer has no such field or they are fixed.
template <class Op>
shape_form symbolic_numbers(const Op& op, const shape_form& out) {
  shape_form all;
  const auto moves = [&](int axis) { return axis >= 0 && static_cast<std::size_t>(axis) < out.size() && !out[static_cast<std::size_t>(axis)].is_fixed(); };
  if constexpr (Op::name == "reshape" || Op::name == "expand") {
    const int before = static_cast<int>(out.size()) - static_cast<int>(op.dims.size());
    for (std::size_t i = 0; i < op.dims.size(); ++i) {
      const int axis = static_cast<int>(i) + (Op::name == "expand" ? before : 0);
      all.push_back(op.dims[i] > 1 && moves(axis) ? out[static_cast<std::size_t>(axis)] : extent::fixed(op.dims[i]));
    }
  }
  if constexpr (Op::name == "slice")
    for (std::size_t i = 0; i < op.ends.size(); ++i) {
      const int axis = i < op.axes.size() ? normal_axis(op.axes[i], static_cast<int>(out.size())) : static_cast<int>(i);
      const bool forward = i >= op.steps.size() || op.steps[i] == 1;
      extent x = extent::fixed(op.ends[i]);
      if (forward && op.starts[i] >= 0 && op.ends[i] > 0 && op.ends[i] < (1 << 27) && moves(axis)) {
        x = out[static_cast<std::size_t>(axis)];
        x.offset += op.starts[i];
      }
      all.push_back(x);
    }
  if (std::all_of(all.begin(), all.end(), [](const extent& x) { return x.is_fixed(); })) return {};
  return all;
}

/// Fails unless a layer whose attributes are written as they are has the shapes that its tensors' forms say, at the least
/// values of the symbols too.
template <class Ops, class Op>
void require_same_form(const frozen<Ops>& m, const typename frozen<Ops>::layer& l, const Op& op) {
  std::vector<int> least;
  for (const symbol& s : m.symbols) least.push_back(s.min);
  const auto dims = [&](int e) {
    const auto& t = m.edges[static_cast<std::size_t>(e)];
    shape s = t.dims;
    for (std::size_t i = 0; i < t.form.size(); ++i) s[static_cast<int>(i)] = static_cast<int>(t.form[i].at(least));
    return s;
  };
  std::vector<shape> in;
  for (int e : l.inputs) in.push_back(dims(e));
  verdict found;
  found.layer = l.name;
  const shape_list out = results_of(op, std::span<const shape>(in), found);
  for (int i = 0; i < l.outputs; ++i)
    if (!found.clean() || static_cast<std::size_t>(i) >= out.size() || !(out[static_cast<std::size_t>(i)] == dims(l.output + i)))
      fail("onnx: the attributes of layer ", l.name, " follow from dimensions that are known only when the network runs, in a way that files written here do not hold; fix the dimensions");
}

}  // namespace lnn::onnx::detail
