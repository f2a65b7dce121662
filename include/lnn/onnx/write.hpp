// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "write_extent.hpp"

namespace lnn::onnx {

namespace detail {

/// A tensor at the ends of a network, or between its nodes.
template <class Ops>
void put_value(message::ValueInfoProto& to, const frozen<Ops>& m, int edge, std::string_view name, bool counts) {
  const auto& e = m.edges[static_cast<std::size_t>(edge)];
  to.set_name(std::string(name));
  auto& t = *to.mutable_type()->mutable_tensor_type();
  t.set_elem_type(counts ? static_cast<int>(message::TensorProto::INT64) : onnx_type_of(e.type));
  for (int i = 0; i < e.dims.rank(); ++i) {
    auto& d = *t.mutable_shape()->add_dim();
    const auto at = static_cast<std::size_t>(i);
    if (e.form.empty() || e.form[at].is_fixed()) d.set_dim_value(e.dims[i]);
    else if (e.form[at] == extent{.first = e.form[at].first}) d.set_dim_param(m.symbols[static_cast<std::size_t>(e.form[at].first)].name);
    else d.set_dim_param(sentence(name, "_", i));
  }
}

template <class Ops>
class model_writer {
 public:
  model_writer(const frozen<Ops>& m, dialect d, message::GraphProto& g) : m_(m), dialect_(d), to_(g), names_(m.edges.size()) {}

  void run() {
    auto& g = to_.graph();
    g.set_name(m_.name.empty() ? "network" : m_.name);
    for (std::size_t e = 0; e < m_.edges.size(); ++e)
      if (!m_.edges[e].value) names_[e] = to_.fresh(m_.edges[e].name);
    for (std::size_t e = 0; e < m_.edges.size(); ++e)
      if (m_.edges[e].value) names_[e] = to_.constant(m_.edges[e].name, *m_.edges[e].value);
    for (int e : m_.inputs) put_value(*g.add_input(), m_, e, name(e), is_index(e));
    for (int e : m_.outputs) put_value(*g.add_output(), m_, e, name(e), false);
    for (const auto& l : m_.layers) visit_op(l.op, [&](const auto& op) { put_layer(l, op); });
  }

 private:
  [[nodiscard]] const std::string& name(int e) const { return names_[static_cast<std::size_t>(e)]; }
  /// True for an input that counts places: int64 in files.
  [[nodiscard]] bool is_index(int e) const {
    for (const auto& l : m_.layers)
      for (std::size_t i = 0; i < l.inputs.size(); ++i)
        if (l.inputs[i] == e && (visit_op(l.op, [](const auto& op) { return index_inputs_in(op); }) >> i & 1U) != 0) return true;
    return false;
  }

  template <class Op>
  void put_layer(const typename frozen<Ops>::layer& l, const Op& op) {
    if constexpr (requires { op.bidirectional; })
      if (op.bidirectional)
        fail("onnx: layer ", l.name, " runs in both directions, which files hold as two layers and a concat; use two layers with go_forward 1 and 0");
    const shape_form& form = m_.edges[static_cast<std::size_t>(l.output)].form;
    const shape_form symbolic = symbolic_numbers(op, form);
    std::string computed;  // nodes of shape arithmetic come first
    if (!symbolic.empty()) computed = extent_writer<Ops>(m_, to_).numbers(sentence(l.name, Op::name == "slice" ? ".ends" : ".shape"), symbolic);
    else if (!m_.symbols.empty()) require_same_form(m_, l, op);
    auto& n = *to_.graph().add_node();
    n.set_name(l.name);
    n.set_op_type(std::string(name_in(dialect_, op)));
    if (!is_standard(n.op_type()) && !(Op::name == "gather")) n.set_domain(dialect_ == dialect::linger ? "linger" : "thinker");
    const auto& x = m_.edges[static_cast<std::size_t>(l.inputs[0])];
    std::vector<std::string> parameters;
    const std::vector<shape> shapes = input_shapes(l);
    const parameter_list wanted = frozen_parameters(op, std::span<const shape>(shapes));
    for (std::size_t i = 0; i < l.parameters.size(); ++i)
      parameters.push_back(to_.constant(i < l.parameter_names.size() ? l.parameter_names[i] : sentence(l.name, ".", i < wanted.size() ? wanted[i].name : "bias"), l.parameters[i]));
    if (Op::name == "embedding")  // the table comes first
      for (const std::string& p : parameters) n.add_input(p);
    for (int e : l.inputs) n.add_input(name(e));
    if (Op::name != "embedding")
      for (const std::string& p : parameters) n.add_input(p);
    put_fields(op, l.name, {x.type, x.exponent}, to_, n);
    if (!computed.empty()) n.set_input(Op::name == "slice" ? 2 : 1, computed);
    put_grids(m_, l, op, dialect_, n);
    for (int e = l.output; e < l.output + l.outputs; ++e) n.add_output(name(e));
    if (!l.relu) return;
    // a fused relu is a node of its own, told from others by the name between the two
    const std::string between = to_.fresh(before_relu(name(l.output)));
    n.set_output(0, between);
    auto& relu = *to_.graph().add_node();
    relu.set_name(l.name + "/relu");
    relu.set_op_type("Relu");
    relu.add_input(between);
    relu.add_output(name(l.output));
  }
  [[nodiscard]] std::vector<shape> input_shapes(const typename frozen<Ops>::layer& l) const {
    std::vector<shape> in;
    for (int e : l.inputs) in.push_back(m_.edges[static_cast<std::size_t>(e)].dims);
    return in;
  }

  const frozen<Ops>& m_;
  dialect dialect_;
  graph_writer to_;
  std::vector<std::string> names_;
};

}  // namespace detail

/// The bytes of an ONNX file that holds a frozen model: linger's 3.x dialect, or 1.x for venus.  Reading them gives the
/// model back: names of tensors, layers and parameters, every attribute, every integer.  (A layer in both directions is
/// refused; chips and files have two.)
template <class Ops>
[[nodiscard]] std::vector<std::uint8_t> to_bytes(const frozen<Ops>& m, dialect d = dialect::linger) {
  if (d == dialect::thinker && m.target != &venus) fail("onnx: linger 1.x writes for venus, the model is made for ", m.target->name, "; write the dialect of 3.x");
  require_consistent(m, "onnx");
  message::ModelProto model;
  model.set_ir_version(7);
  model.set_producer_name("lnn");
  auto& own = *model.add_opset_import();
  own.set_domain("");
  own.set_version(12);
  auto& more = *model.add_opset_import();
  more.set_domain(d == dialect::linger ? "linger" : "thinker");
  more.set_version(1);
  detail::model_writer<Ops>(m, d, *model.mutable_graph()).run();
  return to_bytes(model, "onnx");
}

/// Writes that file; it appears whole or not at all.
template <class Ops>
void write(const frozen<Ops>& m, const std::string& path, dialect d = dialect::linger) {
  write_file(path, to_bytes(m, d));
}

}  // namespace lnn::onnx
