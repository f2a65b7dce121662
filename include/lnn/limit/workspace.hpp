// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "packed_weight.hpp"
#include "workspace_element.hpp"
#include "workspace_matrix.hpp"
#include "workspace_window.hpp"

namespace lnn::limit {

/// Whether the engine fetches the constants of such a layer ahead, by DMA (model_bin.md section 8).
[[nodiscard]] constexpr bool fetches(std::string_view op) {
  return is(op, "Conv2dInt") || is(op, "Conv1dInt") || is(op, "ConvTranspose2dInt") || is(op, "LinearInt") ||
         is(op, "LSTMInt") || is(op, "GRUInt") || is(op, "LayerNormInt");
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
  if (is(op, "Conv2dInt")) return w::conv2d(f, on);
  if (is(op, "ConvTranspose2dInt")) return w::conv_transpose2d(f, on, which);
  if (is(op, "MaxPool")) return w::max_pool(f, on, which);
  if (is(op, "AvgPool2dInt")) return w::avg_pool(f, on, which);
  if (is(op, "LinearInt")) return w::linear(f, on, which);
  if (is(op, "BmmInt")) return w::bmm(f, on);
  if (is(op, "iqAdd")) return w::add(f, on);
  if (is(op, "iqSub")) return w::sub(f, which);
  if (is(op, "iqMul")) return w::mul(f);
  if (is(op, "iqCat")) return w::concat(f, on);
  if (is(op, "iqPad")) return w::pad(f);
  if (is(op, "iqSigmoid")) return w::sigmoid(f, on, which);
  if (is(op, "Relu")) return w::relu(f);
  if (is(op, "Transpose")) return w::transpose(f, on, which);
  if (is(op, "SoftmaxInt")) return w::softmax(f, on, false, which);
  if (is(op, "LogSoftmaxInt")) return w::softmax(f, on, true, which);
  if (is(op, "iqSum")) return w::sum(f);
  if (is(op, "iqVar")) return w::variance(f);
  if (is(op, "GluInt")) return w::glu(f);
  if (is(op, "ArgMax")) return {8};
  if (is(op, "topN") || is(op, "topN2")) return w::top(f, on);
  if (is(op, "LSTMInt")) return w::lstm(f, on, fetched_bytes(f, on, which), which);
  if (is(op, "GRUInt")) return w::gru(f);
  if (is(op, "LayerNormInt")) return w::layer_norm(f, on, which);
  if (is(op, "BatchNorm2dInt")) return w::batch_norm(f);
  return {};
}

}  // namespace lnn::limit
