// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/config.hpp"
#include "../graph/streamed.hpp"
#include "../model/writer.hpp"
#include "assemble.hpp"
#include "planned.hpp"

namespace lnn {

namespace packing {

/// Throws a refusal when rules are broken; returns those about defects of the public engine that are allowed.
inline std::vector<std::string> require_legal(const verdict& found, const chip& on, bool allow_defects) {
  std::string all;
  std::vector<std::string> allowed;
  for (const finding& f : found.refused()) {
    if (allow_defects && f.what->defect) allowed.emplace_back(spoken(f, on.name).view());
    else all.append(all.empty() ? "" : "\n").append(spoken(f, on.name).view());
  }
  if (!all.empty()) throw refusal(all);
  return allowed;
}

}  // namespace packing

/// Packs a frozen model into a model.bin for a chip.  Throws a refusal with all broken rules, one sentence a line; the
/// bytes are only made when the engine that loads them computes what the frozen model says (option isstream: what
/// streamed() makes of it).
template <class Ops>
[[nodiscard]] packed pack(const frozen<Ops>& m, const chip& on, const pack_options& options = {}) {
  if (options.stream != streaming::none) {
    if constexpr (Ops::template has<concat> && Ops::template has<slice>) {
      pack_options whole = options;
      whole.stream = streaming::none;
      return pack(streamed(m, options.stream == streaming::height ? stream_axis::rows : stream_axis::columns), on, whole);
    } else {
      fail("pack: isstream needs the operators concat and slice, which the model's set of operators does not have");
    }
  }
  packed out;
  const verdict layers = check_layers(m, on, {}, packing::plan_asked(m, options));
  out.advice = packing::require_legal(layers, on, options.allow_defects);
  for (const finding& f : layers.advice())
    if (!f.what->repaired) out.advice.emplace_back(spoken(f, on.name).view());
  chip room = on;
  room.memory.share = std::min(room.memory.share, options.ram);
  room.memory.psram = std::min(room.memory.psram, options.psram);
  pack_options how = options;
  how.limits.symbolic = !m.symbols.empty();
  packing::planned p = packing::fitting_plan(packing::cut(lower::made(m), options.inputs, options.outputs), on, room, how);
  verdict memory;
  check_totals(p.plan.all(), room, memory);
  static_cast<void>(packing::require_legal(memory, on, false));
  out.passes = static_cast<std::vector<pass_change>&&>(p.passes);
  out.program = packing::assemble(m, p.program, p.plan, on);
  out.plan = static_cast<plan::memory_plan&&>(p.plan);
  out.bytes = model::write(out.program);
  return out;
}
template <class Ops>
[[nodiscard]] packed pack(const frozen<Ops>& m) {
  return pack(m, *m.target);
}

#if LNN_COMPILED
LNN_CHECK_INSTANCE packed pack(const frozen<builtin>&, const chip&, const pack_options&);
#endif

}  // namespace lnn
