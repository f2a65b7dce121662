// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "clamp.hpp"
#include "statistic.hpp"

namespace lnn {

/// How ranges are found while training goes on.
enum class range_method { mom, tqt };

/// Widths of one layer.
struct layer_bits {
  int activation = 8;  ///< of the output: 8, 16 or 32
  int weight = 8;      ///< 4 or 8
};

/// Everything that quantization of a network is told: data, not code.
struct quantization {
  range_method method = range_method::mom;
  statistic activations = statistic::abs_max;  ///< how calibration looks at a batch of activations
  statistic weights = statistic::abs_max;
  layer_bits bits{};
  clamps limits{};

  struct exception {
    std::string layer;  ///< this layer, and all whose names start with it and a dot
    layer_bits bits{};
  };
  std::vector<exception> exceptions{};  ///< mixed precision; the first that matches wins

  [[nodiscard]] layer_bits bits_of(std::string_view layer) const {
    for (const exception& e : exceptions)
      if (layer == e.layer || (layer.substr(0, e.layer.size()) == e.layer && layer.substr(e.layer.size(), 1) == "."))
        return e.bits;
    return bits;
  }
};

}  // namespace lnn
