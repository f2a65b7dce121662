// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "../fixed/saturate.hpp"
#include "dispatch.hpp"
#include "lane.hpp"

namespace lnn::simd::detail {

/// What reciprocal_by_digits finds for sums above 2^22: every row has its greatest element, which gives nearly 2^23.
[[nodiscard]] LNN_INLINE std::uint64_t softmax_reciprocal(std::int64_t sum) {
  return 2 * ((std::uint64_t{1} << 52) / static_cast<std::uint64_t>(saturate<std::int32_t>(sum)));
}

#if LNN_X86
/// list[d % 256] of 16 numbers: eight permutations look in two vectors of the list each, the upper bits choose among them.
LNN_AVX512 inline void look_up_words512(const std::int32_t* list, u32x16& d) {
  u32x16 found[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    const u32x16 low = memory<u32x16>(list + 32 * i).v;
    found[i] = d;
    asm("vpermi2d %2, %1, %0" : "+v"(found[i]) : "v"(low), "m"(memory<u32x16>(list + 32 * i + 16)));
  }
#pragma GCC unroll 3
  for (int bit = 5, n = 4; bit < 8; ++bit, n /= 2) {
    const u32x16 wanted = (1U << bit) - u32x16{};
    std::uint16_t upper;
    asm("vptestmd %2, %1, %0" : "=Yk"(upper) : "v"(d), "v"(wanted));
#pragma GCC unroll 4
    for (int i = 0; i < n; ++i)
      asm("vpblendmd %2, %1, %0%{%3%}" : "=v"(found[i]) : "v"(found[2 * i]), "v"(found[2 * i + 1]), "Yk"(upper));
  }
  d = found[0];
}

/// The greatest of n > 0 bytes.
LNN_AVX512 inline std::int8_t greatest512(std::size_t n, const std::int8_t* x) {
  u32x16 all = 0x80808080U - u32x16{};
  for (std::size_t i = 0; i < n; i += 64) {
    u32x16 v = 0x80808080U - u32x16{};
    const std::uint64_t there = ~std::uint64_t{0} >> (64 - std::min<std::size_t>(n - i, 64));
    asm("vmovdqu8 %1, %0%{%2%}" : "+v"(v) : "m"(memory<u32x16>(x + i)), "Yk"(there));
    asm("vpmaxsb %1, %0, %0" : "+v"(all) : "v"(v));
  }
  const auto halves = reinterpret_cast<std::int8_t __attribute__((vector_size(64)))>(all);
  s8x16 part[4], most;
  std::memcpy(part, &halves, 64);
  const s8x16 a = part[0] > part[1] ? part[0] : part[1], b = part[2] > part[3] ? part[2] : part[3];
  most = a > b ? a : b;
  s8x16 other = __builtin_shufflevector(most, most, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  most = most > other ? most : other;
  other = __builtin_shufflevector(most, most, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
  most = most > other ? most : other;
  other = __builtin_shufflevector(most, most, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  most = most > other ? most : other;
  return most[0] > most[1] ? most[0] : most[1];
}

/// softmax_s8_loop for avx512.
LNN_AVX512 inline void softmax512(std::size_t rows, std::size_t n, const std::int8_t* x, const std::int32_t* list, int shift, std::int32_t* room,
                                  std::int8_t* y) {
  using u64x8 = std::uint64_t __attribute__((vector_size(64)));
  const std::uint32_t half = shift > 0 ? 1U << (shift - 1) : 0U;
  for (; rows > 0; --rows, x += n, y += n) {
    const std::int32_t most = greatest512(n, x);
    u64x8 sums{};
    for (std::size_t i = 0; i < n; i += 16) {
      const auto there = static_cast<std::uint16_t>(0xffff >> (16 - std::min<std::size_t>(n - i, 16)));
      u32x16 d;
      asm("vmovdqu8 %1, %x0%{%2%}%{z%}" : "=v"(d) : "m"(memory<s8x16>(x + i)), "Yk"(there));
      asm("vpmovsxbd %x1, %0" : "=v"(d) : "v"(d));
      d = static_cast<std::uint32_t>(most) - d;
      look_up_words512(list, d);
      asm("vmovdqa32 %1, %0%{%2%}%{z%}" : "=v"(d) : "v"(d), "Yk"(there));
      memory<u32x16>(room + i).v = d;
      const auto pairs = reinterpret_cast<u64x8>(d);
      sums += (pairs & 0xffffffffU) + (pairs >> 32);
    }
    std::uint64_t sum = 0;
#pragma GCC unroll 8
    for (int j = 0; j < 8; ++j) sum += sums[j];
    const std::uint64_t r = softmax_reciprocal(static_cast<std::int64_t>(sum));
    const u64x8 factor = r - u64x8{};
    for (std::size_t i = 0; i < n; i += 16) {
      const auto there = static_cast<std::uint16_t>(0xffff >> (16 - std::min<std::size_t>(n - i, 16)));
      const auto pairs = reinterpret_cast<u64x8>(memory<u32x16>(room + i).v);
      u64x8 low, high;
      asm("vpmuludq %2, %1, %0" : "=v"(low) : "v"(pairs), "v"(factor));
      asm("vpmuludq %2, %1, %0" : "=v"(high) : "v"(pairs >> 32), "v"(factor));
      low = (low + (std::uint64_t{1} << 37)) >> 38;
      high = (high + (std::uint64_t{1} << 37)) >> 38;
      u32x16 w = reinterpret_cast<u32x16>(low | high << 32);
      w = (w + half) >> shift;
      asm volatile("vpmovsdb %1, %0%{%2%}" : "+m"(memory<s8x16>(y + i).v) : "v"(w), "Yk"(there));
    }
  }
}
#endif

}  // namespace lnn::simd::detail
