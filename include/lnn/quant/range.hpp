// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "../core/algorithm.hpp"
#include "../core/maths.hpp"
#include "../fixed/round.hpp"

namespace lnn {

/// Exponents of scales lie in [0, 23]: scales 1 to 2^23 (quantization.md 3.2).
inline constexpr int least_exponent = 0, greatest_exponent = 23;

/// log2 in single precision, formed in double so that every platform rounds alike.
[[nodiscard]] inline float log2_single(float x) { return static_cast<float>(maths::log2(static_cast<double>(x))); }

/// round_half_even(bits - 1 - log2(reach)) within the legal exponents: the power-of-two scale whose grid of `bits` bits
/// reaches nearest to 2^log2_reach.  Nearest, so the grid may end as low as reach / sqrt(2) (quantization.md 3.2).
[[nodiscard]] inline int exponent_for(float log2_reach, int bits) {
  const float e = round_real(static_cast<float>(bits - 1) - log2_reach, rounding::half_even);
  if (maths::isnan(e)) return least_exponent;
  return static_cast<int>(std::clamp(e, static_cast<float>(least_exponent), static_cast<float>(greatest_exponent)));
}

/// Range by moving maximum (quantization.md 3.2, MOM): running = 0.9 * running + 0.1 * max, the first maximum as it is.
struct mom {
  float running = 0;
  bool seen = false;

  static constexpr float momentum = 0.1F;

  void observe(float maximum) {
    const float m = std::max(maximum, 1e-6F);
    running = seen ? (1 - momentum) * running + momentum * m : m;
    seen = true;
  }
  /// Calibration: the statistic of all batches seen so far.
  void set(float reach) {
    running = std::max(reach, 1e-6F);
    seen = true;
  }
  [[nodiscard]] float log2_reach() const { return log2_single(seen ? running : 1.0F); }
};

/// Range that is learned (quantization.md 3.2, TQT): log2 of the reach is a parameter with a gradient.
struct tqt {
  float learned = 2.1F;

  void observe(float) {}
  void set(float reach) { learned = log2_single(std::max(reach, 1e-6F)); }
  [[nodiscard]] float log2_reach() const { return learned; }

  /// d output / d learned for one element x with quantized value fq = q / scale: -ln2 * (x - fq) within the range,
  /// ln2 * fq where it was clipped.
  [[nodiscard]] static float slope(float x, float fq, bool within) {
    constexpr float ln2 = 0.693147180559945309F;
    return within ? -ln2 * (x - fq) : ln2 * fq;
  }
  /// No gradient where the exponent is cut off at its limits.
  [[nodiscard]] bool learns(int bits) const {
    const float e = round_real(static_cast<float>(bits - 1) - learned, rounding::half_even);
    return e >= static_cast<float>(least_exponent) && e <= static_cast<float>(greatest_exponent);
  }
};

}  // namespace lnn
