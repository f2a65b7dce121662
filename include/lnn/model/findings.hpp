// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/workspace.hpp"
#include "operators.hpp"

namespace lnn::model {

/// The reference packer reserves less than the engine uses for some operators; what lies behind is overwritten.
inline constexpr rule short_workspace{
    "model.workspace", "workspace, of which the engine uses more,", " bytes", "pack the network again with lnn", "引擎实际使用更多的工作区",
    "用 lnn 重新打包", true};
/// The engine reads the gains of a layer norm in 16 bits there, whatever the file holds.
inline constexpr rule narrow_gain{
    "model.gain", "a gain of 8 bits, which the engine reads in 16 (defect D36)", "", "pack the network again with lnn",
    "8 位的增益，而引擎按 16 位读取（缺陷 D36）", "用 lnn 重新打包", true};

namespace detail {

/// Bytes of the operation's workspace: a temporary tensor that is no buffer of a transfer.
inline long long workspace_bytes(const program& p, const operation& o) {
  long long bytes = 0;
  for (std::uint32_t id : o.temps) {
    bool buffer = false;
    for (const transfer& t : p.transfers) buffer = buffer || t.destination == id;
    if (!buffer) bytes = static_cast<long long>(p.tensors[id].bytes());
  }
  return bytes;
}

/// Tensors of an operation as rules look at them.
inline limit::operand operand_of(const operands& o, std::uint32_t id) {
  const tensor& t = o.at(id);
  limit::operand as{.dims = o.dims(id), .bits = t.type() ? bits_of(*t.type()) : 0};
  if (t.scale > -1 && t.scale <= 62) as.scale = static_cast<int>(t.scale);
  if (!t.constant) as.asked = t.kind == memory_kind::share ? limit::memory::share : limit::memory::psram;
  as.constant = t.constant;
  return as;
}

}  // namespace detail

/// What lnn's rules say of the operations of a file: limits of the chip that it breaks, and known defects of the public
/// engine (rule::defect) that would make the chip compute something else than lnn does.  Every finding's layer is the name of
/// the operation's first output, which belongs to the program.
[[nodiscard]] inline verdict findings(const program& p) {
  verdict all;
  if (!p.target()) return all;
  std::vector<shape> dims;
  std::vector<std::span<const std::uint8_t>> bytes;
  for (std::uint32_t id = 0; id < p.tensors.size(); ++id) {
    const tensor& t = p.tensors[id];
    dims.push_back(t.dims);
    bytes.push_back(t.constant ? p.constant(id) : std::span<const std::uint8_t>{});
  }
  for (const operation& op : p.operations) {
    const operands o(p, op, dims, bytes, "model");
    const bound b = bind(o);
    if (b.depends) continue;
    (void)results(o, b);  // rules ask shapes that fit
    std::vector<limit::operand> in, out, parameters;
    std::vector<shape> shapes;
    for (std::uint32_t id : b.reads) in.push_back(detail::operand_of(o, id)), shapes.push_back(dims[id]);
    for (std::uint32_t id : op.outputs) out.push_back(detail::operand_of(o, id));
    all.layer = op.outputs.empty() ? std::string_view(op.type) : std::string_view(p.tensors[op.outputs[0]].name);
    visit_op(b.op, [&](const auto& known) {
      std::size_t place = 0;
      for (const parameter& wanted : known.parameters(shapes)) {
        if (!trained(wanted.kind) || place == b.weights.size()) continue;
        limit::operand one = detail::operand_of(o, b.weights[place++]);
        one.dims = wanted.dims;
        parameters.push_back(one);
      }
      const layer_tensors around{in, out, parameters};
      known.check(around, *p.target(), all);
      if (op.type == "LayerNormInt" && p.target()->engine.normal_bits == 16) all.never(narrow_gain, parameters[0].bits == 8);
      if constexpr (requires { known.facts(around); })
        all.at_least(short_workspace, detail::workspace_bytes(p, op),
                     limit::workspace_of(known.facts(around), *p.target(), limit::figures::corrected).bytes);
    });
  }
  return all;
}

}  // namespace lnn::model
