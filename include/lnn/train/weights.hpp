// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../graph/fold.hpp"
#include "../graph/params.hpp"
#include "../quant/clamp.hpp"
#include "../quant/quantizer.hpp"
#include "../tensor/quantized.hpp"

namespace lnn {

/// The weight and bias that a layer of a fused network computes with: its own, with a batch norm folded in, or those
/// of a batch norm that stands alone (factor and offset).
struct layer_weights {
  flat<float> weight, bias;                ///< own parameters; weight is empty for a batch norm alone
  flat<float> gamma, beta, mean, var;      ///< of the batch norm; empty: none
  float eps = 0;
  tensor<float> folded_weight, folded_bias;

  [[nodiscard]] bool folded() const { return static_cast<bool>(gamma); }
  [[nodiscard]] channel_affine affine() const { return {gamma, beta, mean, var, eps}; }

  /// Renews the folded tensors from the present parameters.
  void fold() {
    if (folded()) affine().fold(weight, bias, folded_weight.flatten(), folded_bias.flatten());
  }
  /// Brings the weight that is used within its limit, once and for all, by moving the own weight: the first thing that
  /// quantization does with trained weights (quantization.md 3.1, 3.6).
  void clamp_once(const clamps& limits) {
    fold();
    const flat<const float> used = used_weight();
    const std::optional<float> limit = limits.weight_limit(used);
    if (!limit || !weight) return;
    const std::size_t each = weight.size() / static_cast<std::size_t>(weight.dims[0]);
    for (std::size_t i = 0; i < weight.size(); ++i)
      if (std::abs(used[i]) > *limit)
        weight[i] = std::copysign(*limit, used[i]) / (folded() ? affine().factor(i / each) : 1.0F);
    fold();
  }
  [[nodiscard]] flat<const float> used_weight() const { return folded() ? folded_weight.flatten() : flat<const float>(weight); }
  [[nodiscard]] flat<const float> used_bias() const { return folded() ? folded_bias.flatten() : flat<const float>(bias); }
};

/// Finds them among the parameters of the network.
template <class Ops>
[[nodiscard]] layer_weights weights_of(const node<Ops>& n, params& p) {
  layer_weights w;
  const batch_norm* alone = std::get_if<batch_norm>(&n.op);
  const std::string_view norm = alone ? n.name : n.fused.batch_norm;
  if (!alone) {
    w.weight = p.of(n.name, "weight").value.flatten();
    if (auto* b = p.find(sentence(n.name, ".bias"))) w.bias = b->value.flatten();
  }
  if (norm.empty()) return w;
  w.gamma = p.of(norm, "gamma").value.flatten();
  w.beta = p.of(norm, "beta").value.flatten();
  w.mean = p.of(norm, "mean").value.flatten();
  w.var = p.of(norm, "var").value.flatten();
  w.eps = alone ? alone->eps : n.fused.eps;
  w.folded_weight = tensor<float>(alone ? w.gamma.dims : w.weight.dims);
  w.folded_bias = tensor<float>(w.gamma.dims);
  return w;
}

/// Weights as integers: clamp(round_half_even(w * 2^q)) (quantization.md 5.1).  4-bit values one in a byte.
inline void quantize_weight(flat<const float> w, const integer_view& to) {
  const int bits = bits_of(to.type);
  for (std::size_t i = 0; i < w.size(); ++i)
    to.as<std::int8_t>()[i] = static_cast<std::int8_t>(quantize(w[i], to.exponent, bits, rounding::half_even));
}
/// Biases as 32-bit integers at exponent q_x + q_w, as on the chip.
inline void quantize_bias(flat<const float> b, const integer_view& to) {
  for (std::size_t i = 0; i < b.size(); ++i)
    to.as<std::int32_t>()[i] = quantize(b[i], to.exponent, 32, rounding::half_even);
}

}  // namespace lnn
