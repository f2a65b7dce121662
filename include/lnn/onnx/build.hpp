// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/kernels.hpp"
#include "constants_made.hpp"
#include "grids.hpp"

namespace lnn::onnx::detail {

/// The name that a layer's tensor has before a relu that is fused with it: what the writer of files says, so that its
/// reader fuses the same.
[[nodiscard]] inline std::string before_relu(std::string_view tensor) { return sentence(tensor, "/before_relu"); }

/// Makes a frozen model of a file whose symbols have values: node by node, in order.  What cannot be read is collected
/// and told at once.
template <class Ops>
class builder {
 public:
  using layer = typename frozen<Ops>::layer;

  /// `symbols` has every dimension that an input names.  `living` names tensors that are computed when the network runs although their inputs never change: how much of them
  /// is used follows from a symbol.
  builder(source& from, const chip& target, const std::map<std::string, int, std::less<>>& symbols, pool& workers, const std::set<std::string>& living)
      : from_(from), symbols_(symbols), workers_(workers), living_(living) {
    made_.name = from.graph.name();
    made_.target = &target;
  }

  [[nodiscard]] frozen<Ops> run() {
    for (const auto& in : from_.graph.input())
      if (!from_.constants.has(in.name())) add_input(in);
    for (const int k : from_.order) {
      const auto& n = from_.graph.node(k);
      try {
        add_node(k, n);
      } catch (const error& e) {
        problem(k, e.what());
        for (const std::string& out : n.output()) wires_[out].lost = true;
      }
    }
    for (const auto& out : from_.graph.output()) {
      const wire* w = find(out.name());
      if (!w) fail(from_.place, ": output ", out.name(), " is made by no node");
      if (w->lost) continue;
      if (w->edge < 0) fail(from_.place, ": output ", out.name(), " never changes; a network computes its outputs from its inputs");
      made_.outputs.push_back(w->edge);
    }
    if (!problems_.empty()) report();
    return std::move(made_);
  }
  /// What was computed of constants by operators of the chip, by name.
  [[nodiscard]] std::map<std::string, integer_tensor>& evaluated() { return evaluated_; }

 private:
  // --- tensors
  const wire* find(const std::string& name) {
    const auto at = wires_.find(name);
    if (at != wires_.end()) return &at->second;
    if (!from_.constants.has(name)) return nullptr;
    return &(wires_[name] = {-1, from_.constants.get(name), false, false});
  }
  [[nodiscard]] const auto& edge(int e) const { return made_.edges[static_cast<std::size_t>(e)]; }

  /// A dimension of an input: a number, or a name that the options know.
  int dimension(const std::string& input, const message::TensorShapeProto::Dimension& d) {
    if (!d.dim_param().empty()) return symbols_.find(d.dim_param())->second;
    if (d.dim_value() < 1 || d.dim_value() > (1 << 28)) fail(from_.place, ": input ", input, " has a dimension of ", d.dim_value(), ", expected 1 to 2^28 or a name");
    return static_cast<int>(d.dim_value());
  }

  void add_input(const message::ValueInfoProto& in) {
    const auto& t = in.type().tensor_type();
    const auto type = type_of(t.elem_type());
    if (!type || *type == dtype::float64) fail(from_.place, ": input ", in.name(), " has the element type ", t.elem_type(), "; use float, int8, int16, int32 or int64");
    if (!t.has_shape() || t.shape().dim_size() > shape::max_rank) fail(from_.place, ": input ", in.name(), " has no shape of at most ", shape::max_rank, " dimensions");
    if (wires_.count(in.name())) fail(from_.place, ": input ", in.name(), " is there twice");
    shape dims;
    for (const auto& d : t.shape().dim()) dims.append(dimension(in.name(), d));
    std::uint64_t size = 1;
    for (int d : dims)
      if ((size *= static_cast<std::uint64_t>(d)) > std::uint64_t{1} << 30) fail(from_.place, ": input ", in.name(), " of ", dims, " is too large");
    grid_of g{*type, 0};
    if (*type == dtype::int64 || is_counted(from_, in.name())) g.type = dtype::int32;  // places, at exponent 0
    else if (*type != dtype::float32) {
      const auto q = exponent_downstream(from_, in.name());
      if (!q && *type != dtype::int32) fail(from_.place, ": input ", in.name(), " is ", lnn::name_of(*type), " but no node says its scale");
      g.exponent = q.value_or(0);
    }
    wires_[in.name()].edge = add_edge(in.name(), dims, g);
    made_.inputs.push_back(wires_[in.name()].edge);
  }
  int add_edge(const std::string& name, const shape& dims, const grid_of& g) {
    made_.edges.push_back({name, dims, g.type, g.exponent});
    return static_cast<int>(made_.edges.size()) - 1;
  }
  /// The edge of a constant that is an operand; the same constant at another exponent is another edge.
  int constant_edge(const std::string& name, const integer_tensor& value) {
    const auto key = std::make_pair(name, value.exponent());
    const auto at = constant_edges_.find(key);
    if (at != constant_edges_.end()) return at->second;
    const int e = add_edge(constant_names_.insert(name).second ? name : sentence(name, "@", value.exponent()), value.dims(), {value.type(), value.exponent()});
    made_.edges.back().value = value;
    return constant_edges_[key] = e;
  }

