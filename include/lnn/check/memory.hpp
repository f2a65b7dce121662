// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../plan/peak_memory.hpp"
#include "survey.hpp"

namespace lnn {

/// Bytes of all parameters as the chips keep them.
template <class Ops>
[[nodiscard]] constexpr long long parameter_bytes(const graph_view<Ops>& net) {
  long long bytes = 0;
  detail::each_layer(net, [&](const node<Ops>&, const auto&, const parameter_list& own) {
    for (const parameter& p : own) bytes += stored_bytes(p);
  });
  return bytes;
}

/// The least that a model file needs: its parameters, before any plan is made.
constexpr void check_parameter_bytes(long long bytes, const chip& on, verdict& found) {
  found.layer = "network";
  found.at_most(network_rules::flash_bytes, bytes, on.memory.flash);
}

/// What a memory plan needs, constants included.
constexpr void check_totals(const plan::totals& bytes, const chip& on, verdict& found) {
  found.layer = "network";
  found.at_most(network_rules::share_bytes, bytes.share, on.memory.share);
  found.at_most(network_rules::psram_bytes, bytes.psram, on.memory.psram);
  found.at_most(network_rules::flash_bytes, bytes.flash, on.memory.flash);
}

/// The memory of a whole network as `pack` plans it with its default options.  For networks that break no
/// other rule: what no chip computes has no plan.
template <class Ops>
constexpr void check_memory(const graph_view<Ops>& net, const chip& on, verdict& found) {
  check_totals(memory_of(net, on), on, found);
}

}  // namespace lnn
