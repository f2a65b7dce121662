// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "packed_weight.hpp"
#include "workspace_element.hpp"
#include "workspace_matrix.hpp"
#include "workspace_window.hpp"

namespace lnn::limit {

/// Whether the engine fetches the constants of such a layer ahead, by DMA (model_bin.md section 8).
[[nodiscard]] constexpr bool fetches(std::string_view op) {
  return op == "Conv2dInt" || op == "Conv1dInt" || op == "ConvTranspose2dInt" || op == "LinearInt" || op == "LSTMInt" ||
         op == "GRUInt" || op == "LayerNormInt";
}
/// Bytes of a layer's constants in the buffer to which they are fetched, each a multiple of 16.
[[nodiscard]] constexpr long long fetched_bytes(const facts& f, const chip& on, figures which) {
  long long n = f.weight.present ? workspace::a16(fetched_weight_bytes(f, on, which)) : 0;
  for (const operand* t : {&f.recurrent_weight, &f.bias, &f.recurrent_bias})
    if (t->present) n += workspace::bytes(*t);
  return n;
}

/// Scratch memory of one layer.  `asked` of the operands says where they lie; `out`'s dims are known.
[[nodiscard]] constexpr scratch workspace_of(const facts& f, const chip& on, figures which) {
  namespace w = workspace;
  const std::string_view op = f.op;
  if (op == "Conv2dInt") return w::conv2d(f, on);
  if (op == "ConvTranspose2dInt") return w::conv_transpose2d(f, on);
  if (op == "MaxPool") return w::max_pool(f, on);
  if (op == "AvgPool2dInt") return w::avg_pool(f, on, which);
  if (op == "LinearInt") return w::linear(f, on, which);
  if (op == "BmmInt") return w::bmm(f, on);
  if (op == "iqAdd") return w::add(f, on);
  if (op == "iqSub") return w::sub(f, which);
  if (op == "iqMul") return w::mul(f);
  if (op == "iqCat") return w::concat(f, on);
  if (op == "iqPad") return w::pad(f);
  if (op == "iqSigmoid") return w::sigmoid(f, on, which);
  if (op == "Relu") return w::relu(f);
  if (op == "Transpose") return w::transpose(f);
  if (op == "SoftmaxInt") return w::softmax(f, on, false, which);
  if (op == "LogSoftmaxInt") return w::softmax(f, on, true, which);
  if (op == "iqSum") return w::sum(f);
  if (op == "iqVar") return w::variance(f);
  if (op == "GluInt") return w::glu(f);
  if (op == "ArgMax") return {8};
  if (op == "topN" || op == "topN2") return w::top(f, on);
  if (op == "LSTMInt") return w::lstm(f, on, fetched_bytes(f, on, which), which);
  if (op == "GRUInt") return w::gru(f);
  if (op == "LayerNormInt") return w::layer_norm(f, on, which);
  if (op == "BatchNorm2dInt") return w::batch_norm(f);
  return {};
}

}  // namespace lnn::limit
