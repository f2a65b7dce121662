// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "reference.hpp"

namespace lnn::plan {

/// A simple plan: every tensor in one of as many slots as live at once, each as large as the largest tensor; behind them
/// the largest workspace, and two buffers that take turns.  Its size follows from three numbers of a network, so a check
/// can tell from them alone that a network fits (check/ample.hpp).
[[nodiscard]] constexpr placed place_in_slots(const std::vector<entry>& all, const std::vector<int>& there, int steps) {
  placed out{.offsets = std::vector<long long>(all.size(), -1), .blocks = {}, .bytes = 0};
  long long most[3]{};  // by what is held
  for (int i : there) {
    const entry& e = all[static_cast<std::size_t>(i)];
    long long& most_here = most[static_cast<std::size_t>(e.what)];
    most_here = std::max(most_here, e.bytes);
  }
  const long long slot = most[static_cast<std::size_t>(holds::tensor)], work = most[static_cast<std::size_t>(holds::workspace)],
                  fetched = most[static_cast<std::size_t>(holds::dma)];
  std::vector<int> free_at;  // of every slot: the step from which on it is free
  for (int t = 0; t < steps; ++t)
    for (int i : there) {
      const entry& e = all[static_cast<std::size_t>(i)];
      if (e.begin != t || e.what != holds::tensor) continue;
      std::size_t s = 0;
      while (s < free_at.size() && free_at[s] > t) ++s;
      if (s == free_at.size()) free_at.push_back(0);
      free_at[s] = e.end + 1;
      out.offsets[static_cast<std::size_t>(i)] = static_cast<long long>(s) * slot;
    }
  const long long behind = static_cast<long long>(free_at.size()) * slot;
  int turn = 0;
  for (int i : there) {
    const entry& e = all[static_cast<std::size_t>(i)];
    if (e.what == holds::workspace) out.offsets[static_cast<std::size_t>(i)] = behind;
    if (e.what == holds::dma) out.offsets[static_cast<std::size_t>(i)] = behind + work + (turn++ % 2) * fetched;
  }
  out.bytes = behind + work + std::min(turn, 2) * fetched;
  return out;
}

}  // namespace lnn::plan
