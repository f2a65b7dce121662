// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ctime>

namespace lnn {

/// Seconds on a clock that only goes forward.
[[nodiscard]] inline double monotonic_seconds() {
  std::timespec now{};
#ifdef CLOCK_MONOTONIC
  ::clock_gettime(CLOCK_MONOTONIC, &now);
#else
  std::timespec_get(&now, TIME_UTC);
#endif
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace lnn
