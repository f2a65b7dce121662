// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <type_traits>

#include "offsets.hpp"
#include "slots.hpp"

namespace lnn::plan {

namespace detail {

constexpr void add_constants(memory_plan& plan) {
  for (entry& e : plan.entries) {
    if (!e.constant) continue;
    e.offset = plan.constants.of(plan.parameters);
    plan.constants.of(plan.parameters) += e.bytes;
  }
}

/// Offsets of everything of one kind of memory.
constexpr void place(memory_plan& plan, kind k, int steps) {
  std::vector<entry>& all = plan.entries;
  std::vector<int> there;
  there.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    if (planned(all[i], k) && all[i].shares < 0) there.push_back(static_cast<int>(i));
  if (there.empty()) return;
  plan.lowest.of(k) = greatest_live(all, there, steps);
  placed best = place_best(all, there, plan.lowest.of(k));
  if (best.bytes > plan.lowest.of(k))
    if (const placed slots = place_in_slots(all, there, steps); slots.bytes < best.bytes) best = slots;
  plan.run_time.of(k) = best.bytes;
  for (int i : there) all[static_cast<std::size_t>(i)].offset = best.offsets[static_cast<std::size_t>(i)];
}

/// Tells what the best reference planner needs, and takes its offsets in a kind of memory where it needs
/// less.
constexpr void compare(memory_plan& plan, const coarse& c, int steps) {
  const reference_plan theirs = reference_of(c.entries, steps);
  plan.reference = theirs.run_time;
  for (const kind k : kinds) {
    const placed& other = theirs.of[static_cast<std::size_t>(k)];
    if (other.bytes >= plan.run_time.of(k)) continue;
    plan.run_time.of(k) = other.bytes;
    for (std::size_t i = 0; i < plan.entries.size(); ++i)
      if (entry& e = plan.entries[i]; planned(e, k) && e.shares < 0)
        e.offset = other.offsets[static_cast<std::size_t>(c.of[i])];
  }
}

}  // namespace detail

/// Where everything of a program lies, whose tensors' memory is decided (bound).  Greedy placement of real
/// lives in several orders, in every kind of memory never more than the best of the reference packer's
/// planners makes of the same needs.  The same function at compile time and at run time.
[[nodiscard]] constexpr memory_plan make(const lower::program& p, const chip& on,
                                         const limit::packing& options,
                                         limit::figures which = limit::figures::corrected) {
  memory_plan plan;
  needs n = needs_of(p, on, options, which);
  plan.workspace = static_cast<std::vector<int>&&>(n.workspace);
  plan.dma = static_cast<std::vector<int>&&>(n.dma);
  plan.parameters =
      kind_of(options.parameters == limit::memory::any ? limit::memory::psram : options.parameters);
  const int steps = p.steps.empty() ? 1 : static_cast<int>(p.steps.size());  // inputs live at the first even so
  plan.entries = n.entries;
  std::vector<entry>& all = plan.entries;
  detail::join_to_root(all);
  for (const kind k : kinds) detail::place(plan, k, steps);
  // constant expressions ask the reference planners only where these can be better
  if (!std::is_constant_evaluated() || !(plan.run_time == plan.lowest))
    detail::compare(plan, coarse_of(n, p.tensors.size(), steps), steps);
  for (entry& e : all)
    if (e.shares >= 0) e.offset = all[static_cast<std::size_t>(e.shares)].offset;
  detail::add_constants(plan);
  return plan;
}

/// The totals that the reference packer would plan for a program that was lowered and bound with its own
/// figures.
[[nodiscard]] constexpr totals reference_totals(const lower::program& p, const chip& on,
                                                const limit::packing& options) {
  const needs n = needs_of(p, on, options, limit::figures::reference);
  const int steps = p.steps.empty() ? 1 : static_cast<int>(p.steps.size());  // inputs live at the first even so
  totals all = reference_of(coarse_of(n, p.tensors.size(), steps).entries, steps).run_time;
  for (const entry& e : n.entries)
    if (e.constant) all.of(e.lies) += e.bytes;
  return all;
}

}  // namespace lnn::plan
