// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/workspace.hpp"
#include "../lower/step_facts.hpp"
#include "../lower/wiring.hpp"
#include "memory_plan.hpp"

namespace lnn::plan {

[[nodiscard]] constexpr kind kind_of(limit::memory m) {
  return m == limit::memory::share ? kind::share : m == limit::memory::flash ? kind::flash : kind::psram;
}

/// The program with every tensor's memory decided (packer.md section 8): constants where the options say,
/// tensors that were asked for as asked, those above the threshold in PSRAM, all others in share memory.
[[nodiscard]] constexpr lower::program bound(lower::program p, const limit::packing& options,
                                             limit::figures which = limit::figures::corrected) {
  std::vector<int> narrow(p.tensors.size(),
                          0);  // bits as the reference packer counts results of convolutions
  if (which == limit::figures::reference)
    for (const lower::step& s : p.steps)
      if (is(s.op, "Conv2dInt") || is(s.op, "ConvTranspose2dInt"))
        narrow[static_cast<std::size_t>(s.outputs[0])] = bits_of(p.at(s.inputs[0]).type);
  for (std::size_t i = 0; i < p.tensors.size(); ++i) {
    lower::tensor& t = p.tensors[i];
    const long long bytes = t.elements() * (narrow[i] ? narrow[i] : bits_of(t.type)) / 8;
    if (t.constant())
      t.asked = options.parameters == limit::memory::any ? limit::memory::psram : options.parameters;
    else if (t.asked == limit::memory::any)
      t.asked = bytes > options.memory_threshold ? limit::memory::psram : limit::memory::share;
  }
  return p;
}

/// True when weights are fetched ahead: the option, unless an engine would go wrong (engine_defects.md D24,
/// D37; model_bin.md section 8): states of recurrent layers are not counted on, nor the biases of 4-bit
/// weights found, and it has no room to remember any number of transfers.
[[nodiscard]] constexpr bool prefetches(const lower::program& p, const chip& on,
                                        const limit::packing& options, limit::figures which) {
  if (!options.dma_prefetch || options.parameters == limit::memory::share) return false;
  if (which == limit::figures::reference) return true;
  std::size_t transfers = 0;
  for (const lower::step& s : p.steps) {
    if (limit::fetches(s.op) && ++transfers > most_transfers) return false;
    if (is(s.op, "GRUInt") || (is(s.op, "LSTMInt") && !on.engine.lstm_prefetch)) return false;
    long long odd = 0;  // VENUS finds an LSTM's weights back to back
    int weights = 0;
    bool narrow = false;
    for (int i : s.inputs) {
      const lower::tensor& t = p.at(i);
      if (t.from != lower::origin::parameter) continue;
      ++weights;
      narrow = narrow || t.type == dtype::int4;
      odd += t.bytes() % 16;
    }
    if (is(s.op, "LSTMInt") && odd != 0) return false;
    if ((is(s.op, "Conv2dInt") || is(s.op, "LinearInt")) && narrow && weights > 1) return false;
  }
  return true;
}

namespace detail {

constexpr bool in_place(std::string_view op) {
  return is(op, "Reshape") || is(op, "Squeeze") || is(op, "Unsqueeze");
}

/// The engines' iqSub subtracts from what its output holds: right where that is the first input, at the same exponent
/// (limit::sub::first_operand).  Lets the output take over the bytes of an input that nobody needs any more.
constexpr void share_differences(const lower::program& p, std::vector<entry>& all) {
  const auto root = [&](int t) {
    while (all[static_cast<std::size_t>(t)].shares >= 0) t = all[static_cast<std::size_t>(t)].shares;
    return t;
  };
  for (std::size_t s = 0; s < p.steps.size(); ++s) {
    if (!is(p.steps[s].op, "iqSub")) continue;
    const int from = p.steps[s].inputs[0], to = p.steps[s].outputs[0];
    const lower::tensor &x = p.at(from), &y = p.at(to);
    const entry& e = all[static_cast<std::size_t>(to)];
    bool free = !x.constant() && x.dims == y.dims && x.type == y.type && e.lies == kind::share &&
                all[static_cast<std::size_t>(from)].lies == kind::share;
    for (std::size_t t = 0; free && t < p.tensors.size(); ++t)
      free = root(static_cast<int>(t)) != root(from) || all[t].end <= static_cast<int>(s);
    for (int o : p.outputs) free = free && root(o) != root(from);
    if (free) all[static_cast<std::size_t>(to)].shares = from;
  }
}

/// Entries of the tensors: where they lie, how long they live, whose place they take.
constexpr std::vector<entry> tensor_entries(const lower::program& p, limit::figures which) {
  const int last = p.steps.empty() ? 0 : static_cast<int>(p.steps.size()) - 1;
  std::vector<entry> all(p.tensors.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const lower::tensor& t = p.tensors[i];
    entry& e = all[i];
    e.lies = kind_of(t.asked);
    e.constant = t.constant();
    e.bytes = align_up(t.bytes(), 16);
    e.end = e.constant ? last : -1;
  }
  for (int i : p.inputs) all[static_cast<std::size_t>(i)].end = 0;
  for (std::size_t s = 0; s < p.steps.size(); ++s) {
    const int now = static_cast<int>(s);
    for (int t : p.steps[s].inputs) {
      entry& e = all[static_cast<std::size_t>(t)];
      if (!e.constant && e.end < now) e.end = now;
    }
    for (int t : p.steps[s].outputs)
      all[static_cast<std::size_t>(t)].begin = all[static_cast<std::size_t>(t)].end = now;
    if (!in_place(p.steps[s].op)) continue;
    const int from = p.steps[s].inputs[0], to = p.steps[s].outputs[0];
    if (p.at(from).asked == p.at(to).asked && !p.at(from).constant())
      all[static_cast<std::size_t>(to)].shares = from;
  }
  for (int o : p.outputs)
    if (!all[static_cast<std::size_t>(o)].constant) all[static_cast<std::size_t>(o)].end = last;
  if (which == limit::figures::corrected && p.has("iqSub")) share_differences(p, all);
  return all;
}

}  // namespace detail

/// Everything a program needs while it runs.
struct needs {
  std::vector<entry> entries;       ///< of the tensors first
  std::vector<int> workspace, dma;  ///< of every step, or -1
};

/// Each step has a workspace and a buffer of its own, alive while it needs them: the workspace during the
/// step, the buffer from the start of the step that fetched last, when the transfer into it begins.
[[nodiscard]] constexpr needs needs_of(const lower::program& p, const chip& on, const limit::packing& options,
                                       limit::figures which) {
  needs n{.entries = detail::tensor_entries(p, which), .workspace{}, .dma{}};
  n.entries.reserve(n.entries.size() + 2 * p.steps.size());
  n.workspace.assign(p.steps.size(), -1);
  n.dma.assign(p.steps.size(), -1);
  const bool ahead = prefetches(p, on, options, which);
  int before = 0;
  for (std::size_t i = 0; i < p.steps.size(); ++i) {
    const lower::step& s = p.steps[i];
    const int now = static_cast<int>(i);
    const lower::step_facts facts(p, s);
    const limit::facts f = facts.view();
    if (limit::fetches(s.op))
      for (int t : s.inputs) {
        if (p.at(t).from != lower::origin::parameter) continue;
        n.entries[static_cast<std::size_t>(t)].bytes = align_up(limit::packed_weight_bytes(f, on, which), 16);
        break;  // the weight: biases stay as they are
      }
    if (const limit::scratch w = limit::workspace_of(f, on, which); w.bytes > 0) {
      n.workspace[i] = static_cast<int>(n.entries.size());
      n.entries.push_back({.what = holds::workspace,
                           .lies = w.beside_input && !f.in.empty() ? kind_of(f.in[0].asked) : kind::share,
                           .step = now,
                           .begin = now,
                           .end = now,
                           .bytes = align_up(w.bytes, 16)});
    }
    if (!ahead || !limit::fetches(s.op)) continue;
    const long long bytes = limit::fetched_bytes(f, on, which);
    if (bytes == 0) continue;
    n.dma[i] = static_cast<int>(n.entries.size());
    n.entries.push_back(
        {.what = holds::dma, .lies = kind::share, .step = now, .begin = before, .end = now, .bytes = bytes});
    before = now;
  }
  return n;
}

}  // namespace lnn::plan
