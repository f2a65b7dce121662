// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <optional>

#include "../tensor/flat.hpp"

namespace lnn {

/// Limits of the constrained stage (quantization.md 7): activations and weights are kept where few bits reach.
struct clamps {
  std::optional<float> activation = 8.0F;
  std::optional<float> weight_factor = 7.0F;  ///< times mean |w|
  std::optional<float> weight{};              ///< fixed
  std::optional<float> bias{};

  /// Limit for the weights of an operator: factor * mean |w| when a factor is given, else the fixed value.
  [[nodiscard]] std::optional<float> weight_limit(flat<const float> w) const {
    if (weight_factor) return *weight_factor * mean_magnitude(w);
    return weight;
  }
  /// Limit for weights that a batch norm was folded into, and for a batch norm's own factor: the fixed value when given,
  /// else min(factor * mean |w|, max |w|), where the second bound never cuts.
  [[nodiscard]] std::optional<float> folded_limit(flat<const float> w) const {
    if (weight) return weight;
    if (weight_factor) return *weight_factor * mean_magnitude(w);
    return {};
  }

  [[nodiscard]] static float mean_magnitude(flat<const float> w) {
    double sum = 0;
    for (float v : w) sum += static_cast<double>(std::abs(v));
    return w.size() ? static_cast<float>(sum / static_cast<double>(w.size())) : 0.0F;
  }
};

}  // namespace lnn
