// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "../core/algorithm.hpp"
#include "../fixed/round.hpp"
#include "dispatch.hpp"
#include "requantize_s8.hpp"

namespace lnn::simd {

/// How accumulators become outputs: y = clamp(R(t, shift), low, high) with t = S32(acc + bias), and with relu
/// t = 0 in place of a negative t.  R(t, s) = floor(t / 2^s + 1/2) for every s >= 0 (luna_ops.md 1.1
/// and 2.1).
struct requantization {
  int shift = 0;
  bool relu = false;
  std::int32_t low = -128, high = 127;

  /// Clamped to what `Out` holds.
  template <class Out>
  [[nodiscard]] static constexpr requantization to(int shift, bool relu = false) {
    return {shift, relu, std::numeric_limits<Out>::min(), std::numeric_limits<Out>::max()};
  }
};

/// Least and greatest S32(acc + bias) met so far.
struct accumulator_range {
  std::int32_t low = std::numeric_limits<std::int32_t>::max(),
               high = std::numeric_limits<std::int32_t>::min();
};

namespace detail {

/// `Watches`: with `pass` and `seen`, either of which may be null, as training asks for them.
template <class Out, bool Watches>
struct requantize_loop {
  static constexpr int block = 32;

  LNN_INLINE static void step(const std::int32_t* __restrict acc, const std::int32_t* __restrict bias,
                              int half, bool shifts, const requantization& how, std::int32_t least,
                              Out* __restrict y, std::uint8_t* __restrict pass, std::int32_t* __restrict low,
                              std::int32_t* __restrict high) {
    for (int j = 0; j < block; ++j) {
      const auto sum =
          static_cast<std::int32_t>(static_cast<std::uint32_t>(acc[j]) + static_cast<std::uint32_t>(bias[j]));
      const std::int32_t over = (acc[j] ^ sum) & (bias[j] ^ sum);
      const std::int32_t total = over < 0 ? (acc[j] >> 31) ^ 0x7fffffff : sum;
      if constexpr (Watches) {
        low[j] = total < low[j] ? total : low[j];
        high[j] = total > high[j] ? total : high[j];
      }
      const std::int32_t t = (total < least ? least : total) >> half;
      const std::int32_t rounded = shifts ? (t >> 1) + (t & 1) : t;
      const std::int32_t raised = rounded < how.low ? how.low : rounded;
      const std::int32_t result = raised > how.high ? how.high : raised;
      y[j] = static_cast<Out>(result);
      if constexpr (Watches) pass[j] = static_cast<std::uint8_t>(int{result == rounded} & int{total >= least});
    }
  }

  LNN_INLINE static void run(std::size_t n, const std::int32_t* acc, const std::int32_t* bias,
                             std::int32_t same, requantization how, Out* y, std::uint8_t* pass,
                             accumulator_range* seen) {
    const bool shifts = how.shift > 0;
    const int half = shifts ? std::min(how.shift - 1, 31) : 0;
    const std::int32_t least = how.relu ? 0 : std::numeric_limits<std::int32_t>::min();
    std::int32_t low[block], high[block], biases[block], part[block];
    std::uint8_t passed[block];
    for (int j = 0; j < block; ++j) {
      low[j] = std::numeric_limits<std::int32_t>::max();
      high[j] = std::numeric_limits<std::int32_t>::min();
      biases[j] = same;
    }
    if (!over_blocks<block>(
            n, [&](std::size_t i) __attribute__((always_inline)) {
              step(acc + i, bias ? bias + i : biases, half, shifts, how, least, y + i, Watches && pass ? pass + i : passed,
                   low, high);
            })) {
      Out out[block];
      for (std::size_t j = 0; j < block; ++j) {  // a short row is filled up with its last element
        const std::size_t from = std::min(j, n - 1);
        part[j] = acc[from];
        if (bias) biases[j] = bias[from];
      }
      step(part, biases, half, shifts, how, least, out, passed, low, high);
      std::memcpy(y, out, n * sizeof(Out));
      if (Watches && pass) std::memcpy(pass, passed, n);
    }
    if (Watches && seen)
      for (int j = 0; j < block; ++j) {
        seen->low = std::min(seen->low, low[j]);
        seen->high = std::max(seen->high, high[j]);
      }
  }
};

template <class Out>
void requantize(isa path, std::size_t n, const std::int32_t* acc, const std::int32_t* bias, std::int32_t same,
                const requantization& how, Out* y, std::uint8_t* pass, accumulator_range* seen) {
  static_assert(std::same_as<Out, std::int8_t> || std::same_as<Out, std::int16_t> ||
                std::same_as<Out, std::int32_t>);
  if (n == 0) return;
#if LNN_X86
  if constexpr (std::same_as<Out, std::int8_t>)
    if (path == isa::avx512 && how.shift < 32 && (!how.relu || how.low == -128)) {
      const auto go = [&](auto... choices) {
        std::int32_t extremes[2] = {seen ? seen->low : 0, seen ? seen->high : 0};
        requantize512<choices...>(n, acc, bias, same, how.shift, how.relu ? 0 : how.low, how.high, y, pass, extremes);
        if (seen) seen->low = extremes[0], seen->high = extremes[1];
      };
      const auto with_relu = [&](auto each) {
        if (!pass && !seen) return go(each, std::false_type{}, std::false_type{}, std::false_type{});
        if (!pass) return go(each, std::false_type{}, std::false_type{}, std::true_type{});
        if (how.relu) return go(each, std::true_type{}, std::true_type{}, std::true_type{});
        return go(each, std::false_type{}, std::true_type{}, std::true_type{});
      };
      return bias ? with_relu(std::true_type{}) : with_relu(std::false_type{});
    }
#endif
  if (pass || seen) run_on<requantize_loop<Out, true>>(path, n, acc, bias, same, how, y, pass, seen);
  else run_on<requantize_loop<Out, false>>(path, n, acc, bias, same, how, y, pass, seen);
}

}  // namespace detail

/// Requantizes n accumulators that share one bias: a plane of one output channel.  Out is int8_t, int16_t or
/// int32_t. `pass`, when given, receives 1 where the rounded value needed no clamping to [low, high] (and
/// with relu t >= 0), else 0: where a gradient passes.  `seen`, when given, is widened by the values of t
/// before relu.  y and pass must not overlap the inputs.
template <class Out>
void requantize(isa path, std::size_t n, const std::int32_t* acc, std::int32_t bias,
                const requantization& how, Out* y, std::uint8_t* pass = nullptr,
                accumulator_range* seen = nullptr) {
  detail::requantize(path, n, acc, nullptr, bias, how, y, pass, seen);
}

/// The same with a bias per element (null: none): the outputs of one sample of a linear layer.
template <class Out>
void requantize(isa path, std::size_t n, const std::int32_t* acc, const std::int32_t* bias,
                const requantization& how, Out* y, std::uint8_t* pass = nullptr,
                accumulator_range* seen = nullptr) {
  detail::requantize(path, n, acc, bias, 0, how, y, pass, seen);
}

}  // namespace lnn::simd
