// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

namespace lnn::luna {

/// The k greatest of n elements, greatest first, each with the place where it stands; of equal ones the first
/// wins (luna_ops.md 3.26).  Elements lie `step` apart; use(i, value, place) for i < k <= n.
template <class T, class Use>
void greatest(const T* x, std::size_t n, std::size_t step, std::size_t k, const Use& use) {
  T above{};
  std::size_t place = 0;
  for (std::size_t i = 0; i < k; ++i) {
    // the next one in the order "greater first, then further in front" behind the one that was found last
    bool found = false;
    T best{};
    std::size_t at = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const T v = x[j * step];
      if (i > 0 && (v > above || (v == above && j <= place))) continue;
      if (found && !(v > best)) continue;
      found = true;
      best = v;
      at = j;
    }
    use(i, above = best, place = at);
  }
}

}  // namespace lnn::luna
