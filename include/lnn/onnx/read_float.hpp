// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <limits>

#include "float_recurrent.hpp"
#include "float_respelled.hpp"
#include "gelu_nodes.hpp"
#include "symbolic.hpp"

namespace lnn::onnx {

/// A network of real numbers with its parameters, ready to be trained, constrained and quantized.
template <class Ops = builtin>
struct float_network {
  graph<Ops> net;
  params weights;  ///< "layer.part", layers as the file's nodes are called
};

namespace detail {

template <class Ops>
class float_reader {
 public:
  float_reader(source& from, int opset, const symbol_values& symbols) : from_(from), symbols_(symbols), s_{from, opset, {}, {}, {}} {}

  [[nodiscard]] float_network<Ops> run() {
    for (const auto& in : from_.graph.input())
      if (!from_.constants.has(in.name())) add_input(in);
    for (const int k : from_.order) {
      const auto& n = from_.graph.node(k);
      try {
        add_node(k, n);
      } catch (const error& e) {
        problems_.push_back(sentence("node ", from_.names[static_cast<std::size_t>(k)], " (", n.op_type(), "): ", e.what()));
        for (const std::string& out : n.output()) s_.wires[out].lost = true;
      }
    }
    if (!problems_.empty()) {
      std::string all;
      for (const std::string& p : problems_) all.append("\n  ").append(p);
      fail(from_.place, ": ", problems_.size(), problems_.size() == 1 ? " node cannot be read:" : " nodes cannot be read:", all);
    }
    for (const auto& out : from_.graph.output()) {
      const wire* w = find(out.name());
      if (!w || w->edge < 0) fail(from_.place, ": output ", out.name(), " is made by no layer");
      s_.net.output({w->edge});
    }
    return {std::move(s_.net), std::move(s_.weights)};
  }

 private:
  const wire* find(const std::string& name) {
    const auto at = s_.wires.find(name);
    if (at != s_.wires.end()) return &at->second;
    if (!from_.constants.has(name)) return nullptr;
    return &(s_.wires[name] = {-1, from_.constants.get(name), false, false});
  }
  void add_input(const message::ValueInfoProto& in) {
    shape dims;
    const auto& t = in.type().tensor_type();
    if (!t.has_shape() || t.shape().dim_size() > shape::max_rank) fail(from_.place, ": input ", in.name(), " has no shape of at most ", shape::max_rank, " dimensions");
    std::uint64_t size = 1;
    for (const auto& d : t.shape().dim()) {
      const auto known = symbols_.find(d.dim_param());
      const bool batch = dims.rank() == 0 && d.dim_value() == 0;  // a description is of one sample
      const std::int64_t value = known != symbols_.end() ? known->second : batch ? 1 : d.dim_value();
      if (value < 1 || value > (1 << 28))
        fail(from_.place, ": input ", in.name(), " has a dimension ", d.dim_param().empty() ? sentence("of ", value) : d.dim_param(), "; say its size among the options: name=size");
      dims.append(static_cast<int>(value));
      if ((size *= static_cast<std::uint64_t>(value)) > std::uint64_t{1} << 30) fail(from_.place, ": input ", in.name(), " of ", dims, " is too large");
    }
    s_.wires[in.name()].edge = s_.net.input(intern(in.name()), dims).edge;
  }

