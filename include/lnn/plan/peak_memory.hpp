// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../lower/lowered.hpp"
#include "../lower/made.hpp"
#include "fitting.hpp"
#include "make.hpp"

namespace lnn {

namespace plan {

/// What `pack` allocates for a program as it is made, constants included: with the thresholds that were asked
/// for, or where share memory does not suffice with smaller parts of linear layers.
[[nodiscard]] constexpr totals packed_totals(const lower::program& made, const chip& on,
                                             const limit::packing& options) {
  const auto with = [&](const limit::packing& limits) {
    return make(bound(lower::lowered(made, on, {.limits = limits}), limits), on, limits).all();
  };
  const totals first = with(options);
  if (first.share <= on.memory.share || !made.has("LinearInt")) return first;
  return with(
      fitting_limits(options, on.memory.share, [&](const limit::packing& l) { return with(l).share; }));
}

}  // namespace plan

/// Bytes of each kind of memory that `pack` allocates for a described network on a chip, constants included,
/// with the packer's default options or others.  Where exponents decide about a workspace (add, sub, concat),
/// the greater one is taken: they are not known yet.
template <class Ops>
[[nodiscard]] constexpr plan::totals memory_of(const graph_view<Ops>& net, const chip& on,
                                               const limit::packing& options = {}) {
  return plan::packed_totals(lower::made(net, on), on, options);
}

/// The same as a constant: `static_assert(lnn::peak_memory<net, lnn::venus>.share <= 300'000)`.
template <const auto& Net, const chip& On>
inline constexpr plan::totals peak_memory = memory_of(Net.view(), On);

}  // namespace lnn
