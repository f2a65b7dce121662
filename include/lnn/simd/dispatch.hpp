// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "../core/algorithm.hpp"
#include "isa.hpp"

namespace lnn::simd::detail {

/// Loops over rows are written once, as a function object with a static member marked LNN_INLINE, and
/// compiled once per instruction set: the compiler turns its inner loops of constant length into vectors of
/// that set.
#if LNN_X86
template <class Loop, class... Arguments>
LNN_AVX2 void run_avx2(Arguments... arguments) {
  Loop::run(arguments...);
}
template <class Loop, class... Arguments>
LNN_AVX512 void run_avx512(Arguments... arguments) {
  Loop::run(arguments...);
}
#endif
template <class Loop, class... Arguments>
void run_on(isa path, Arguments... arguments) {
#if LNN_X86
  if (path == isa::avx512) return run_avx512<Loop>(arguments...);
  if (path == isa::avx2) return run_avx2<Loop>(arguments...);
#endif
  (void)path;
  Loop::run(arguments...);
}

/// The loop compiled for one instruction set, which the caller has seen to be there: for loops over vectors of one width, which
/// other sets would take apart.
template <isa At, class Loop, class... Arguments>
void run_at(Arguments... arguments) {
#if LNN_X86
  if constexpr (At == isa::avx512) run_avx512<Loop>(arguments...);
  if constexpr (At == isa::avx2) run_avx2<Loop>(arguments...);
#endif
  if constexpr (At == isa::portable) Loop::run(arguments...);
}

/// Calls block(first) for blocks of `Block` elements that cover [0, n).  Pure maps only: the last block
/// overlaps the one before it.  Returns false when n is below one block.  `body` must be marked
/// always_inline, so that it is compiled for the caller's instruction set.
template <int Block, class Body>
LNN_INLINE bool over_blocks(std::size_t n, const Body& body) {
  constexpr std::size_t block = Block;
  if (n < block) return false;
  for (std::size_t i = 0;; i = std::min(i + block, n - block)) {
    body(i);
    if (i + block == n) return true;
  }
}

}  // namespace lnn::simd::detail