  void add_node(int k, const message::NodeProto& n) {
    if (!n.domain().empty() && n.domain() != "ai.onnx") fail("operators of the domain ", n.domain(), " are no float operators; quantized files are read with lnn::onnx::read");
    if (gelu_.count(&n)) return;  // read with the first of its nodes
    std::vector<const wire*> in;
    for (const std::string& name : n.input()) {
      const wire* w = name.empty() ? nullptr : find(name);
      if (!name.empty() && !w) fail("input ", name, " is made by no node and is no input of the network");
      in.push_back(w);
      if (!w || !w->lost) continue;
      for (const std::string& out : n.output()) s_.wires[out].lost = true;
      return;
    }
    const std::string op = n.op_type();
    const bool passes = op == "Identity" || op == "Dropout" || (op == "Cast" && !in.empty() && in[0] && in[0]->edge >= 0);
    if (passes && !in.empty() && in[0] && n.output_size() > 0) {
      s_.wires[n.output(0)] = wire(*in[0]);
      return;
    }
    spelled_node spelled = from_.spelled[static_cast<std::size_t>(k)];
    std::vector<integer_tensor> values;
    if (op == "Shape" && !in.empty() && in[0]) values.push_back(shape_constant(s_.dims(*in[0])));
    else if (auto made = constants_made(n, spelled, in, folded::room, from_.place)) values = std::move(*made);
    for (std::size_t i = 0; i < values.size() && static_cast<int>(i) < n.output_size(); ++i)
      s_.wires[n.output(static_cast<int>(i))] = {-1, std::make_shared<const integer_tensor>(std::move(values[i])), false, false};
    if (!values.empty()) return;
    const std::string& name = from_.names[static_cast<std::size_t>(k)];
    if (op == "LSTM") return add_recurrent<Ops, lstm>(s_, name, n, spelled, in, lstm_gates);
    if (op == "GRU") return add_recurrent<Ops, gru>(s_, name, n, spelled, in, gru_gates);
    if (op == "Gemm" || (op == "MatMul" && in.size() == 2 && in[0] && in[1] && in[0]->edge >= 0 && in[1]->constant)) return add_linear(name, n, spelled, in);
    if (op == "Add" && joins_bias(n, in)) return;
    if (op == "ReduceMean") return add_mean<Ops>(s_, name, n, spelled, in);
    if (op == "LeakyRelu" || op == "PRelu") return add_slope<Ops>(s_, name, n, spelled, in);
    if (add_gelu(name, n, in)) return;
    add_operator(name, n, std::move(spelled), in);
  }

