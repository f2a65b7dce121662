// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/maths.hpp"
#include "../tensor/tensor.hpp"

namespace lnn {

/// A batch norm with given statistics as a factor and an offset per channel (quantization.md 5.2, 8):
/// factor = gamma / sqrt(var + eps), offset = beta - mean * factor.
struct channel_affine {
  flat<const float> gamma, beta, mean, var;
  float eps;

  [[nodiscard]] float factor(std::size_t c) const { return static_cast<float>(static_cast<double>(gamma[c]) * inverse(c)); }
  [[nodiscard]] double inverse(std::size_t c) const {
    return 1 / maths::sqrt(static_cast<double>(var[c]) + static_cast<double>(eps));
  }
  /// The same layer with the batch norm inside: w * factor, (b - mean) * factor + beta, output channels on axis 0.
  void fold(flat<const float> w, flat<const float> b, flat<float> folded_w, flat<float> folded_b) const {
    const std::size_t channels = gamma.size(), each = folded_w.size() / channels;
    for (std::size_t c = 0; c < channels; ++c) {
      const float f = factor(c);
      for (std::size_t i = c * each; i < (c + 1) * each; ++i) folded_w[i] = (w ? w[i] : 1.0F) * f;
      folded_b[c] = ((b ? b[c] : 0.0F) - mean[c]) * f + beta[c];
    }
  }
  /// Gradients of fold with the statistics held fixed; adds to every non-empty target.
  void fold_backward(flat<const float> w, flat<const float> b, flat<const float> dfolded_w, flat<const float> dfolded_b,
                     flat<float> dw, flat<float> db, flat<float> dgamma, flat<float> dbeta) const {
    const std::size_t channels = gamma.size(), each = dfolded_w.size() / channels;
    for (std::size_t c = 0; c < channels; ++c) {
      const float f = factor(c);
      double df = static_cast<double>(dfolded_b[c]) * static_cast<double>((b ? b[c] : 0.0F) - mean[c]);
      for (std::size_t i = c * each; i < (c + 1) * each; ++i) {
        if (dw) dw[i] += dfolded_w[i] * f;
        df += static_cast<double>(dfolded_w[i]) * static_cast<double>(w ? w[i] : 1.0F);
      }
      if (db) db[c] += dfolded_b[c] * f;
      if (dgamma) dgamma[c] += static_cast<float>(df * inverse(c));
      if (dbeta) dbeta[c] += dfolded_b[c];
    }
  }
};

}  // namespace lnn
