// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../core/algorithm.hpp"
#include "dispatch.hpp"
#include "lane.hpp"

namespace lnn::simd {
namespace detail {

#if LNN_X86
/// 64 lookups at a time: two permutations find the byte in either half of the table, the index's highest bit says in which.
LNN_AVX512 inline void look_up512(std::size_t n, const std::uint8_t* table, const std::int8_t* x, std::int8_t* y) {
  u32x16 t[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) t[i] = memory<u32x16>(table + 64 * i).v;
  for (std::size_t i = 0;; i = std::min(i + 64, n - 64)) {  // the last block may overlap the one before it
    const u32x16 index = memory<u32x16>(x + i).v;
    u32x16 low = index, high = index;
    asm("vpermi2b %2, %1, %0" : "+v"(low) : "v"(t[0]), "v"(t[1]));
    asm("vpermi2b %2, %1, %0" : "+v"(high) : "v"(t[2]), "v"(t[3]));
    std::uint64_t upper;
    asm("vpmovb2m %1, %0" : "=Yk"(upper) : "v"(index));
    asm("vmovdqu8 %1, %0%{%2%}" : "+v"(low) : "v"(high), "Yk"(upper));
    memory<u32x16>(y + i).v = low;
    if (i + 64 == n) return;
  }
}

/// 32 lookups at a time in sixteen lines of the table: an index that lies outside of a line takes nothing from it.
LNN_AVX2 inline void look_up256(std::size_t n, const std::uint8_t* table, const std::int8_t* x, std::int8_t* y) {
  for (std::size_t i = 0;; i = std::min(i + 32, n - 32)) {  // the last block may overlap the one before it
    u32x8 index = memory<u32x8>(x + i).v, found{};
    const u32x8 line = 0x10101010U - u32x8{}, beyond = 0x70707070U - u32x8{};
#pragma GCC unroll 16
    for (int k = 0; k < 16; ++k) {
      const u32x4 part = memory<u32x4>(table + 16 * k).v;
      const u32x8 values = __builtin_shufflevector(part, part, 0, 1, 2, 3, 0, 1, 2, 3);
      u32x8 place;
      asm("vpaddusb %2, %1, %0" : "=x"(place) : "x"(index), "x"(beyond));  // the highest bit is set from 16 on
      asm("vpshufb %1, %2, %0" : "=x"(place) : "x"(place), "x"(values));
      found |= place;
      asm("vpsubb %1, %0, %0" : "+x"(index) : "x"(line));
    }
    memory<u32x8>(y + i).v = found;
    if (i + 32 == n) return;
  }
}
#endif

}  // namespace detail

/// A function of one byte as the list of its values.
class table_s8 {
 public:
  /// values[i] = f(i - 128).
  void prepare(isa path, const std::int8_t (&values)[256]) {
    path_ = path;
    for (int i = 0; i < 256; ++i) values_[(i + 128) % 256] = static_cast<std::uint8_t>(values[i]);  // by the byte without its sign
#if LNN_X86
    permutes_ = path == isa::avx512 && __builtin_cpu_supports("avx512vbmi");
#endif
  }
  /// y[i] = f(x[i]); y is not x.
  void run(std::size_t n, const std::int8_t* x, std::int8_t* y) const {
#if LNN_X86
    if (permutes_ && n >= 64) return detail::look_up512(n, values_, x, y);
    if (path_ >= isa::avx2 && n >= 32) return detail::look_up256(n, values_, x, y);
#endif
    for (std::size_t i = 0; i < n; ++i) y[i] = static_cast<std::int8_t>(values_[static_cast<std::uint8_t>(x[i])]);
  }

 private:
  alignas(64) std::uint8_t values_[256]{};
  isa path_ = isa::portable;
  bool permutes_ = false;
};

}  // namespace lnn::simd
