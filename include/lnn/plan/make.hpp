// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "offsets.hpp"

namespace lnn::plan {

namespace detail {

constexpr void add_constants(memory_plan& plan) {
  for (entry& e : plan.entries) {
    if (!e.constant) continue;
    e.offset = plan.constants.of(plan.parameters);
    plan.constants.of(plan.parameters) += e.bytes;
  }
}

}  // namespace detail

/// Where everything of a program lies, whose tensors' memory is decided (bound).  Greedy placement of real lives in
/// several orders, in every kind of memory never more than the best of the reference packer's planners makes of the
/// same needs.  The same function at compile time and at run time.
[[nodiscard]] constexpr memory_plan make(const lower::program& p, const chip& on, const limit::packing& options,
                                         limit::figures which = limit::figures::corrected) {
  memory_plan plan;
  needs n = needs_of(p, on, options, which);
  plan.workspace = static_cast<std::vector<int>&&>(n.workspace);
  plan.dma = static_cast<std::vector<int>&&>(n.dma);
  plan.parameters = kind_of(options.parameters == limit::memory::any ? limit::memory::psram : options.parameters);
  const int steps = static_cast<int>(p.steps.size());
  const coarse c = coarse_of(n, p.tensors.size(), steps);
  const reference_plan theirs = reference_of(c.entries, steps);
  plan.reference = theirs.run_time;
  plan.entries = static_cast<std::vector<entry>&&>(n.entries);
  std::vector<entry>& all = plan.entries;
  detail::join_to_root(all);
  for (const kind k : kinds) {
    std::vector<int> there;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (detail::planned(all[i], k) && all[i].shares < 0) there.push_back(static_cast<int>(i));
    plan.lowest.of(k) = detail::greatest_live(all, there, steps);
    placed ours = place_best(all, there, plan.lowest.of(k));
    const placed& other = theirs.of[static_cast<std::size_t>(k)];
    const bool take_theirs = other.bytes < ours.bytes;
    plan.run_time.of(k) = take_theirs ? other.bytes : ours.bytes;
    for (int i : there) {
      const auto at = static_cast<std::size_t>(i);
      all[at].offset = take_theirs ? other.offsets[static_cast<std::size_t>(c.of[at])] : ours.offsets[at];
    }
  }
  for (entry& e : all)
    if (e.shares >= 0) e.offset = all[static_cast<std::size_t>(e.shares)].offset;
  detail::add_constants(plan);
  return plan;
}

/// The totals that the reference packer would plan for a program that was lowered and bound with its own figures.
[[nodiscard]] constexpr totals reference_totals(const lower::program& p, const chip& on, const limit::packing& options) {
  const needs n = needs_of(p, on, options, limit::figures::reference);
  const int steps = static_cast<int>(p.steps.size());
  totals all = reference_of(coarse_of(n, p.tensors.size(), steps).entries, steps).run_time;
  for (const entry& e : n.entries)
    if (e.constant) all.of(e.lies) += e.bytes;
  return all;
}

}  // namespace lnn::plan
