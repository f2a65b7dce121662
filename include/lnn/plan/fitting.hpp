// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/facts.hpp"

namespace lnn::plan {

/// The largest threshold for the weights of linear layers, in steps of 16 KiB, with which share memory
/// suffices (packer.md 7.4): smaller parts need smaller buffers.  The limits as they were when none does.
/// `share_with(limits)` gives the share memory of a plan.
template <class ShareWith>
[[nodiscard]] constexpr limit::packing fitting_limits(limit::packing limits, long long room,
                                                      const ShareWith& share_with) {
  constexpr long long step = 16384;
  const limit::packing before = limits;
  const auto fits = [&](long long steps) {
    limits.right_threshold = steps * step;
    return share_with(limits) <= room;
  };
  long long low = 1, high = (before.right_threshold - 1) / step;
  if (high < low || !fits(low)) return before;
  while (low < high) {
    const long long middle = (low + high + 1) / 2;
    if (fits(middle))
      low = middle;
    else
      high = middle - 1;
  }
  limits.right_threshold = low * step;
  return limits;
}

}  // namespace lnn::plan
