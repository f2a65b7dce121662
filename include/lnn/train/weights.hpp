// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <vector>

#include "../core/maths.hpp"
#include "../graph/fold.hpp"
#include "../graph/graph.hpp"
#include "../graph/params.hpp"
#include "../quant/clamp.hpp"
#include "../quant/quantizer.hpp"
#include "../tensor/quantized.hpp"

namespace lnn {

/// The parameters that a layer of a fused network has as integers: those of its operator that are trained, with the bias
/// that a folded batch norm gives it; of a batch norm that stands alone factor and offset, called weight and bias.
template <class Ops>
[[nodiscard]] parameter_list parts_of(const graph_view<Ops>& net, const node<Ops>& n) {
  const auto in = net.input_shapes(n);
  parameter_list parts;
  const bool alone = op_if<batch_norm>(n.op) != nullptr;
  for (parameter p : visit_op(n.op, [&](const auto& op) { return op.parameters(std::span<const shape>(in.data(), in.size())); })) {
    if (!trained(p.kind)) continue;
    if (alone) p.name = parts.empty() ? "weight" : "bias";
    parts.push_back(p);
  }
  if (!n.fused.batch_norm.empty() && parts.size() == 1) parts.push_back({"bias", role::bias, {parts[0].dims[0]}});
  return parts;
}

/// Calls use(part, i) for the parts that have a scale of their own.
template <class Ops, class Use>
void for_each_scaled(const graph_view<Ops>& net, const node<Ops>& n, const Use& use) {
  const parameter_list parts = parts_of(net, n);
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (scaled(parts[i].kind)) use(parts[i], i);
}

/// What a layer of a fused network computes with: its own parameters, weight and bias with a batch norm folded in, or
/// factor and offset of a batch norm that stands alone.
struct layer_weights {
  std::vector<flat<float>> own;            ///< parameters in the operator's order; none of a batch norm alone
  flat<float> weight, bias;                ///< the first of them, and the bias of operators that fold a batch norm
  flat<float> gamma, beta, mean, var;      ///< of the batch norm; empty: none
  float eps = 0;
  tensor<float> folded_weight, folded_bias;

  [[nodiscard]] bool folded() const { return static_cast<bool>(gamma); }
  [[nodiscard]] channel_affine affine() const { return {gamma, beta, mean, var, eps}; }

  /// Renews the folded tensors from the present parameters.
  void fold() {
    if (folded()) affine().fold(weight, bias, folded_weight.flatten(), folded_bias.flatten());
  }
  /// Brings weight `part` as it is used within its limit, once and for all, by moving the own weight: the first thing
  /// that quantization does with trained weights (quantization.md 3.1, 3.6).
  void clamp_once(const clamps& limits, std::size_t part = 0) {
    fold();
    const flat<const float> now = used(part);
    const std::optional<float> limit = limits.weight_limit(now);
    if (!limit || part >= own.size()) return;
    const flat<float> mine = own[part];
    const std::size_t each = mine.size() / static_cast<std::size_t>(mine.dims[0]);
    for (std::size_t i = 0; i < mine.size(); ++i)
      if (std::abs(now[i]) > *limit)
        mine[i] = maths::copysign(*limit, now[i]) / (folded() ? affine().factor(i / each) : 1.0F);
    fold();
  }
  /// Part i of parts_of.
  [[nodiscard]] flat<const float> used(std::size_t i) const {
    if (folded()) return i == 0 ? folded_weight.flatten() : folded_bias.flatten();
    return own[i];
  }
  [[nodiscard]] flat<const float> used_weight() const { return used(0); }
  [[nodiscard]] flat<const float> used_bias() const { return folded() ? used(1) : flat<const float>(bias); }
};

/// Finds them among the parameters of the network.
template <class Ops>
[[nodiscard]] layer_weights weights_of(const graph_view<Ops>& net, const node<Ops>& n, params& p) {
  layer_weights w;
  const batch_norm* alone = op_if<batch_norm>(n.op);
  const std::string_view norm = alone ? n.name : n.fused.batch_norm;
  if (!alone) {
    for (const parameter& part : parts_of(net, n))
      if (auto* e = p.find(sentence(n.name, ".", part.name))) w.own.push_back(e->value.flatten());
      else if (norm.empty() || w.own.empty()) static_cast<void>(p.of(n.name, part.name));  // says that it is missing
    w.weight = w.own[0];
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
