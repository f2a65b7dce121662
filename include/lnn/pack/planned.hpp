// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../check/frozen.hpp"
#include "../lower/dump.hpp"
#include "../plan/fitting.hpp"
#include "cut.hpp"
#include "packed.hpp"

namespace lnn::packing {

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

/// Where the options want the edges of a model.  An input that loses its Quant keeps its name: what reads the integers reads it.
template <class Ops>
[[nodiscard]] packing_plan plan_asked(const frozen<Ops>& m, const pack_options& options) {
  packing_plan how{.limits = options.limits, .asked = std::vector<limit::memory>(m.edges.size(), limit::memory::any)};
  for (const placement& w : options.memory)
    for (std::size_t e = 0; e < m.edges.size(); ++e)
      if (m.edges[e].name == w.tensor) how.asked[e] = w.where;
  for (const auto& l : m.layers) {
    const auto from = static_cast<std::size_t>(l.inputs.front()), to = static_cast<std::size_t>(l.output);
    if (!options.keep_quant && m.edges[from].type == dtype::float32 && m.edges[to].type != dtype::float32) how.asked[to] = how.asked[from];
  }
  for (std::size_t e = 0; e < m.edges.size(); ++e) {
    const auto& t = m.edges[e];
    if (t.value || (t.type == dtype::float32 && !options.keep_quant)) continue;
    const bool small = static_cast<long long>(t.dims.size()) * bits_of(t.type) / 8 <= options.limits.memory_threshold;
    how.limits.anything_in_share = how.limits.anything_in_share || (how.asked[e] == limit::memory::any ? small : how.asked[e] == limit::memory::share);
  }
  return how;
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

/// A constant factor or divisor of one element is a number without axes, which is how engines tell it from a tensor.
[[nodiscard]] inline lower::program number_factors(lower::program p) {
  for (const lower::step& s : p.steps) {
    if (s.op != "iqMul" && s.op != "iqDiv") continue;
    lower::tensor& t = p.at(s.inputs[1]);
    if (t.from == lower::origin::value && t.dims == shape{1}) t.dims = {};
  }
  return p;
}

/// A program that is lowered and planned.
struct planned {
  lower::program program;
  plan::memory_plan plan;
  std::vector<pass_change> passes;
};

/// All passes over a network, then its memory plan; `limits` in place of those among the options.
[[nodiscard]] inline planned plan_of(lower::program p, const chip& on, const pack_options& options, limit::packing limits) {
  planned out;
  for (const lower::pass& pass : lower::passes) {
    const lower::program before = p;
    pass.run(p, on, {.limits = limits, .keep_quant = options.keep_quant});
    out.passes.push_back({pass.name, before.steps.size(), p.steps.size(), new_steps(before, p), options.dump ? lower::dump(p) : std::string()});
  }
  if (p.steps.empty()) fail("pack: no operator is left to pack; what a network only quantizes and gives back, no engine has to run");
  p = number_factors(static_cast<lower::program&&>(p));
  ask_memory(p, options.memory);
  out.program = plan::bound(static_cast<lower::program&&>(p), limits);
  out.plan = plan::make(out.program, on, limits);
  if (fetches_in_one_piece(out.program, out.plan)) return out;
  limits.dma_prefetch = false;
  out.plan = plan::make(out.program, on, limits);
  return out;
}

/// The plan with the options as they are; where share memory does not suffice, with smaller parts of linear layers, as
/// peak_memory has it.
[[nodiscard]] inline planned fitting_plan(const lower::program& p, const chip& on, const chip& room, const pack_options& options) {
  planned first = plan_of(p, on, options, options.limits);
  if (first.plan.all().share <= room.memory.share || !p.has("LinearInt")) return first;
  const auto share_with = [&](const limit::packing& l) { return plan_of(p, on, options, l).plan.all().share; };
  return plan_of(p, on, options, plan::fitting_limits(options.limits, room.memory.share, share_with));
}

}  // namespace lnn::packing
