// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>

#include "../core/algorithm.hpp"
#include "../fixed/round.hpp"
#include "../fixed/saturate.hpp"
#include "../luna/tap.hpp"
#include "elementwise.hpp"
#include "lane.hpp"

namespace lnn::simd {

/// One sum of two int8 tensors: right shifts that bring the operands to the output's grid, and left shifts that bring
/// both to the finer of their grids, on which the exact sum lies `coarser` bits above the output's.
struct add_shifts {
  int a, b;              ///< q - q_o of each operand, 0 to 31
  int up_a, up_b;        ///< to the finer grid, 0 to 23
  int coarser;           ///< finer exponent - q_o
  std::int32_t low, high;  ///< rounded exact sums through which a gradient passes
};

namespace detail {

struct add_s8_loop {
  LNN_INLINE static std::int32_t half_up(std::int32_t x, int half, std::int32_t odd) {
    const std::int32_t t = x >> half;  // half = shift - 1; `odd` is 0 where nothing is shifted
    return odd != 0 ? (t >> 1) + (t & 1) : t;
  }
  LNN_INLINE static void run(std::size_t n, const std::int8_t* a, const std::int8_t* b, add_shifts s, std::int8_t* y,
                             std::uint8_t* pass, std::int32_t* extremes) {
    const int ha = std::max(s.a - 1, 0), hb = std::max(s.b - 1, 0), hc = std::max(s.coarser - 1, 0);
    const std::int32_t ra = s.a > 0, rb = s.b > 0, rc = s.coarser > 0;
    map(n, y, [&](std::size_t i) __attribute__((always_inline)) {
      const std::int32_t sum = half_up(a[i], ha, ra) + half_up(b[i], hb, rb);
      return static_cast<std::int8_t>(sum < -128 ? -128 : sum > 127 ? 127 : sum);
    });
    if (!pass) return;
    std::int32_t low[16], high[16];
    for (int j = 0; j < 16; ++j) low[j] = std::numeric_limits<std::int32_t>::max(), high[j] = std::numeric_limits<std::int32_t>::min();
    each_once(n, [&](std::size_t i, auto count) __attribute__((always_inline)) {
      std::int32_t exact[count];
      std::uint8_t open[count];
      for (std::size_t j = 0; j < count; ++j)
        exact[j] = (std::int32_t{a[i + j]} << s.up_a) + (std::int32_t{b[i + j]} << s.up_b);
      for (std::size_t j = 0; j < count; ++j) {
        const std::int32_t r = half_up(exact[j], hc, rc);
        open[j] = static_cast<std::uint8_t>(int{r >= s.low} & int{r <= s.high});
        low[j] = exact[j] < low[j] ? exact[j] : low[j];
        high[j] = exact[j] > high[j] ? exact[j] : high[j];
      }
      for (std::size_t j = 0; j < count; ++j) pass[i + j] = open[j];
    });
    extremes[0] = *std::min_element(low, low + 16);
    extremes[1] = *std::max_element(high, high + 16);
  }
};

#if LNN_X86
/// The sums alone of n elements, a multiple of 64, in 16 bits, where no rounded shift of a byte overflows; from 8 on, all shifts give 0.
LNN_AVX512 inline void add512(std::size_t n, const std::int8_t* a, const std::int8_t* b, const add_shifts& s, std::int8_t* y) {
  const auto rounding = [](int shift) { return static_cast<std::int16_t>(shift > 0 ? 1 << (std::min(shift, 8) - 1) : 0); };
  const s16x32 half_a = rounding(s.a) - s16x32{}, half_b = rounding(s.b) - s16x32{};
  const int shift_a = std::min(s.a, 8), shift_b = std::min(s.b, 8);
  for (std::size_t i = 0; i < n; i += 64) {
    s16x32 half[2];
#pragma GCC unroll 2
    for (int h = 0; h < 2; ++h) {
      s16x32 x, z;
      asm("vpmovsxbw %1, %0" : "=v"(x) : "m"(memory<u32x8>(a + i + at(32 * h))));
      asm("vpmovsxbw %1, %0" : "=v"(z) : "m"(memory<u32x8>(b + i + at(32 * h))));
      half[h] = ((x + half_a) >> shift_a) + ((z + half_b) >> shift_b);
    }
    u32x16 bytes;
    asm("vpacksswb %2, %1, %0" : "=v"(bytes) : "v"(half[0]), "v"(half[1]));
    memory<u32x16>(y + i).v = __builtin_shufflevector(bytes, bytes, 0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
  }
}
#endif

}  // namespace detail

/// y = S8(S8(R(a, q_a - q_o)) + S8(R(b, q_b - q_o))) with int8 operands, as op/add.hpp has it; false where the exponents
/// are not covered (a left shift) and the reference must do it.  Right shifts of bytes need no clamp of their own.
template <class Tap>
bool add_s8(std::size_t n, const std::int8_t* a, int q_a, const std::int8_t* b, int q_b, std::int8_t* y, int q_o, Tap* watch,
            std::size_t first) {
  const int fine = std::max(q_a, q_b);
  if (q_a < q_o || q_b < q_o || fine - std::min(q_a, q_b) > 22 || fine - q_o > 30 || (watch && watch->exact)) return false;
  const std::int64_t least = watch ? watch->open.low : 0, most = watch ? watch->open.high : 0;
  const add_shifts s{q_a - q_o, q_b - q_o, fine - q_a, fine - q_b, fine - q_o, saturate<std::int32_t>(least), saturate<std::int32_t>(most)};
  std::int32_t extremes[2]{};
  std::uint8_t* pass = watch ? watch->pass : nullptr;
#if LNN_X86
  if (!watch && best() == isa::avx512) {
    const std::size_t whole = n / 64 * 64;
    detail::add512(whole, a, b, s, y);
    a += whole, b += whole, y += whole, n -= whole;
  }
#endif
  detail::run_on<detail::add_s8_loop>(best(), n, a, b, s, y, pass ? pass + first : nullptr, extremes);
  if (pass && n > 0) {
    const float unit = power_of_two(-fine);
    watch->extremes(static_cast<float>(extremes[0]) * unit, static_cast<float>(extremes[1]) * unit);
  }
  return !watch || pass;
}

}  // namespace lnn::simd
