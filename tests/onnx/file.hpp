// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/onnx/constant.hpp>

#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

/// An ONNX file that a test writes by hand.
class file {
 public:
  using value = std::variant<int, float, std::string, std::vector<int>>;
  using attributes = std::initializer_list<std::pair<std::string, value>>;
  using names = std::initializer_list<std::string>;

  lnn::onnx::message::ModelProto model;

  file() {
    model.set_ir_version(7);
    graph().set_name("test");
  }
  lnn::onnx::message::GraphProto& graph() { return *model.mutable_graph(); }

  /// Dimensions below 0 have no size; words are names of dimensions.
  file& input(const std::string& name, std::initializer_list<std::variant<int, std::string>> dims, lnn::dtype type = lnn::dtype::float32) {
    auto& in = *graph().add_input();
    in.set_name(name);
    auto& t = *in.mutable_type()->mutable_tensor_type();
    t.set_elem_type(lnn::onnx::onnx_type_of(type));
    for (const auto& d : dims) {
      auto& to = *t.mutable_shape()->add_dim();
      if (const int* n = std::get_if<int>(&d)) to.set_dim_value(*n);
      else to.set_dim_param(std::get<std::string>(d));
    }
    return *this;
  }
  file& output(const std::string& name) {
    graph().add_output()->set_name(name);
    return *this;
  }
  template <class T>
  file& constant(const std::string& name, const lnn::shape& dims, const std::vector<T>& values) {
    lnn::integer_tensor t(lnn::dtype_of<T>, dims, 0);
    for (std::size_t i = 0; i < t.size(); ++i) t.as<T>()[i] = values[i % values.size()];
    lnn::onnx::put_constant(*graph().add_initializer(), name, t);
    return *this;
  }
  /// `op` is "domain::name", or a name of ONNX itself.
  file& node(const std::string& op, names in, names out, attributes has = {}) {
    auto& n = *graph().add_node();
    const auto colon = op.find("::");
    n.set_op_type(colon == std::string::npos ? op : op.substr(colon + 2));
    if (colon != std::string::npos) n.set_domain(op.substr(0, colon));
    n.set_name(n.op_type() + "_" + *out.begin());
    for (const auto& i : in) n.add_input(i);
    for (const auto& o : out) n.add_output(o);
    for (const auto& [name, v] : has) {
      auto& a = *n.add_attribute();
      a.set_name(name);
      if (const int* i = std::get_if<int>(&v)) a.set_type(a.INT), a.set_i(*i);
      if (const float* f = std::get_if<float>(&v)) a.set_type(a.FLOAT), a.set_f(*f);
      if (const std::string* s = std::get_if<std::string>(&v)) a.set_type(a.STRING), a.set_s(*s);
      if (const auto* list = std::get_if<std::vector<int>>(&v)) {
        a.set_type(a.INTS);
        for (int i : *list) a.add_ints(i);
      }
    }
    return *this;
  }
  [[nodiscard]] std::vector<std::uint8_t> bytes() const { return lnn::onnx::to_bytes(model, "test"); }
};
