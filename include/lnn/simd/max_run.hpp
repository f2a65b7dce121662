// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "dispatch.hpp"
#include "lane.hpp"

namespace lnn::simd {
namespace detail {

/// `Lanes` elements of a row, each or every second one.  No element behind the last wanted one is touched.
template <class T, std::size_t Lanes>
struct strided {
  typedef T vector __attribute__((vector_size(Lanes * sizeof(T))));  // g++ drops the attribute of a dependent `using`
  static constexpr std::size_t behind = Lanes - 1;  ///< of the second half: it starts at an odd place and ends at the last element

  LNN_INLINE static void load(const T* x, std::size_t step, T (&to)[Lanes]) {
    if (step == 1) return void(memory<vector>(static_cast<T*>(to)).v = memory<vector>(x).v);
    const vector a = memory<vector>(x).v, b = memory<vector>(x + behind).v;
    if constexpr (Lanes == 8) memory<vector>(static_cast<T*>(to)).v = __builtin_shufflevector(a, b, 0, 2, 4, 6, 9, 11, 13, 15);
    else memory<vector>(static_cast<T*>(to)).v = __builtin_shufflevector(a, b, 0, 2, 5, 7);
  }
  LNN_INLINE static void add(const T (&from)[Lanes], std::size_t step, T* x) {
    const vector v = memory<vector>(static_cast<const T*>(from)).v;
    if (step == 1) return void(memory<vector>(x).v = memory<vector>(x).v + v);
    const vector none{};
    vector low, high;
    if constexpr (Lanes == 8) {
      low = __builtin_shufflevector(v, none, 0, 8, 1, 8, 2, 8, 3, 8);
      high = __builtin_shufflevector(v, none, 8, 4, 8, 5, 8, 6, 8, 7);
    } else {
      low = __builtin_shufflevector(v, none, 0, 4, 1, 4);
      high = __builtin_shufflevector(v, none, 4, 2, 4, 3);
    }
    memory<vector>(x).v = memory<vector>(x).v + low;
    memory<vector>(x + behind).v = memory<vector>(x + behind).v + high;
  }
};

/// Calls block(lanes, first) for blocks of 8, or 4 in short rows, that cover [0, n): the last may overlap the one before.
/// False for rows below 4.
template <class Block>
LNN_INLINE bool over_short_blocks(std::size_t n, const Block& block) {
  if (over_blocks<8>(
          n, [&](std::size_t i) __attribute__((always_inline)) { block(std::integral_constant<std::size_t, 8>{}, i); }))
    return true;
  return over_blocks<4>(
      n, [&](std::size_t i) __attribute__((always_inline)) { block(std::integral_constant<std::size_t, 4>{}, i); });
}

struct larger_run_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* x, std::size_t step, T* y) {
    if constexpr (std::is_same_v<T, float> || sizeof(T) == 1)
      if (step <= 2 && over_short_blocks(
                           n, [&](auto lanes, std::size_t i) __attribute__((always_inline)) {
                             T v[lanes], most[lanes];
                             strided<T, lanes>::load(x + i * step, step, v);
                             std::memcpy(most, y + i, sizeof most);
                             for (std::size_t j = 0; j < lanes; ++j) most[j] = v[j] > most[j] ? v[j] : most[j];
                             std::memcpy(y + i, most, sizeof most);
                           }))
        return;
    for (std::size_t i = 0; i < n; ++i) y[i] = x[i * step] > y[i] ? x[i * step] : y[i];
  }
};

struct larger_run_gradient_loop {
  template <class T>
  LNN_INLINE static void run(std::size_t n, const T* x, std::size_t step, const T* y, const T* gy, std::uint32_t* open, T* gx) {
    if constexpr (std::is_same_v<T, float>)
      if (step <= 2 && over_short_blocks(
                           n, [&](auto lanes, std::size_t i) __attribute__((always_inline)) {
                             float v[lanes], most[lanes], part[lanes];
                             std::uint32_t hit[lanes], bits[lanes], still[lanes];
                             strided<float, lanes>::load(x + i * step, step, v);
                             std::memcpy(most, y + i, sizeof most);
                             std::memcpy(bits, gy + i, sizeof bits);
                             std::memcpy(still, open + i, sizeof still);
                             for (std::size_t j = 0; j < lanes; ++j) hit[j] = still[j] & (0U - unsigned{v[j] == most[j]});
                             for (std::size_t j = 0; j < lanes; ++j) bits[j] &= hit[j];
                             for (std::size_t j = 0; j < lanes; ++j) still[j] &= ~hit[j];
                             std::memcpy(open + i, still, sizeof still);
                             std::memcpy(part, bits, sizeof part);
                             strided<float, lanes>::add(part, step, gx + i * step);
                           }))
        return;
    for (std::size_t i = 0; i < n; ++i)
      if (open[i] && x[i * step] == y[i]) {
        gx[i * step] += gy[i];
        open[i] = 0;
      }
  }
};

}  // namespace detail

/// y[i] = max(y[i], x[i * step]) for i in [0, n): one row of pooling under one tap of the window.
template <class T>
void larger_run(isa path, std::size_t n, const T* x, std::size_t step, T* y) {
  detail::run_on<detail::larger_run_loop>(path, n, x, step, y);
}
/// Its gradient: gx[i * step] += gy[i] where x[i * step] == y[i] and open[i] is all ones; there open[i] becomes 0.
template <class T>
void larger_run_gradient(isa path, std::size_t n, const T* x, std::size_t step, const T* y, const T* gy, std::uint32_t* open, T* gx) {
  detail::run_on<detail::larger_run_gradient_loop>(path, n, x, step, y, gy, open, gx);
}

}  // namespace lnn::simd
