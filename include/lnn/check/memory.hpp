// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "survey.hpp"

namespace lnn {

/// Bytes of all parameters as the chips keep them.
template <class Ops>
[[nodiscard]] constexpr long long parameter_bytes(const graph_view<Ops>& net) {
  long long bytes = 0;
  detail::each_layer(net, [&](const node<Ops>&, const parameter_list& own) {
    for (const parameter& p : own) bytes += stored_bytes(p);
  });
  return bytes;
}

/// The memory of a whole network, as far as it follows from shapes: parameters in flash, and in the PSRAM into which
/// they are loaded.  A least bound: activations, their places in share memory and PSRAM, and the size of the model file
/// need a memory plan; its totals belong here too, with rules beside network_rules::psram_bytes.
constexpr void check_parameter_bytes(long long bytes, const chip& on, verdict& found) {
  found.layer = "network";
  found.at_most(network_rules::flash_bytes, bytes, on.memory.flash);
  // one error for one cause
  if (bytes <= on.memory.flash) found.at_most(network_rules::psram_bytes, bytes, on.memory.psram);
}

}  // namespace lnn