  // --- nodes
  void problem(int node, std::string_view what) {
    problems_.push_back(sentence("node ", from_.names[static_cast<std::size_t>(node)], " (", from_.graph.node(node).op_type(), "): ", what));
  }
  [[noreturn]] void report() const {
    std::string all;
    for (const std::string& p : problems_) all.append("\n  ").append(p);
    fail(from_.place, ": ", problems_.size(), problems_.size() == 1 ? " node cannot be read:" : " nodes cannot be read:", all);
  }

  void add_node(int k, const message::NodeProto& n) {
    const std::string& domain = n.domain();
    if (!domain.empty() && domain != "ai.onnx" && domain != "thinker" && domain != "linger")
      fail("operators of the domain ", domain, " are not known; expected thinker, linger or ONNX's own");
    std::vector<const wire*> in;
    bool lost = false;
    for (const std::string& name : n.input()) {
      const wire* w = name.empty() ? nullptr : find(name);
      if (!name.empty() && !w) fail("input ", name, " is made by no node and is no input of the network");
      in.push_back(w);
      lost = lost || (w && w->lost);
    }
    spelled_node spelled = from_.spelled[static_cast<std::size_t>(k)];
    if (lost) {  // one finding for one cause; but an unknown operator behind it is told too
      bool named = false;
      (void)kind_of<Ops>(spelled, named);
      if (!named && !can_fold(spelled.op)) problem(k, "the operator is not known");
      for (const std::string& out : n.output()) wires_[out].lost = true;
      return;
    }
    if ((n.op_type() == "Identity" || n.op_type() == "Dropout") && !in.empty() && in[0]) {
      if (n.output_size() > 0) wires_[n.output(0)] = wire(*in[0]);
      return;
    }
    if (n.op_type() == "Shape" && !in.empty() && in[0]) return keep(n, {shape_constant(in[0]->constant ? in[0]->constant->dims() : edge(in[0]->edge).dims)});
    if (domain != "thinker" && domain != "linger")
      if (auto made = constants_made(n, spelled, in, folded::most, from_.place)) return keep(n, std::move(*made));
    if (n.op_type() == "Relu" && joins_relu_in_front(n)) return;
    add_layer(k, n, std::move(spelled), in);
  }
  void keep(const message::NodeProto& n, std::vector<integer_tensor> values) {
    for (int i = 0; i < n.output_size() && static_cast<std::size_t>(i) < values.size(); ++i)
      wires_[n.output(i)] = {-1, std::make_shared<const integer_tensor>(std::move(values[static_cast<std::size_t>(i)])), false, false};
  }
  /// Fuses a relu with the layer in front of it where the writer did not mean two layers.
  bool joins_relu_in_front(const message::NodeProto& n) {
    if (n.input_size() != 1 || n.output_size() != 1 || n.input(0) != before_relu(n.output(0))) return false;
    const wire* w = find(n.input(0));
    const auto readers = from_.net.readers.find(n.input(0));
    if (!w || w->edge < 0 || readers->second.size() != 1 || made_.layers.empty() || made_.layers.back().output != w->edge) return false;
    for (const auto& out : from_.graph.output())
      if (out.name() == n.input(0)) return false;
    if (!visit_op(made_.layers.back().op, [](const auto& op) { return fuses_relu<std::remove_cvref_t<decltype(op)>>; })) return false;
    made_.layers.back().relu = true;
    made_.edges[static_cast<std::size_t>(w->edge)].name = n.output(0);
    wires_[n.output(0)] = wire(*w);
    return true;
  }
  static bool can_fold(std::string_view op) {
    for (const std::string_view name : {"Constant", "Shape", "Identity", "Dropout", "ConstantOfShape", "Cast", "Concat", "Range", "Size", "Where", "Equal", "Add", "Sub", "Mul", "Div"})
      if (op == name) return true;
    return false;
  }

  void add_layer(int k, const message::NodeProto& n, spelled_node spelled, const std::vector<const wire*>& in);
  void add_operator(int k, const message::NodeProto& n, spelled_node& spelled, typename Ops::any op);
  integer_tensor operand(const spelled_node& spelled, const std::string& name, const integer_tensor& value, bool scaled, std::size_t place, bool keeps);
  void put_parameters(const message::NodeProto& n, const spelled_node& spelled, const std::vector<std::string>& names, layer& l, std::span<const shape> shapes);

  source& from_;
  const std::map<std::string, int, std::less<>>& symbols_;
  pool& workers_;
  frozen<Ops> made_;
  std::map<std::string, wire, std::less<>> wires_;
  std::map<std::pair<std::string, int>, int> constant_edges_;
  std::set<std::string> constant_names_;
  std::vector<std::string> problems_;
  const std::set<std::string>& living_;
  std::map<std::string, integer_tensor> evaluated_;
};

}  // namespace lnn::onnx::detail
