// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lnn::simd {

/// Per-step constants of Adam: p -= rate * ((m / correction1) / (sqrt(v / correction2) + epsilon) + decay * p),
/// where m = beta1 * m + (1 - beta1) * g, v = beta2 * v + (1 - beta2) * g^2, and correction_i = 1 - beta_i^step.
struct adam_constants {
  double rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0, correction1 = 1, correction2 = 1;
};

}  // namespace lnn::simd
