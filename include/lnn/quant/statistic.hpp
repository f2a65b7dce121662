// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <string_view>
#include <vector>

#include "../core/algorithm.hpp"
#include "../tensor/flat.hpp"
#include "quantizer.hpp"

namespace lnn {

/// How calibration looks at one batch of values (quantization.md 3.6): the reach that the grid should have.
enum class statistic {
  abs_max,  ///< max |x|
  top_10,   ///< the 10th largest |x| of more than 11 values, else abs_max
  w_like,   ///< the power of two whose grid loses least: min over 2^i, i = -10..9, of |w - fq(w)|
};

[[nodiscard]] constexpr std::string_view name_of(statistic s) {
  constexpr std::string_view names[] = {"abs_max", "top_10", "w_like"};
  return names[static_cast<int>(s)];
}

/// The reach of x; with `positive` negative values count as 0.
[[nodiscard]] inline float reach_of(flat<const float> x, statistic how, bool positive, int bits) {
  const auto magnitude = [&](float v) { return positive ? std::max(v, 0.0F) : std::abs(v); };
  float top = 0;
  for (float v : x) top = std::max(top, magnitude(v));
  if (how == statistic::top_10 && x.size() > 11) {
    constexpr std::size_t kept = 10;
    float best[kept] = {};  // the ten largest, smallest first
    for (float v : x) {
      const float m = magnitude(v);
      if (m <= best[0]) continue;
      std::size_t i = 0;
      for (; i + 1 < kept && best[i + 1] < m; ++i) best[i] = best[i + 1];
      best[i] = m;
    }
    return std::max(best[0], 1e-6F);
  }
  if (how == statistic::w_like) {
    double least = -1;
    int chosen = 0;
    for (int i = -10; i <= 9; ++i) {
      double loss = 0;
      for (float v : x) {
        const double d = static_cast<double>(v) -
                         static_cast<double>(quantize(v, -i, bits, rounding::half_even)) * static_cast<double>(power_of_two(i));
        loss += d * d;
      }
      if (least < 0 || loss < least) least = loss, chosen = i;
    }
    return power_of_two(chosen + bits - 1);
  }
  return std::max(top, 1e-6F);
}

}  // namespace lnn
