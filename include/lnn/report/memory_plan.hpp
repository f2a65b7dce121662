// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../pack/packed.hpp"
#include "memory_of.hpp"

namespace lnn::report {

/// The memory of a packed network, with what its plan is compared with.
[[nodiscard]] inline memory_map memory_of(const packed& p, std::string name) {
  memory_map map = memory_of(p.program, static_cast<std::string&&>(name));
  for (memory_part& part : map.parts) {
    if (part.constants) continue;
    const auto kind = static_cast<plan::kind>(part.kind);
    part.reference_bytes = p.plan.reference.of(kind);
    part.lower_bound = p.plan.lowest.of(kind);
  }
  return map;
}

}  // namespace lnn::report
