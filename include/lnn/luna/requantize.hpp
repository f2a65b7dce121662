// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

#include "../chip/chip.hpp"
#include "../tensor/integer_view.hpp"
#include "tap.hpp"

namespace lnn {

namespace luna {

/// The end of every accumulating operator: y = S_out(R(acc, shift)), 0 for a negative accumulator when a relu is
/// fused, with a slope R(acc, shift + slope) (luna_ops.md 2.1).  How acc and bias meet is the chip's choice.
struct requantizer {
  integer_view out;
  int shift = 0;
  bool relu = false;
  int slope = 0;  ///< negative accumulators are shifted by this more (act_type 2)
  accumulator rule = accumulator::clamp_with_bias;
  tap* watch = nullptr;
  bool in_float = false;  ///< VENUS' int16 convolution: floor in single precision, relu behind it (luna_ops.md 3.1)

  [[nodiscard]] std::int64_t joined(std::int64_t sum, std::int64_t bias) const {
    switch (rule) {
      case accumulator::clamp_with_bias: return saturate<std::int32_t>(sum + bias);
      case accumulator::clamp_before_bias: return std::int64_t{saturate<std::int32_t>(sum)} + bias;
      case accumulator::exact: break;
    }
    return sum + bias;
  }

  /// Finishes outputs first, first + 1, ..., whose sums are acc[0..n); `exponent` is that of acc.
  template <class Integer>
  void row(std::size_t first, const Integer* acc, std::size_t n, std::int64_t bias) const {
    with_element(out.type, [&](auto element) {
      using element_type = decltype(element);
      auto* y = out.as<element_type>() + first;
      for (std::size_t i = 0; i < n; ++i) {
        const std::int64_t v = joined(acc[i], bias);
        y[i] = relu && v < 0 ? element_type{0} : saturate<element_type>(rounded(v));
      }
    });
    if (watch)
      for (std::size_t i = 0; i < n; ++i) {
        const std::int64_t v = joined(acc[i], bias);
        watch->record(first + i, &v, 1, out.exponent + shift_of(v), shift_of(v));
      }
  }

  [[nodiscard]] int shift_of(std::int64_t v) const { return v < 0 ? shift + slope : shift; }
  [[nodiscard]] std::int64_t rounded(std::int64_t v) const {
    if (!in_float) return rescale(v, shift_of(v), 0);
    const float y = chip_float_requant(saturate<std::int32_t>(v), shift);  // the bias saturates once more
    return to_integer(static_cast<double>(y), INT32_MIN, INT32_MAX);
  }
};

}  // namespace luna
}  // namespace lnn