  /// Operators that have the attributes of their quantized relatives.
  void add_operator(const std::string& name, const message::NodeProto& n, spelled_node spelled, const std::vector<const wire*>& in) {
    using use = spelled_tensor::use;
    if (in.empty() || !in[0]) fail("the first input is missing");
    const int weight_rank = in.size() > 1 && in[1] ? s_.dims(*in[1]).rank() : 0;
    spelled.op = quantized_name(n.op_type(), weight_rank);
    spelled.outputs = static_cast<std::size_t>(std::max(n.output_size(), 1));
    if (n.op_type() != "Split") spelled.outputs = 1;
    for (std::size_t i = 0; i < in.size(); ++i) {
      spelled_tensor t{n.input(static_cast<int>(i)), use::constant, {}};
      if (in[i] && in[i]->constant) t.data = in[i]->constant->access();
      if (in[i] && in[i]->edge >= 0) t.as = use::input, t.data = {nullptr, dtype::float32, s_.dims(*in[i]), 0};
      spelled.tensors.push_back(std::move(t));
    }
    say_defaults(spelled);
    say_float_defaults(spelled, n.op_type(), s_.dims(*in[0]), s_.opset);
    if (n.op_type() == "LayerNormalization") check_norm(spelled, s_.dims(*in[0]));
    bool named = false;
    auto op = kind_of<Ops>(spelled, named);
    if (!named) fail("the operator is not known");
    if (op.index() == 0) fail("the operator does not take these attributes");
    const traits is = visit_op(op, [&](auto& o) { return set_attributes(o, spelled); });
    list<int, 16> inputs;
    std::vector<shape> shapes, parts;
    std::vector<const integer_tensor*> values;
    std::vector<std::string> names;
    for (const spelled_tensor& t : spelled.tensors) {
      if (t.as == use::attribute) continue;
      if (t.name.empty()) fail("an input is left out that the operator needs");
      const wire& w = *find(t.name);
      if (w.edge >= 0) {
        inputs.push_back(w.edge);
        shapes.push_back(s_.dims(w));
      } else {
        values.push_back(w.constant.get());
        parts.push_back(w.constant->dims());
        names.push_back(t.name);
      }
    }
    if (static_cast<int>(inputs.size()) < is.inputs)
      fail("input ", names.empty() ? "" : names[0], " is a constant; in networks that are trained only parameters are: fold it into a layer, or make it an input");
    const bool batch_norm_ = n.op_type() == "BatchNormalization";
    if (batch_norm_ && parts.size() > 2) parts.resize(2);  // the statistics are no trained parameters
    visit_op(op, [&](auto& o) {
      set_from_shapes(o, std::span<const shape>(shapes), std::span<const shape>(parts));
      if constexpr (std::remove_cvref_t<decltype(o)>::name == "reshape")  // one sample stays one sample: batches are laid along axis 0
        if (!o.dims.empty() && o.dims[0] == 1 && shapes[0].rank() > 0 && shapes[0][0] == 1) o.dims[0] = 0;
    });
    const parameter_list wanted = visit_op(op, [&](const auto& o) { return o.parameters(std::span<const shape>(shapes)); });
    if (wanted.size() != values.size()) fail("the operator takes ", wanted.size(), " parameters, there are ", values.size());
    const int edge = s_.add(name, op, inputs);
    for (std::size_t i = 0; i < wanted.size(); ++i) s_.put(name, wanted[i].name, wanted[i].kind, real_tensor(*values[i], wanted[i].dims, names[i]));
    for (int i = 0; i < n.output_size(); ++i)
      if (!n.output(i).empty() && (i == 0 || spelled.outputs > 1)) s_.wires[n.output(i)].edge = edge + i;
  }
  static void check_norm(spelled_node& n, const shape& x) {
    const double* axis = n.number("axis");
    const int from = axis ? normal_axis(static_cast<int>(lnn::detail::within_int(*axis)), x.rank()) : x.rank() - 1;
    if (from < x.rank() - 2 || from >= x.rank()) fail("attribute axis is ", axis ? *axis : -1.0, "; the chips normalize over the last axis or the last two");
    if (const double* eps = n.number("epsilon"); eps && std::abs(*eps - 1e-5) > 1e-9) fail("attribute epsilon is ", *eps, ", the chips know 1e-5 only");
    n.numbers.erase("epsilon");
    n.numbers.erase("axis");
  }

