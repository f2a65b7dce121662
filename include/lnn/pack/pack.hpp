// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../check/frozen.hpp"
#include "../lower/lowered.hpp"
#include "../lower/made_frozen.hpp"
#include "../model/writer.hpp"
#include "../plan/make.hpp"
#include "assemble.hpp"
#include "cut.hpp"
#include "packed.hpp"

namespace lnn {

namespace packing {

/// Throws a refusal when a network breaks rules of the chip.
template <class Ops>
void require_legal(const frozen<Ops>& m, const chip& on, std::vector<std::string>* advice) {
  const verdict found = check(m, on);
  if (advice)
    for (const finding& f : found.advice()) advice->emplace_back(spoken(f, on.name).view());
  if (found.clean()) return;
  std::string all;
  for (const finding& f : found.refused()) all.append(all.empty() ? "" : "\n").append(spoken(f, on.name).view());
  throw refusal(all);
}

/// Steps of `after` that `before` does not have: by name, operator and connections.
[[nodiscard]] inline std::size_t new_steps(const lower::program& before, const lower::program& after) {
  const auto key = [](const lower::program& p, const lower::step& s) {
    std::string k = s.name.text() + '\n' + std::string(s.op) + (s.relu ? "+" : "");
    for (const auto* all : {&s.inputs, &s.outputs})
      for (int t : *all) k += '\n' + p.at(t).name.text();
    return k;
  };
  std::vector<std::string> known;
  for (const lower::step& s : before.steps) known.push_back(key(before, s));
  std::sort(known.begin(), known.end());
  std::size_t n = 0;
  for (const lower::step& s : after.steps) n += !std::binary_search(known.begin(), known.end(), key(after, s));
  return n;
}

/// Lets named tensors lie where the options say.
inline void ask_memory(lower::program& p, const std::vector<placement>& where) {
  for (const placement& w : where) {
    bool found = false;
    for (lower::tensor& t : p.tensors)
      if (!t.constant() && t.name.text() == w.tensor) t.asked = w.where, found = true;
    if (!found) fail("pack: option memory names ", w.tensor, ", which is no tensor of the packed network; lnn info lists them");
  }
}

/// Whether every step that fetches its constants ahead has them behind each other: a transfer copies one piece.  Constants
/// that several steps share may lie elsewhere.
[[nodiscard]] inline bool fetches_in_one_piece(const lower::program& p, const plan::memory_plan& plan) {
  for (std::size_t i = 0; i < p.steps.size(); ++i) {
    long long next = -1;
    for (int t : p.steps[i].inputs) {
      const plan::entry& e = plan.entries[static_cast<std::size_t>(t)];
      if (plan.dma[i] < 0 || !e.constant) continue;
      if (next >= 0 && e.offset != next) return false;
      next = e.offset + e.bytes;
    }
  }
  return true;
}

/// Inputs that only say where to look things up come as 64 bits, as files everywhere have them.
[[nodiscard]] inline lower::program widen_places(lower::program p) {
  for (const int t : p.inputs) {
    bool looks = p.at(t).type == dtype::int32;
    for (const lower::step& s : p.steps)
      for (std::size_t k = 0; k < s.inputs.size(); ++k) looks = looks && (s.inputs[k] != t || (s.op == "Gather" && k == 1));
    if (!looks) continue;
    p.at(t).type = dtype::int64;
    p.at(t).scale = {};
  }
  return p;
}

/// A constant factor or divisor of one element is a number without axes, which is how engines tell it from a tensor.
[[nodiscard]] inline lower::program number_factors(lower::program p) {
  for (const lower::step& s : p.steps) {
    if (s.op != "iqMul" && s.op != "iqDiv") continue;
    lower::tensor& t = p.at(s.inputs[1]);
    if (t.from == lower::origin::value && t.dims == shape{1}) t.dims = {};
  }
  return p;
}

}  // namespace packing

/// Packs a frozen model into a model.bin for a chip.  Fails with all broken rules, one sentence a line; the bytes are only
/// made when the engine that loads them computes what the frozen model says.
template <class Ops>
[[nodiscard]] packed pack(const frozen<Ops>& m, const chip& on, const pack_options& options = {}) {
  packed out;
  packing::require_legal(m, on, &out.advice);
  lower::program p = packing::cut(lower::made(m), options.inputs, options.outputs);
  for (const lower::pass& pass : lower::passes) {
    const lower::program before = p;
    pass.run(p, on, {.limits = options.limits, .keep_quant = options.keep_quant});
    out.passes.push_back({pass.name, before.steps.size(), p.steps.size(), packing::new_steps(before, p)});
  }
  p = packing::number_factors(packing::widen_places(static_cast<lower::program&&>(p)));
  packing::ask_memory(p, options.memory);
  limit::packing limits = options.limits;
  p = plan::bound(p, limits);
  out.plan = plan::make(p, on, limits);
  if (!packing::fetches_in_one_piece(p, out.plan)) {
    limits.dma_prefetch = false;
    out.plan = plan::make(p, on, limits);
  }
  out.program = packing::assemble(m, p, out.plan, on);
  out.bytes = model::write(out.program);
  return out;
}
template <class Ops>
[[nodiscard]] packed pack(const frozen<Ops>& m) {
  return pack(m, *m.target);
}

}  // namespace lnn
