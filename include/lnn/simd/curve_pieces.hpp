// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <utility>

#include "../luna/curve.hpp"
#include "isa.hpp"
#include "lane.hpp"

namespace lnn::simd::detail {

/// Numbers that a loop computes with at a time: two vectors of AVX-512, as the steps of a curve wait for each other.
inline constexpr int curve_lanes = 32;
/// A loop over them, which becomes these two vectors, or those of another instruction set.  g++ leaves a loop of two passes
/// unless it is told, clang none unless it is told how often.
#if defined(__clang__)
#define LNN_EACH_LANE for (int j = 0; j < curve_lanes; ++j)
#else
#define LNN_EACH_LANE _Pragma("GCC unroll 2") for (int j = 0; j < curve_lanes; ++j)
#endif
using ints = std::int32_t[curve_lanes];

#if LNN_X86
/// Magnitudes in 32 cells of equal width, with one end of a piece in each at most: permutations look up what a cell says.
struct curve_cells {
  int shift = 0;                         ///< 2^shift is the width; the last cell holds all above it, too
  std::int32_t before[32]{}, end[32]{};  ///< how many pieces end in the cells before, and where one ends in this cell
  bool single = true;

  constexpr explicit curve_cells(const std::int32_t (&ends)[15]) {
    while (ends[14] >> shift >= 32) ++shift;
    for (int cell = 0; cell < 32; ++cell) {
      end[cell] = INT32_MAX;
      for (const std::int32_t e : ends) {
        before[cell] += int{(e >> shift) < cell};
        if ((e >> shift) != cell) continue;
        single = single && end[cell] == INT32_MAX;
        end[cell] = e;
      }
    }
  }
};

LNN_AVX512 inline void find512(const curve_cells& cells, const ints& magnitude, ints& piece) {
  const u32x16 last = 31U - u32x16{}, high_before = memory<u32x16>(cells.before + 16).v, high_end = memory<u32x16>(cells.end + 16).v;
#pragma GCC unroll 2
  for (int v = 0; v < curve_lanes; v += 16) {
    const u32x16 m = memory<u32x16>(magnitude + v).v;
    u32x16 cell = m >> cells.shift;
    cell = cell < last ? cell : last;
    u32x16 before = memory<u32x16>(cells.before).v, end = memory<u32x16>(cells.end).v;
    asm("vpermt2d %2, %1, %0" : "+v"(before) : "v"(cell), "v"(high_before));
    asm("vpermt2d %2, %1, %0" : "+v"(end) : "v"(cell), "v"(high_end));
    memory<u32x16>(piece + v).v = before - reinterpret_cast<u32x16>(m > end);
  }
}
LNN_AVX512 inline void choose512(const std::int32_t (&values)[16], const ints& piece, ints& chosen) {
  const u32x16 from = memory<u32x16>(values).v;
#pragma GCC unroll 2
  for (int v = 0; v < curve_lanes; v += 16) {
    const u32x16 place = memory<u32x16>(piece + v).v;
    u32x16 found;
    asm("vpermd %2, %1, %0" : "=v"(found) : "v"(place), "v"(from));
    memory<u32x16>(chosen + v).v = found;
  }
}
#endif

/// The pieces of a curve that magnitudes lie in.
template <isa At, const luna::curve_pieces* Table>
class pieces_of {
 public:
  LNN_INLINE explicit pieces_of(const ints& magnitude) : magnitude_(magnitude) {
#if LNN_X86
    if constexpr (At == isa::avx512) {
      static constexpr curve_cells cells(Table->end);
      static_assert(cells.single);
      find512(cells, magnitude, piece_);
    }
#endif
  }
  /// values[k] where k ends lie below the magnitude.
  LNN_INLINE void choose(const std::int32_t (&values)[16], ints& chosen) const {
#if LNN_X86
    if constexpr (At == isa::avx512) return choose512(values, piece_, chosen);
#endif
    add_up(values, chosen, std::make_index_sequence<15>{});
  }

 private:
  /// The first value and what each end that lies below adds, instead of a search that would read the table from many places.
  /// In arithmetic, as compilers turn a chain of choices into branches.
  template <std::size_t... I>
  LNN_INLINE void add_up(const std::int32_t (&values)[16], ints& chosen, std::index_sequence<I...>) const {
    LNN_EACH_LANE {
      auto sum = static_cast<std::uint32_t>(values[0]);
      ((sum += (0U - static_cast<std::uint32_t>(magnitude_[j] > Table->end[I])) &
               (static_cast<std::uint32_t>(values[I + 1]) - static_cast<std::uint32_t>(values[I]))),
       ...);
      chosen[j] = static_cast<std::int32_t>(sum);
    }
  }

  const ints& magnitude_;
  ints piece_;
};

}  // namespace lnn::simd::detail
