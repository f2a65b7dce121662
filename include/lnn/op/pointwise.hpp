// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "contract.hpp"

namespace lnn {

/// Into how many pieces operators cut work whose partial results are joined afterwards; a constant, so that sums are
/// formed in the same order whatever the number of threads.
inline constexpr int fixed_pieces = 8;

namespace detail {

/// Cuts the elements of a tensor into fixed pieces and calls work(first, last) for each, in any thread.
void each_piece(auto& workers, std::size_t n, const auto& work) {
  const int pieces = n < 4096 ? 1 : fixed_pieces;
  workers.ranges(n, pieces, [&](int, std::size_t first, std::size_t last) { work(first, last); });
}

}  // namespace detail
}  // namespace lnn
