// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>

#include "../fixed/saturate.hpp"
#include "../tensor/flat.hpp"
#include "range.hpp"

namespace lnn {

/// One value onto a grid of 2^-exponent: clamp(R(x * 2^q)) (quantization.md 3.2).
[[nodiscard]] inline std::int32_t quantize(float x, int exponent, int bits, rounding mode) {
  const integer_range r = integer_range::of(bits);
  return static_cast<std::int32_t>(
      to_integer(static_cast<double>(round_real(x * power_of_two(exponent), mode)), r.low, r.high));
}

/// The straight-through mask: 1 where the rounded, unclamped value lies in the range, bounds included.
[[nodiscard]] inline bool passes(float x, int exponent, int bits, rounding mode) {
  const integer_range r = integer_range::of(bits);
  const float v = round_real(x * power_of_two(exponent), mode);
  return v >= static_cast<float>(r.low) && v <= static_cast<float>(r.high);
}

/// A quantizer policy: how many bits, how to round, how to find the range.  Everything an embedder needs to put
/// power-of-two quantization into another trainer; the trainer of this library uses the same parts.
///
///     lnn::activation_quantizer<lnn::mom> q;
///     q.observe(x);                       // training only
///     q.forward(x, y);                    // y = quantized x as real numbers
///     q.backward(x, dy, dx);              // dx += dy inside the range; TQT's learned range gets its gradient
template <int Bits, rounding Mode, class Range>
struct quantizer {
  Range range{};
  bool positive = false;     ///< a relu follows: the range is that of positive values only
  float learned_gradient = 0;  ///< TQT: d loss / d learned, summed by backward

  static constexpr int bits = Bits;
  static constexpr rounding mode = Mode;

  void observe(flat<const float> x) {
    float m = 0;
    for (float v : x) m = std::max(m, positive ? v : std::abs(v));
    range.observe(m);
  }
  [[nodiscard]] int exponent() const { return exponent_for(range.log2_reach(), Bits); }

  void forward(flat<const float> x, flat<float> y) const {
    const int q = exponent();
    const float unit = power_of_two(-q);
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = static_cast<float>(quantize(x[i], q, Bits, Mode)) * unit;
  }
  void backward(flat<const float> x, flat<const float> dy, flat<float> dx) {
    const int q = exponent();
    for (std::size_t i = 0; i < x.size(); ++i) {
      const bool within = passes(x[i], q, Bits, Mode);
      if (within && dx) dx[i] += dy[i];
      if constexpr (requires { range.learned; })
        if (range.learns(Bits))
          learned_gradient +=
              dy[i] * Range::slope(x[i], static_cast<float>(quantize(x[i], q, Bits, Mode)) * power_of_two(-q), within);
    }
  }
};

/// The three kinds of the training side (quantization.md 3): activations round as the chip does, weights and biases
/// half to even.
template <class Range, int Bits = 8>
using activation_quantizer = quantizer<Bits, rounding::half_up, Range>;
template <class Range, int Bits = 8>
using weight_quantizer = quantizer<Bits, rounding::half_even, Range>;

}  // namespace lnn
