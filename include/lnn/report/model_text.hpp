// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "memory_text.hpp"
#include "model_json.hpp"

namespace lnn::report {

namespace detail {
[[nodiscard]] inline std::string attribute_text(const model::attributes& values) {
  std::string out;
  const model::attribute_table* table = values.table();
  for (const model::attribute& a : table ? table->fields : std::span<const model::attribute>{}) {
    if (!values.has(a.name)) continue;
    out += sentence(out.empty() ? "" : " ", a.name, "=");
    for (std::size_t i = 0; i < a.count; ++i) out += sentence(i ? "," : "", values.get(a.name, i));
  }
  return out;
}
}  // namespace detail

/// What a model.bin holds, to be read: inputs and outputs, the operators in order with their tensors and attributes, the
/// bytes in each kind of memory.
[[nodiscard]] inline std::string model_text(const model::program& p, std::string_view name) {
  using detail::field;
  std::string out = sentence(name, ": model.bin for ", p.target() ? p.target()->name : "mars", p.dated ? ", of a packer before 3.0" : "", ", ",
                             p.operations.size(), " operators, ", p.tensors.size(), " tensors, ", p.transfers.size(), " transfers ahead",
                             p.shapes.empty() ? "" : ", dynamic shapes", "\n");
  const auto tensor = [&](std::uint32_t id) {
    const model::tensor& t = p.tensors[id];
    return sentence(t.name, " [", id, "] ", t.dims, " ", detail::type_text(t), t.scale == -1.0F ? "" : sentence(" at 2^-", static_cast<double>(t.scale)),
                    t.constant ? ", constant" : "", " in ", model::name_of(t.kind));
  };
  for (const model::port& io : p.inputs) out += sentence("input   ", io.name, ": ", tensor(io.tensor), "\n");
  for (const model::port& io : p.outputs) out += sentence("output  ", io.name, ": ", tensor(io.tensor), "\n");
  out += "\n";
  for (std::size_t i = 0; i < p.operations.size(); ++i) {
    const model::operation& o = p.operations[i];
    out += field(std::to_string(i), 4) + ' ' + field(o.type, 18) + detail::attribute_text(o.values) + '\n';
    for (const std::uint32_t id : o.inputs) out += "       in   " + tensor(id) + '\n';
    for (const std::uint32_t id : o.outputs) out += "       out  " + tensor(id) + '\n';
    for (const std::uint32_t id : o.temps) out += "       temp " + tensor(id) + '\n';
  }
  out += sentence("\nmultiplications               ", count_operations(p).all(), "\n");
  const memory_map map = memory_of(p, std::string(name));
  for (const memory_part& part : map.parts)
    out += field(sentence("memory ", model::name_of(part.kind), part.constants ? ", constants" : ""), 30) +
           sentence(part.bytes, " bytes, limit ", capacity(*map.target, part.kind), "\n");
  return out;
}

}  // namespace lnn::report
