// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/params.hpp"
#include "write_node.hpp"

namespace lnn::onnx::detail {

/// The file of a float network while it is written: names of its tensors, its constants, its nodes so far.
template <class Ops>
class float_nodes {
 public:
  using layer = lnn::node<Ops>;

  float_nodes(const graph_view<Ops>& net, const params& weights, message::GraphProto& g) : net_(net), weights_(weights), to_(g) {
    g.set_name("network");
    for (const lnn::edge& e : net.edges) names_.push_back(fresh(e.label()));
    for (int e : net.inputs) put_end(*g.add_input(), e);
    for (int e : net.outputs) put_end(*g.add_output(), e);
  }

  [[nodiscard]] const graph_view<Ops>& net() const { return net_; }
  [[nodiscard]] const params& weights() const { return weights_; }
  [[nodiscard]] const std::string& name(int e) const { return names_[static_cast<std::size_t>(e)]; }
  [[nodiscard]] const shape& dims(int e) const { return net_.edges[static_cast<std::size_t>(e)].dims; }
  std::string fresh(std::string_view wanted) { return to_.fresh(wanted); }

  message::NodeProto& node(std::string_view op, std::string_view called, const std::vector<std::string>& in, const std::string& out) {
    auto& n = *to_.graph().add_node();
    n.set_op_type(std::string(op));
    n.set_name(std::string(called));
    for (const std::string& i : in) n.add_input(i);
    n.add_output(out);
    return n;
  }
  /// A constant of whole numbers, or of one or many real ones: its name.
  std::string whole(std::string_view name, const number_list& values) { return to_.constant(name, line_of<std::int64_t>(values)); }
  std::string real(std::string_view name, double value) {
    integer_tensor t(dtype::float32, {}, 0);
    t.as<float>()[0] = static_cast<float>(value);
    return to_.constant(name, t);
  }
  std::string put(std::string_view name, const tensor<float>& value) {
    integer_tensor t(dtype::float32, value.dims(), 0);
    std::copy_n(value.data(), value.size(), t.as<float>());
    return to_.constant(name, t);
  }
  std::string weight(const layer& n, std::string_view part) { return put(sentence(n.name, ".", part), weights_.of(n.name, part).value); }

 private:
  /// The first dimension of inputs and outputs counts samples.
  void put_end(message::ValueInfoProto& to, int e) {
    to.set_name(name(e));
    auto& t = *to.mutable_type()->mutable_tensor_type();
    t.set_elem_type(is_index(e) ? message::TensorProto::INT64 : message::TensorProto::FLOAT);
    for (int d : dims(e)) t.mutable_shape()->add_dim()->set_dim_value(d);
  }
  [[nodiscard]] bool is_index(int e) const {
    for (const auto& n : net_.nodes)
      for (std::size_t i = 0; i < n.inputs.size(); ++i)
        if (n.inputs[i] == e && (visit_op(n.op, [](const auto& op) { return index_inputs_in(op); }) >> i & 1U) != 0) return true;
    return false;
  }

  const graph_view<Ops>& net_;
  const params& weights_;
  graph_writer to_;
  std::vector<std::string> names_;
};

}  // namespace lnn::onnx::detail
