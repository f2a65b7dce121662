// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "add.hpp"
#include "avg_pool2d.hpp"
#include "batch_norm.hpp"
#include "bmm.hpp"
#include "concat.hpp"
#include "conv1d.hpp"
#include "conv2d.hpp"
#include "conv_transpose2d.hpp"
#include "convert.hpp"
#include "layer_norm.hpp"
#include "layout.hpp"
#include "linear.hpp"
#include "max_pool2d.hpp"
#include "mul.hpp"
#include "pad.hpp"
#include "recurrent.hpp"
#include "reduce.hpp"
#include "relu.hpp"
#include "sigmoid.hpp"
#include "softmax.hpp"
#include "sub.hpp"
#include "supported.hpp"
#include "transpose.hpp"

/// All operators of the packer by name.  What is judged here is one layer; totals of memory (share memory, PSRAM, DMA
/// entries, sizes of the file's records) belong to a whole plan and are judged where plans are made.
namespace lnn::limit {

struct entry {
  std::string_view op;
  int inputs;  ///< least number of activations that the predicate reads
  void (*check)(const facts&, const chip&, verdict&);
  rule_list rules;
};

inline constexpr entry entries[] = {
    {"Conv2dInt", 1, &conv2d::check, conv2d::rules},
    {"Conv1dInt", 1, &conv1d::check, conv1d::rules},
    {"ConvTranspose2dInt", 1, &conv_transpose2d::check, conv_transpose2d::rules},
    {"MaxPool", 1, &max_pool2d::check, max_pool2d::rules},
    {"AvgPool2dInt", 1, &avg_pool2d::check, avg_pool2d::rules},
    {"LinearInt", 1, &linear::check, linear::rules},
    {"BmmInt", 2, &bmm::check, bmm::rules},
    {"iqAdd", 2, &add::check, add::rules},
    {"iqSub", 2, &sub::check, sub::rules},
    {"iqMul", 2, &mul::check, mul::rules},
    {"iqDiv", 2, &div::check, div::rules},
    {"iqCat", 1, &concat::check, concat::rules},
    {"iqPad", 1, &pad::check, pad::rules},
    {"Transpose", 1, &transpose::check, transpose::rules},
    {"SoftmaxInt", 1, &softmax::check, softmax::rules},
    {"LogSoftmaxInt", 1, &softmax::check_log, softmax::log_rules},
    {"LayerNormInt", 1, &layer_norm::check, layer_norm::rules},
    {"BatchNorm2dInt", 1, &batch_norm::check, batch_norm::rules},
    {"LSTMInt", 1, &lstm::check, lstm::rules},
    {"GRUInt", 1, &gru::check, gru::rules},
    {"iqSigmoid", 1, &sigmoid::check, sigmoid::rules},
    {"iqTanh", 1, &tanh::check, tanh::rules},
    {"Relu", 1, &relu::check, relu::rules},
    {"Quant", 1, &quant::check, quant::rules},
    {"Dequant", 1, &dequant::check, dequant::rules},
    {"Requant", 1, &requant::check, requant::rules},
    {"Slice", 1, &slice::check, slice::rules},
    {"Split", 1, &split::check, split::rules},
    {"Squeeze", 1, &squeeze::check, squeeze::rules},
    {"Unsqueeze", 1, &squeeze::check, squeeze::rules},
    {"Tile", 1, &tile::check, tile::rules},
    {"Expand", 1, &expand::check, expand::rules},
    {"Gather", 1, &gather::check, gather::rules},
    {"ShuffleChannel", 1, &shuffle_channel::check, shuffle_channel::rules},
    {"Resize", 1, &resize::check, resize::rules},
    {"iqSum", 1, &sum::check, sum::rules},
    {"iqVar", 1, &var::check, var::rules},
    {"ArgMax", 1, &arg_max::check, arg_max::rules},
    {"topN", 1, &arg_max::check, arg_max::rules},
    {"topN2", 1, &arg_max::check, arg_max::rules},
    {"GluInt", 1, &glu::check, glu::rules},
};

/// Calls visit(rule) for every rule of this room once or, where operators share it, oftener.
template <class Visit>
constexpr void for_each_rule(Visit visit) {
  for (const rule* r : common_rules) visit(*r);
  visit(unsupported);
  for (const entry& e : entries)
    for (const rule* r : e.rules) visit(*r);
}

/// True when the packer, or the exporter before it, has such an operator.
[[nodiscard]] constexpr bool known(std::string_view op) {
  for (const entry& e : entries)
    if (e.op == op) return true;
  return is_plain(op) || is_unsupported(op);
}

/// Judges one layer; `op` must be known and have the inputs that it needs.
constexpr void check(const facts& f, const chip& on, verdict& found) {
  check_supported(f.op, on, found);
  for (const entry& e : entries)
    if (e.op == f.op && f.in.size() >= static_cast<std::size_t>(e.inputs)) return e.check(f, on, found);
  check_inputs(f, found);
}

}  // namespace lnn::limit
