// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "memory_json.hpp"
#include "memory_of.hpp"
#include "operation_count.hpp"

namespace lnn::report {

namespace detail {

/// Element types that the library does not compute with keep their number.
[[nodiscard]] inline std::string type_text(const model::tensor& t) {
  if (const auto type = t.type()) return std::string(name_of(*type));
  return sentence("type ", int{t.code});
}
inline void put_ports(json_text& json, const model::program& p, std::string_view name, const std::vector<model::port>& ports) {
  json.key(name).open('[');
  for (const model::port& io : ports)
    json.open('{').field("name", std::string_view(io.name)).field("tensor", io.tensor).field("type", std::string_view(type_text(p.tensors[io.tensor])))
        .numbers("dims", p.tensors[io.tensor].dims).field("scale", static_cast<double>(p.tensors[io.tensor].scale)).close('}');
  json.close(']');
}
inline void put_attributes(json_text& json, const model::attributes& values) {
  json.key("attributes").open('{');
  if (const model::attribute_table* table = values.table()) {
    for (const model::attribute& a : table->fields) {
      if (!values.has(a.name)) continue;  // structs of older files are shorter
      if (a.count == 1) {
        json.field(a.name, values.get(a.name));
        continue;
      }
      std::vector<double> all;
      for (std::size_t i = 0; i < a.count; ++i) all.push_back(values.get(a.name, i));
      json.numbers(a.name, all);
    }
  }
  json.close('}');
}

}  // namespace detail

/// Everything that a model.bin says but the constants' elements, as a JSON document: chip, inputs and outputs, tensors,
/// operators with their attributes, memory, transfers.
[[nodiscard]] inline std::string model_json(const model::program& p, std::string_view name) {
  json_text json;
  json.open('{').field("model", name).field("chip", p.target() ? p.target()->name : "mars").field("dated", p.dated);
  detail::put_ports(json, p, "inputs", p.inputs);
  detail::put_ports(json, p, "outputs", p.outputs);
  json.key("tensors").open('[');
  for (const model::tensor& t : p.tensors)
    json.open('{').field("name", std::string_view(t.name)).field("type", std::string_view(detail::type_text(t))).numbers("dims", t.dims)
        .field("scale", static_cast<double>(t.scale)).field("memory", model::name_of(t.kind)).field("constant", t.constant)
        .field("layout", model::name_of(t.order)).field("offset", t.offset).close('}');
  json.close(']').key("operators").open('[');
  for (const model::operation& o : p.operations) {
    json.open('{').field("type", std::string_view(o.type));
    json.numbers("inputs", o.inputs).numbers("outputs", o.outputs).numbers("temps", o.temps);
    detail::put_attributes(json, o.values);
    json.close('}');
  }
  json.close(']').field("multiplications", count_operations(p).all()).key("transfers").open('[');
  for (const model::transfer& t : p.transfers)
    json.open('{').field("source", t.source).field("destination", t.destination).field("bytes", t.bytes).close('}');
  json.close(']').key("memory");
  put_memory(json, memory_of(p, std::string(name)));
  return json.close('}').done();
}

}  // namespace lnn::report
