// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>

#include "isa.hpp"
#include "phases.hpp"

namespace lnn::simd {
namespace detail {

/// Two taps: where each begins, and both weights in one 32-bit lane.
struct tap_pair {
  std::ptrdiff_t first, second;
  std::uint32_t weights;
};

#if LNN_X86
LNN_AVX512 inline void sum_taps512(const std::int16_t* x, const tap_pair* taps, int count, int n,
                                   std::uint32_t* y) {
  for (int j = 0; j < n; j += 32, x += 32, y += 32) {
    u32x16 low{}, high{};
    for (int t = 0; t < count; ++t) {
      const s16x32 a = memory<s16x32>(x + taps[t].first).v, b = memory<s16x32>(x + taps[t].second).v;
      const u32x16 w = taps[t].weights - u32x16{};
      const s16x32 ab_low =
          __builtin_shufflevector(a, b, 0, 32, 1, 33, 2, 34, 3, 35, 8, 40, 9, 41, 10, 42, 11, 43, 16, 48, 17,
                                  49, 18, 50, 19, 51, 24, 56, 25, 57, 26, 58, 27, 59);
      const s16x32 ab_high =
          __builtin_shufflevector(a, b, 4, 36, 5, 37, 6, 38, 7, 39, 12, 44, 13, 45, 14, 46, 15, 47, 20, 52,
                                  21, 53, 22, 54, 23, 55, 28, 60, 29, 61, 30, 62, 31, 63);
      asm("vpdpwssd %2, %1, %0" : "+v"(low) : "v"(ab_low), "v"(w));
      asm("vpdpwssd %2, %1, %0" : "+v"(high) : "v"(ab_high), "v"(w));
    }
    memory<u32x16>(y).v =
        __builtin_shufflevector(low, high, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    memory<u32x16>(y + 16).v =
        __builtin_shufflevector(low, high, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  }
}

LNN_AVX2 inline void sum_taps256(const std::int16_t* x, const tap_pair* taps, int count, int n,
                                 std::uint32_t* y) {
  for (int j = 0; j < n; j += 16, x += 16, y += 16) {
    u32x8 low{}, high{};
    for (int t = 0; t < count; ++t) {
      const s16x16 a = memory<s16x16>(x + taps[t].first).v, b = memory<s16x16>(x + taps[t].second).v;
      const auto w = reinterpret_cast<s16x16>(taps[t].weights - u32x8{});
      const s16x16 ab_low =
          __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27);
      const s16x16 ab_high =
          __builtin_shufflevector(a, b, 4, 20, 5, 21, 6, 22, 7, 23, 12, 28, 13, 29, 14, 30, 15, 31);
      low += reinterpret_cast<u32x8>(__builtin_ia32_pmaddwd256(ab_low, w));
      high += reinterpret_cast<u32x8>(__builtin_ia32_pmaddwd256(ab_high, w));
    }
    memory<u32x8>(y).v = __builtin_shufflevector(low, high, 0, 1, 2, 3, 8, 9, 10, 11);
    memory<u32x8>(y + 8).v = __builtin_shufflevector(low, high, 4, 5, 6, 7, 12, 13, 14, 15);
  }
}
#endif

inline void sum_taps(const std::int16_t* x, const tap_pair* taps, int count, int n, std::uint32_t* y) {
  for (int j = 0; j < n; j += 8, x += 8, y += 8) {
    u32x4 low{}, high{};
    for (int t = 0; t < count; ++t) {
      const s16x8 a = memory<s16x8>(x + taps[t].first).v, b = memory<s16x8>(x + taps[t].second).v;
      const auto w = reinterpret_cast<s16x8>(taps[t].weights - u32x4{});
      low += sum_pairs(__builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11), w);
      high += sum_pairs(__builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15), w);
    }
    memory<u32x4>(y).v = low;
    memory<u32x4>(y + 4).v = high;
  }
}

struct plane_of_x;
struct row_of_y;
struct taps_of_w;

}  // namespace detail

/// One channel of a depthwise convolution: acc[output] = sum over taps of x * w, exact modulo 2^32; padding
/// is 0. x is [in.h][in.w], w is [kernel.h][kernel.w], acc is [out.h][out.w].
template <class T>
requires std::same_as<T, std::int8_t>
void depthwise_s8(isa path, const window2& window, const T* x, const T* w, std::int32_t* acc) {
  using namespace detail;
  if (window.out_size() == 0) return;
  const phases cut(window);
  auto* plane = scratch<plane_of_x, std::int16_t>(cut.size() + at(phases::slack));
  auto* row = scratch<row_of_y, std::uint32_t>(at(cut.length() + phases::slack));
  auto* pairs = scratch<taps_of_w, tap_pair>((window.taps() + 1) / 2);
  cut.fill(x, 0, plane);
  int count = 0;
  for (int p = 0, t = 0; p < window.kernel.h; ++p)
    for (int q = 0; q < window.kernel.w; ++q, ++t) {
      const std::ptrdiff_t offset = cut.offset(p, q);
      const auto weight = static_cast<std::uint32_t>(static_cast<std::uint16_t>(std::int16_t{w[t]}));
      if (t % 2 == 0)
        pairs[count++] = {offset, offset, weight};
      else
        pairs[count - 1].second = offset, pairs[count - 1].weights |= weight << 16;
    }
#if LNN_X86
  if (path == isa::avx512)
    sum_taps512(plane, pairs, count, cut.length(), row);
  else if (path == isa::avx2)
    sum_taps256(plane, pairs, count, cut.length(), row);
  else
#endif
    sum_taps(plane, pairs, count, cut.length(), row);
  (void)path;
  cut.gather(reinterpret_cast<const std::int32_t*>(row), acc, 0);
}

}  // namespace lnn::simd
