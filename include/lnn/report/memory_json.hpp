// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "json.hpp"
#include "memory_map.hpp"

namespace lnn::report {

/// The memory map as a value within a JSON document: per part its kind, bytes, figures for comparison and tensors.
inline void put_memory(json_text& json, const memory_map& map) {
  json.open('[');
  for (const memory_part& p : map.parts) {
    json.open('{').field("kind", model::name_of(p.kind)).field("constants", p.constants).field("bytes", p.bytes);
    json.field("limit", capacity(*map.target, p.kind));
    if (p.reference_bytes >= 0) json.field("reference_bytes", p.reference_bytes);
    if (p.lower_bound >= 0) json.field("lower_bound", p.lower_bound);
    json.key("tensors").open('[');
    for (const memory_row& r : p.rows) {
      json.open('{').field("name", std::string_view(r.name)).field("content", name_of(r.what)).field("offset", r.offset);
      json.field("bytes", r.bytes).field("begin", r.begin).field("end", r.end).close('}');
    }
    json.close(']').close('}');
  }
  json.close(']');
}

/// The same as a document of its own.
[[nodiscard]] inline std::string memory_json(const memory_map& map) {
  json_text json;
  json.open('{').field("model", std::string_view(map.model)).field("chip", map.target->name).field("operators", map.operators);
  json.key("memory");
  put_memory(json, map);
  return json.close('}').done();
}

}  // namespace lnn::report
