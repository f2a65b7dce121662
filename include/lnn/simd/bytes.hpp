// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "dispatch.hpp"
#include "lane.hpp"

namespace lnn::simd {
namespace detail {

struct rescale_s8_loop {
  LNN_INLINE static void run(std::size_t n, const std::int8_t* x, int left, int right, int low, std::int8_t* y) {
    const auto step = static_cast<std::int16_t>(right > 0 ? 1 << (right - 1) : 0);
    const s16x16 half = step - s16x16{}, least = static_cast<std::int16_t>(low) - s16x16{}, most = std::int16_t{127} - s16x16{},
                 up = static_cast<std::int16_t>(left) - s16x16{}, down = static_cast<std::int16_t>(right) - s16x16{};
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
      const s8x16 bytes = memory<s8x16>(x + i).v;
      s16x16 v = __builtin_convertvector(bytes, s16x16);
      v = ((v << up) + half) >> down;
      v = v < least ? least : v;
      v = v > most ? most : v;
      memory<s8x16>(y + i).v = __builtin_convertvector(v, s8x16);
    }
    for (; i < n; ++i) y[i] = static_cast<std::int8_t>(std::clamp((x[i] * (1 << left) + step) >> right, low, 127));
  }
};
struct add_bytes_loop {
  LNN_INLINE static void run(std::size_t n, const std::int8_t* x, std::int32_t* sum) {
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
      const s8x16 bytes = memory<s8x16>(x + i).v;
      const s32x16 before = memory<s32x16>(sum + i).v;
      memory<s32x16>(sum + i).v = before + __builtin_convertvector(bytes, s32x16);
    }
    for (; i < n; ++i) sum[i] += x[i];
  }
};
struct larger_bytes_loop {
  LNN_INLINE static void run(std::size_t n, const std::int8_t* x, std::int8_t* most) {
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
      const s8x16 a = memory<s8x16>(x + i).v, b = memory<s8x16>(most + i).v;
      memory<s8x16>(most + i).v = a > b ? a : b;
    }
    for (; i < n; ++i) most[i] = std::max(most[i], x[i]);
  }
};

}  // namespace detail

/// y = max(low, S8(R(x, shift))), or S8(x * 2^-shift) for negative shifts, with low -128 or, behind a relu, 0.
inline void rescale_s8(std::size_t n, const std::int8_t* x, int shift, int low, std::int8_t* y) {
  if (shift == 0 && low == -128) return void(std::copy_n(x, n, y));
  // Bytes need no more: 9 to the right leaves nothing, 8 to the left saturates all but zero.
  detail::run_on<detail::rescale_s8_loop>(best(), n, x, std::clamp(-shift, 0, 8), std::clamp(shift, 0, 9), low, y);
}
/// sum += x, most = max(most, x), element by element.
inline void add_bytes(std::size_t n, const std::int8_t* x, std::int32_t* sum) { detail::run_on<detail::add_bytes_loop>(best(), n, x, sum); }
inline void larger_bytes(std::size_t n, const std::int8_t* x, std::int8_t* most) { detail::run_on<detail::larger_bytes_loop>(best(), n, x, most); }

}  // namespace lnn::simd
