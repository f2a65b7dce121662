// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>

#include "../core/algorithm.hpp"
#include "../fixed/round.hpp"
#include "../fixed/saturate.hpp"

namespace lnn {

/// What quantization-aware training wants to know about an operator's output beside the integers.  Kernels fill it
/// when it is there; pieces of one output may be filled by several threads.
struct tap {
  std::uint8_t* pass = nullptr;  ///< one per element: 1 where the rounded, unclamped value lies in `open`
  float* exact = nullptr;        ///< one per element, or null: the real value before rounding and clamping
  integer_range open{};          ///< values through which the straight-through gradient passes
  float highest = std::numeric_limits<float>::lowest();  ///< extremes of the exact values
  float lowest = std::numeric_limits<float>::max();

  void reset() {
    highest = std::numeric_limits<float>::lowest();
    lowest = std::numeric_limits<float>::max();
  }
  /// Merges the extremes of one piece; commutative, so the order of threads does not matter.
  void extremes(float low, float high) {
    merge(highest, high, [](float a, float b) { return a > b; });
    merge(lowest, low, [](float a, float b) { return a < b; });
  }
  /// Records the exact values integer * 2^-exponent of outputs first, first + 1, ...; `shift` takes them to the
  /// output's grid (to a finer one when negative).
  template <class Integer>
  void record(std::size_t first, const Integer* values, std::size_t n, int exponent, int shift) {
    std::int64_t low = std::numeric_limits<std::int64_t>::max(), high = std::numeric_limits<std::int64_t>::min();
    const float unit = power_of_two(-exponent);
    for (std::size_t i = 0; i < n; ++i) {
      const auto v = static_cast<std::int64_t>(values[i]);
      low = std::min(low, v);
      high = std::max(high, v);
      if (pass) pass[first + i] = open.holds(rescale(v, shift, 0));
      if (exact) exact[first + i] = static_cast<float>(v) * unit;
    }
    if (n > 0) extremes(static_cast<float>(low) * unit, static_cast<float>(high) * unit);
  }
  /// The same for exact values that are no integers (quotients, variances), beside the rounded ones.
  void record_real(std::size_t first, const float* values, const std::int64_t* rounded, std::size_t n) {
    float low = std::numeric_limits<float>::max(), high = std::numeric_limits<float>::lowest();
    for (std::size_t i = 0; i < n; ++i) {
      low = std::min(low, values[i]);
      high = std::max(high, values[i]);
      if (pass) pass[first + i] = open.holds(rounded[i]);
      if (exact) exact[first + i] = values[i];
    }
    if (n > 0) extremes(low, high);
  }

 private:
  // the compiler's own atomics: <atomic> would be the heaviest header of the checking half of the library
  template <class Beats>
  static void merge(float& place, float value, Beats beats) {
    float seen;
    __atomic_load(&place, &seen, __ATOMIC_RELAXED);
    while (beats(value, seen) &&
           !__atomic_compare_exchange(&place, &seen, &value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
  }
};

}  // namespace lnn
