// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "program.hpp"

namespace lnn::model {

namespace detail {

inline void require_operands(const program& p, std::string_view place) {
  for (std::size_t i = 0; i < p.operations.size(); ++i) {
    const operation& o = p.operations[i];
    if (o.inputs.size() + o.outputs.size() + o.temps.size() > most_operands)
      fail(place, ": operator ", i, " (", o.type, ") has ", o.inputs.size() + o.outputs.size() + o.temps.size(),
           " operands, the engine takes at most ", most_operands);
    for (const auto* ids : {&o.inputs, &o.outputs, &o.temps})
      for (std::uint32_t id : *ids)
        if (id >= p.tensors.size())
          fail(place, ": operator section: operator ", i, " (", o.type, ") names tensor ", id, " of ", p.tensors.size(),
               "; the file is damaged");
    for (const auto* ids : {&o.outputs, &o.temps})
      for (std::uint32_t id : *ids)
        if (p.tensors[id].constant)
          fail(place, ": operator section: operator ", i, " (", o.type, ") writes to the constant ", p.tensors[id].name);
  }
}

inline void require_places(const program& p, std::string_view place) {
  const std::uint64_t constants = p.constants.empty() ? 0 : p.constants[0].bytes.size();
  for (std::size_t i = 0; i < p.tensors.size(); ++i) {
    const tensor& t = p.tensors[i];
    if (t.constant) {
      // an optional input that is left out has no bytes, whatever its shape says
      if (t.dims.rank() == 0 && t.offset == constants) continue;
      if (t.offset > constants || t.bytes() > constants - t.offset)
        fail(place, ": parameter section: constant ", i, " (", t.name, ") takes ", t.bytes(), " bytes at ", t.offset, " of ", constants,
             "; the file is damaged, or its packer lost the weights of a depthwise conv1d: pack the network again");
      continue;
    }
    std::uint64_t room = 0;
    bool there = p.memory.empty();  // MARS plans at run time
    for (const memory_block& m : p.memory)
      if (m.kind == t.kind) room = m.bytes, there = true;
    if (!there) fail(place, ": memory section: tensor ", i, " (", t.name, ") lies in ", name_of(t.kind), ", which has no memory");
    if (!p.memory.empty() && (t.offset > room || t.bytes() > room - t.offset))
      fail(place, ": tensor section: tensor ", i, " (", t.name, ") takes ", t.bytes(), " bytes at ", t.offset, " of the ", room, " of ",
           name_of(t.kind), "; the plan is damaged");
  }
}

inline void require_shapes(const program& p, std::string_view place) {
  const shape_program& s = p.shapes;
  const auto scalar = [&](std::int32_t id, std::string_view who) {
    if (id < 0 || static_cast<std::size_t>(id) >= s.scalars.size())
      fail(place, ": shape section: ", who, " names scalar ", id, " of ", s.scalars.size(), "; the file is damaged");
  };
  const auto dimension = [&](std::uint16_t tensor, std::uint8_t dim) {
    if (tensor >= p.tensors.size() || dim >= p.tensors[tensor].dims.rank())
      fail(place, ": shape section: there is no axis ", int{dim}, " of tensor ", int{tensor}, "; the file is damaged");
  };
  for (const auto& a : s.axes) {
    dimension(a.tensor, a.dim);
    if (a.input >= s.inputs.size()) fail(place, ": shape section: an axis names input ", int{a.input}, " of ", s.inputs.size());
  }
  for (const auto& in : s.inputs) scalar(in.scalar, "an input");
  for (std::int32_t out : s.outputs) scalar(out, "a result");
  for (const auto& step : s.steps) {
    if (step.inputs.empty()) fail(place, ": shape section: a step has no operand");
    for (std::int32_t in : step.inputs) scalar(in, "a step");
    scalar(step.output, "a step");
  }
  for (const auto& t : s.targets) dimension(t.tensor, t.dim);
  if (s.targets.size() != s.outputs.size())
    fail(place, ": shape section: ", s.targets.size(), " dimensions take the values of ", s.outputs.size(), " results");
}

}  // namespace detail

/// Throws unless everything that the program names is there: tensors inside their memory, constants inside their block,
/// operands, inputs, outputs, transfers and shapes in range.
inline void verify(const program& p, std::string_view place = "model") {
  if (p.tensors.size() > most_tensors) fail(place, ": there are ", p.tensors.size(), " tensors, expected at most ", most_tensors);
  detail::require_places(p, place);
  detail::require_operands(p, place);
  for (const auto* ports : {&p.inputs, &p.outputs})
    for (const port& one : *ports)
      if (one.tensor >= p.tensors.size())
        fail(place, ": io section: ", one.name, " is tensor ", one.tensor, " of ", p.tensors.size(), "; the file is damaged");
  for (const port& in : p.inputs)
    if (p.tensors[in.tensor].constant) fail(place, ": io section: the input ", in.name, " is a constant; the file is damaged");
  if (p.inputs.size() > 65535 || p.outputs.size() > 65535) fail(place, ": io section: there are more than 65535 inputs or outputs");
  if (p.transfers.size() > most_transfers)
    fail(place, ": dma section: there are ", p.transfers.size(), " transfers, the engine takes at most ", most_transfers);
  for (const transfer& t : p.transfers)
    if (t.source >= p.tensors.size() || t.destination >= p.tensors.size())
      fail(place, ": dma section: a transfer from tensor ", int{t.source}, " to ", int{t.destination}, " of ", p.tensors.size(),
           "; the file is damaged");
  detail::require_shapes(p, place);
}

}  // namespace lnn::model
