// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/frozen.hpp"
#include "json.hpp"

namespace lnn::report {

namespace detail {
/// Calls use(name, numbers) for every attribute of a layer's operator.
template <class Ops, class Use>
void each_attribute(const typename frozen<Ops>::layer& l, const Use& use) {
  visit_op(l.op, [&](const auto& op) { for_each_field(op, [&](const auto& f, const auto& value) { use(f.name, numbers(value)); }); });
}
template <class Ops>
[[nodiscard]] std::string_view operator_name(const typename frozen<Ops>::layer& l) {
  return visit_op(l.op, [](const auto& op) -> std::string_view { return std::remove_cvref_t<decltype(op)>::name; });
}
}  // namespace detail

/// A frozen model to be read: inputs and outputs, layers in order with their attributes and parameters.
template <class Ops>
[[nodiscard]] std::string frozen_text(const frozen<Ops>& m, std::string_view name) {
  const auto edge = [&](int e) {
    const auto& t = m.edges[static_cast<std::size_t>(e)];
    return sentence(t.name, " ", t.dims, " ", name_of(t.type), t.type == dtype::float32 ? "" : sentence(" at 2^-", t.exponent), t.value ? ", constant" : "");
  };
  std::string out = sentence(name, ": network for ", m.target->name, ", ", m.layers.size(), " layers, ", m.parameter_bytes(), " bytes of parameters\n");
  for (const symbol& s : m.symbols) out += sentence("symbol  ", s.name, ": ", s.min, " to ", s.max, " in steps of ", s.factor, "\n");
  for (int e : m.inputs) out += "input   " + edge(e) + '\n';
  for (int e : m.outputs) out += "output  " + edge(e) + '\n';
  out += '\n';
  for (std::size_t i = 0; i < m.layers.size(); ++i) {
    const auto& l = m.layers[i];
    out += sentence(i, "  ", l.name, ": ", detail::operator_name<Ops>(l), l.relu ? " + relu" : "");
    detail::each_attribute<Ops>(l, [&](std::string_view field, const number_list& values) {
      if (values.empty()) return;
      out += sentence(" ", field, "=");
      for (std::size_t k = 0; k < values.size(); ++k) out += sentence(k ? "," : "", values[k]);
    });
    out += '\n';
    for (int e : l.inputs) out += "       in    " + edge(e) + '\n';
    for (const integer_tensor& p : l.parameters) out += sentence("       param ", p.dims(), " ", name_of(p.type()), " at 2^-", p.exponent(), "\n");
    for (int e = l.output; e < l.output + l.outputs; ++e) out += "       out   " + edge(e) + '\n';
  }
  return out;
}

/// The same as a JSON document.
template <class Ops>
[[nodiscard]] std::string frozen_json(const frozen<Ops>& m, std::string_view name) {
  json_text json;
  json.open('{').field("model", name).field("chip", m.target->name).field("parameter_bytes", m.parameter_bytes());
  json.key("tensors").open('[');
  for (const auto& t : m.edges)
    json.open('{').field("name", std::string_view(t.name)).numbers("dims", t.dims).field("type", name_of(t.type)).field("exponent", t.exponent)
        .field("constant", t.value.has_value()).close('}');
  json.close(']').numbers("inputs", m.inputs).numbers("outputs", m.outputs).key("layers").open('[');
  for (const auto& l : m.layers) {
    json.open('{').field("name", std::string_view(l.name)).field("operator", detail::operator_name<Ops>(l)).field("relu", l.relu);
    json.numbers("inputs", l.inputs).field("output", l.output).field("outputs", l.outputs).key("attributes").open('{');
    detail::each_attribute<Ops>(l, [&](std::string_view field, const number_list& values) { json.numbers(field, values); });
    json.close('}').key("parameters").open('[');
    for (const integer_tensor& p : l.parameters)
      json.open('{').numbers("dims", p.dims()).field("type", name_of(p.type())).field("exponent", p.exponent()).close('}');
    json.close(']').close('}');
  }
  return json.close(']').close('}').done();
}

}  // namespace lnn::report
