// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>

#include "../fixed/round.hpp"
#include "dispatch.hpp"

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
  static constexpr int block = 32;
  template <class To>
  LNN_INLINE static void step(const float* __restrict x, float scale, int low, int high, To* __restrict y) {
    // One beyond the limits on either side decides the same and fits every conversion.
    const auto least = static_cast<float>(low - 1), most = static_cast<float>(high + 1);
    for (int j = 0; j < block; ++j) {
      const float wanted = Mode == rounding::half_up ? x[j] * scale + 0.5F : x[j] * scale;
      const float number = wanted == wanted ? wanted : 0.0F;
      const float raised = number > least ? number : least;
      const float t = raised < most ? raised : most;
      const int cut = static_cast<int>(t);
      const float rest = t - static_cast<float>(cut);
      const int odd = cut & 1;
      int whole = cut;
      if constexpr (Mode == rounding::half_up)
        whole -= int{rest < 0.0F};
      else
        whole +=
            (int{rest > 0.5F} | (int{rest == 0.5F} & odd)) - (int{rest < -0.5F} | (int{rest == -0.5F} & odd));
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

struct masked_loop {
  LNN_INLINE static void run(std::size_t n, const std::uint8_t* mask, const float* x, float* y) {
    std::size_t i = 0;
    for (; i + 32 <= n; i += 32) {
      std::uint32_t
          block[32];  // x and y may be the same; a selection of bits, since 0 times infinity is none
      std::memcpy(block, x + i, sizeof block);
      for (std::size_t j = 0; j < 32; ++j) block[j] &= 0U - mask[i + j];
      std::memcpy(y + i, block, sizeof block);
    }
    for (; i < n; ++i) y[i] = mask[i] != 0 ? x[i] : 0.0F;
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
  detail::run_on<detail::quantize_loop<rounding::half_up>>(path, n, x, power_of_two(exponent), low, high, y);
}

/// The same with ties to the even neighbour, as round_real(x * 2^exponent, rounding::half_even): weights.
template <class To>
void quantize_half_even(isa path, std::size_t n, const float* x, int exponent, To* y,
                        int low = std::numeric_limits<To>::min(), int high = std::numeric_limits<To>::max()) {
  static_assert(sizeof(To) <= 2);
  detail::run_on<detail::quantize_loop<rounding::half_even>>(path, n, x, power_of_two(exponent), low, high,
                                                             y);
}

/// y = x where mask is 1, and 0 where it is 0: a gradient through a clamp.  x and y may be the same.
template <class Mask>
requires std::same_as<Mask, std::uint8_t>
void masked(isa path, std::size_t n, const Mask* mask, const float* x, float* y) {
  detail::run_on<detail::masked_loop>(path, n, mask, x, y);
}

}  // namespace lnn::simd