  void add_linear(const std::string& name, const message::NodeProto& n, const spelled_node& spelled, const std::vector<const wire*>& in) {
    const auto number = [&](std::string_view a, double otherwise) { return number_or(spelled, a, otherwise); };
    if (in.size() < 2 || !in[0] || in[0]->edge < 0 || !in[1] || !in[1]->constant) fail("the second operand must be a constant weight");
    const shape w = in[1]->constant->dims();
    if (w.rank() != 2) fail("the weight is ", w, ", expected two dimensions");
    if (number("transA", 0) != 0 || number("alpha", 1) != 1 || number("beta", 1) != 1) fail("attributes transA, alpha and beta must be 0, 1 and 1");
    const bool as_is = n.op_type() == "Gemm" && number("transB", 0) != 0;
    tensor<float> weight = real_tensor(*in[1]->constant, w, n.input(1));
    if (!as_is) weight = transposed(weight);
    const wire* bias = in.size() > 2 ? in[2] : nullptr;
    if (bias && !bias->constant) fail("the bias must be a constant");
    linear op{.out = weight.dims()[0], .bias = bias != nullptr};
    const std::string* joined = bias ? nullptr : bias_behind(n, op.out);
    if (joined) {
      op.bias = true;
      bias = find(*joined);
    }
    const shape x = s_.dims(in[0]->edge);
    if (x.rank() == 0 || x[x.rank() - 1] != weight.dims()[1]) fail("weight ", w, " does not fit an input of ", x);
    const int edge = s_.add(name, op, {in[0]->edge});
    s_.put(name, "weight", role::weight, std::move(weight));
    if (op.bias) s_.put(name, "bias", role::bias, bias->constant->size() == 1 && op.out > 1 ? spread(*bias->constant, op.out) : real_tensor(*bias->constant, {op.out}, "bias"));
    s_.wires[n.output(0)].edge = edge;
  }
  static tensor<float> spread(const integer_tensor& one, int count) {
    tensor<float> all({count});
    all.fill(real_tensor(one, {1}, "bias")[0]);
    return all;
  }
  /// The constant that an Add behind a MatMul adds to every row: its bias.
  const std::string* bias_behind(const message::NodeProto& n, int out) {
    const auto readers = from_.net.readers.find(n.output(0));
    if (readers == from_.net.readers.end() || readers->second.size() != 1 || n.op_type() != "MatMul") return nullptr;
    for (const auto& o : from_.graph.output())
      if (o.name() == n.output(0)) return nullptr;
    const auto& add = from_.graph.node(readers->second[0].node);
    if (add.op_type() != "Add" || add.input_size() != 2) return nullptr;
    const std::string& other = add.input(1 - readers->second[0].place);
    if (!from_.constants.has(other)) return nullptr;
    const auto value = from_.constants.get(other);
    if (value->size() != static_cast<std::size_t>(out) || (value->dims().rank() > 0 && value->dims()[value->dims().rank() - 1] != out)) return nullptr;
    joined_.insert(&add);
    return &other;
  }
  bool joins_bias(const message::NodeProto& n, const std::vector<const wire*>& in) {
    if (!joined_.count(&n)) return false;
    for (const wire* w : in)
      if (w->edge >= 0) s_.wires[n.output(0)] = wire(*w);
    return true;
  }

  bool add_gelu(const std::string& name, const message::NodeProto& n, const std::vector<const wire*>& in) {
    if (in.size() != 2 || !in[0] || in[0]->edge < 0) return false;
    const gelu_nodes found(from_, n, [&](const std::string& tensor) {
      const wire* w = find(tensor);
      return w && w->constant && w->constant->size() == 1 ? folded::from(*w->constant).v[0] : std::numeric_limits<double>::quiet_NaN();
    });
    if (!found.last) return false;
    gelu_.insert(found.between.begin(), found.between.end());
    gelu_.insert(found.last);
    s_.wires[found.last->output(0)].edge = s_.add(name, gelu{}, {in[0]->edge});
    return true;
  }

  source& from_;
  const symbol_values& symbols_;
  float_state<Ops> s_;
  std::set<const message::NodeProto*> joined_, gelu_;
  std::vector<std::string> problems_;
};

}  // namespace detail

/// A plain float ONNX network (opset 11 to 17 of ONNX's own operators) as a network that can be trained, with its
/// weights.  It is described for one sample; `sizes` fixes the dimensions that the file only names.  Unsupported nodes are
/// told at once, with node, operator and attribute.
template <class Ops = builtin>
[[nodiscard]] float_network<Ops> read_float(std::span<const std::uint8_t> bytes, std::string_view place, const std::vector<symbol>& sizes = {}) {
  const message::ModelProto model = parse(bytes, place);
  detail::source from(model.graph(), place);
  detail::symbol_values known;
  for (const symbol& s : sizes) known[s.name] = s.max;
  int opset = 1;
  for (const auto& o : model.opset_import())
    if (o.domain().empty() || o.domain() == "ai.onnx") opset = static_cast<int>(std::clamp<std::int64_t>(o.version(), 1, 1000));
  return detail::float_reader<Ops>(from, opset, known).run();
}
template <class Ops = builtin>
[[nodiscard]] float_network<Ops> read_float(const std::string& path, const std::vector<symbol>& sizes = {}) {
  return read_float<Ops>(read_file(path), path, sizes);
}

}  // namespace lnn::onnx
