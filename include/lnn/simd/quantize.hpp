// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>

#include "../core/algorithm.hpp"
#include "../core/maths.hpp"
#include "../fixed/round.hpp"
#include "dispatch.hpp"
#include "lane.hpp"

namespace lnn::simd {
namespace detail {

struct dequantize_loop {
  template <class From>
  LNN_INLINE static void run(std::size_t n, const From* x, float unit, float* y) {
    const auto step = [&](const From* __restrict from, float* __restrict to) __attribute__((always_inline)) {
      for (int j = 0; j < 32; ++j) to[j] = static_cast<float>(from[j]) * unit;
    };
    if (over_blocks<32>(
            n, [&](std::size_t i) __attribute__((always_inline)) { step(x + i, y + i); }))
      return;
    for (std::size_t i = 0; i < n; ++i) y[i] = static_cast<float>(x[i]) * unit;
  }
};

template <rounding Mode>
struct quantize_loop {
  static constexpr int block = 64;
  template <class To>
  LNN_INLINE static void step(const float* __restrict x, float scale, int low, int high, To* __restrict y) {
    // One beyond the limits on either side decides the same and fits every conversion.
    const auto least = static_cast<float>(low - 1), most = static_cast<float>(high + 1);
    for (int j = 0; j < block; ++j) {
      const float wanted = Mode == rounding::half_up ? x[j] * scale + 0.5F : x[j] * scale;
      const float number = wanted == wanted ? wanted : 0.0F;
      const float raised = number > least ? number : least;
      const float t = raised < most ? raised : most;
      int whole;
      if constexpr (Mode == rounding::half_up) {
        const int cut = static_cast<int>(t);
        whole = cut - int{t < static_cast<float>(cut)};
      } else {  // in [2^23, 2^24) floats are the integers, and the sum is rounded to them half to even
        whole = std::bit_cast<std::int32_t>(t + 0x1.8p23F) - std::bit_cast<std::int32_t>(0x1.8p23F);
      }
      whole = whole < low ? low : whole;
      y[j] = static_cast<To>(whole > high ? high : whole);
    }
  }
  template <class To>
  LNN_INLINE static void run(std::size_t n, const float* x, float scale, int low, int high, To* y) {
    if (over_blocks<block>(
            n, [&](std::size_t i) __attribute__((always_inline)) { step(x + i, scale, low, high, y + i); }) ||
        n == 0)
      return;
    float part[block]{};
    To out[block];
    std::memcpy(part, x, n * sizeof(float));
    step(part, scale, low, high, out);
    std::memcpy(y, out, n * sizeof(To));
  }
};

#if LNN_X86
/// quantize_loop for bytes, 64 at a time (n is at least that): conversion rounds, packs clamp.  scale is a power of two, so
/// that a fused sum is the rounded one; a number that is none gives what 0 gives.
template <rounding Mode>
LNN_AVX512 void quantize512(std::size_t n, const float* x, float scale, int low, int high, std::int8_t* y) {
  const f32x16 by = scale - f32x16{}, add = (Mode == rounding::half_up ? 0.5F : 0.0F) - f32x16{}, beyond = 200.0F - f32x16{};
  const u32x16 least = 0x01010101U * static_cast<std::uint8_t>(low) - u32x16{}, most = 0x01010101U * static_cast<std::uint8_t>(high) - u32x16{};
  constexpr u32x16 order{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
  for (std::size_t i = 0;; i = std::min(i + 64, n - 64)) {  // the last block may overlap the one before it
    u32x16 whole[4], first, second, bytes;
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
      f32x16 t = memory<f32x16>(x + i + 16 * static_cast<std::size_t>(v)).v;
      std::uint16_t number;
      asm("vcmpordps %1, %1, %0" : "=Yk"(number) : "v"(t));
      asm("vfmadd213ps %2, %1, %0%{%3%}%{z%}" : "+v"(t) : "v"(by), "v"(add), "Yk"(number));
      asm("vminps %1, %0, %0" : "+v"(t) : "v"(beyond));  // what fits no integer would become the least one
      if constexpr (Mode == rounding::half_up) asm("vcvtps2dq %{rd-sae%}, %1, %0" : "=v"(whole[v]) : "v"(t));
      else asm("vcvtps2dq %{rn-sae%}, %1, %0" : "=v"(whole[v]) : "v"(t));
    }
    asm("vpackssdw %2, %1, %0" : "=v"(first) : "v"(whole[0]), "v"(whole[1]));
    asm("vpackssdw %2, %1, %0" : "=v"(second) : "v"(whole[2]), "v"(whole[3]));
    asm("vpacksswb %2, %1, %0" : "=v"(bytes) : "v"(first), "v"(second));
    asm("vpmaxsb %2, %1, %0" : "=v"(bytes) : "v"(bytes), "v"(least));
    asm("vpminsb %2, %1, %0" : "=v"(bytes) : "v"(bytes), "v"(most));
    asm("vpermd %2, %1, %0" : "=v"(bytes) : "v"(order), "v"(bytes));
    memory<u32x16>(y + i).v = bytes;
    if (i + 64 == n) return;
  }
}
#endif
template <rounding Mode, class To>
void quantize_on(isa path, std::size_t n, const float* x, float scale, int low, int high, To* y) {
#if LNN_X86
  if constexpr (sizeof(To) == 1)
    if (path == isa::avx512 && n >= 64) return quantize512<Mode>(n, x, scale, low, high, y);
#endif
  run_on<quantize_loop<Mode>>(path, n, x, scale, low, high, y);
}

struct masked_loop {
  LNN_INLINE static void run(std::size_t n, const std::uint8_t* mask, const float* x, float* y) {
    std::size_t i = 0;
    for (; i + 64 <= n; i += 64) {
      std::uint32_t block[64];  // x and y may be the same; a selection of bits, since 0 times infinity is none
      std::memcpy(block, x + i, sizeof block);
      for (std::size_t j = 0; j < 64; ++j) block[j] &= 0U - mask[i + j];
      std::memcpy(y + i, block, sizeof block);
    }
    for (; i < n; ++i) y[i] = mask[i] != 0 ? x[i] : 0.0F;
  }
};

/// Extremes of x, and beside them whether x * scale + 1/2 lies in [low, beyond).
struct watch_loop {
  static constexpr int lanes = 16, block = 64;
  LNN_INLINE static void run(std::size_t n, const float* x, float scale, float low, float beyond, std::uint8_t* pass, float* extremes) {
    float least[lanes], most[lanes];
    for (int j = 0; j < lanes; ++j) least[j] = extremes[0], most[j] = extremes[1];
    std::size_t i = 0;
    for (; i + block <= n; i += block) {
      const float* __restrict from = x + i;
      for (int part = 0; part < block; part += lanes) {
        for (int j = 0; j < lanes; ++j) least[j] = from[part + j] < least[j] ? from[part + j] : least[j];
        for (int j = 0; j < lanes; ++j) most[j] = from[part + j] > most[j] ? from[part + j] : most[j];
      }
      if (!pass) continue;
      std::int32_t in[block];
      for (int j = 0; j < block; ++j) in[j] = int{from[j] * scale + 0.5F >= low} & int{from[j] * scale + 0.5F < beyond};
      std::uint8_t* __restrict to = pass + i;
      for (int j = 0; j < block; ++j) to[j] = static_cast<std::uint8_t>(in[j]);
    }
    for (int j = 0; j < lanes; ++j) extremes[0] = std::min(extremes[0], least[j]), extremes[1] = std::max(extremes[1], most[j]);
    for (; i < n; ++i) {
      extremes[0] = std::min(extremes[0], x[i]);
      extremes[1] = std::max(extremes[1], x[i]);
      const float t = x[i] * scale + 0.5F;
      if (pass) pass[i] = t >= low && t < beyond;
    }
  }
};

struct straight_through_loop {
  static constexpr int block = 16;
  LNN_INLINE static void run(std::size_t n, const float* x, float scale, float low, float beyond, float* g) {
    std::size_t i = 0;
    for (; i + block <= n; i += block) {
      const float* __restrict from = x + i;
      std::uint32_t kept[block];
      std::memcpy(kept, g + i, sizeof kept);
      for (int j = 0; j < block; ++j) kept[j] &= 0U - (unsigned{from[j] * scale >= low} & unsigned{from[j] * scale < beyond});
      std::memcpy(g + i, kept, sizeof kept);
    }
    for (; i < n; ++i) g[i] = x[i] * scale >= low && x[i] * scale < beyond ? g[i] : 0.0F;
  }
};

}  // namespace detail

/// y = x * 2^-exponent, exactly, for int8_t and int16_t (int32_t: rounded to float).
template <std::signed_integral From>
void dequantize(isa path, std::size_t n, const From* x, int exponent, float* y) {
  detail::run_on<detail::dequantize_loop>(path, n, x, power_of_two(-exponent), y);
}

/// y = clamp(floor(x * 2^exponent + 1/2), low, high), the sum formed in float; NaN gives that of 0.  The same
/// as round_real(x * 2^exponent, rounding::half_up) and to_integer.  To is int8_t or int16_t.
template <class To>
void quantize_half_up(isa path, std::size_t n, const float* x, int exponent, To* y,
                      int low = std::numeric_limits<To>::min(), int high = std::numeric_limits<To>::max()) {
  static_assert(sizeof(To) <= 2);
  detail::quantize_on<rounding::half_up>(path, n, x, power_of_two(exponent), low, high, y);
}

/// The same with ties to the even neighbour, as round_real(x * 2^exponent, rounding::half_even): weights.
template <class To>
void quantize_half_even(isa path, std::size_t n, const float* x, int exponent, To* y,
                        int low = std::numeric_limits<To>::min(), int high = std::numeric_limits<To>::max()) {
  static_assert(sizeof(To) <= 2);
  detail::quantize_on<rounding::half_even>(path, n, x, power_of_two(exponent), low, high, y);
}

/// What training asks beside quantize_half_up: widens the extremes by those of x, and tells where
/// floor(x * 2^exponent + 1/2) lies in [low, high] (pass may be null; limits of 16 bits at most).
inline void watch_quantized(isa path, std::size_t n, const float* x, int exponent, int low, int high, std::uint8_t* pass, float& lowest,
                            float& highest) {
  float extremes[2] = {lowest, highest};
  detail::run_on<detail::watch_loop>(path, n, x, power_of_two(exponent), static_cast<float>(low), static_cast<float>(high + 1), pass,
                                     static_cast<float*>(extremes));
  lowest = extremes[0];
  highest = extremes[1];
}

/// The straight-through gradient of quantize_half_even: g = 0 where x * 2^exponent rounds to no number of `bits` bits.  At the
/// ties, low is even and belongs to them, high is odd and does not.
inline void straight_through(isa path, std::size_t n, const float* x, int exponent, int bits, float* g) {
  const float half = power_of_two(bits - 1);
  // From 2^24 on there are no fractions, and the greatest 32-bit integer is 2^31 as a float.
  const bool whole = bits > 24;
  detail::run_on<detail::straight_through_loop>(path, n, x, power_of_two(exponent), whole ? -half : -half - 0.5F,
                                                whole ? maths::nextafter(half, 2 * half) : half - 0.5F, g);
}

/// y = x where mask is 1, and 0 where it is 0: a gradient through a clamp.  x and y may be the same.
template <class Mask>
requires std::same_as<Mask, std::uint8_t>
void masked(isa path, std::size_t n, const Mask* mask, const float* x, float* y) {
  detail::run_on<detail::masked_loop>(path, n, mask, x, y);
}

}  // namespace lnn::simd
