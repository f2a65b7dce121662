// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bind_plain.hpp"
#include "bind_weighted.hpp"

namespace lnn::model {

namespace detail {
struct translation {
  std::string_view type;
  bound (*bind)(const operands&);
};
inline constexpr translation translations[] = {
    {"Conv2dInt", bind_conv2d},
    {"Conv1dInt", bind_conv1d},
    {"ConvTranspose2dInt", bind_conv_transpose2d},
    {"LinearInt", bind_linear},
    {"BatchNorm2dInt", bind_batch_norm},
    {"LayerNormInt", bind_layer_norm},
    {"LSTMInt", bind_recurrent<lstm>},
    {"GRUInt", bind_recurrent<gru>},
    {"FFNInt", bind_ffn},
    {"MaxPool", bind_max_pool},
    {"AvgPool2dInt", bind_avg_pool},
    {"BmmInt", bind_product},
    {"iqAdd", bind_pair<add>},
    {"iqSub", bind_pair<sub>},
    {"iqMul", bind_pair<mul>},
    {"iqDiv", bind_pair<lnn::div>},
    {"iqCat", bind_concat},
    {"Gather", bind_gather},
    {"GluInt", bind_glu},
    {"SoftmaxInt", bind_softmax},
    {"LogSoftmaxInt", bind_log_softmax},
    {"ArgMax", bind_arg_max},
    {"topN", bind_top_n},
    {"iqSum", bind_sum},
    {"iqVar", bind_variance},
    {"Clip", bind_clip},
    {"PRelu", bind_prelu},
    {"iqPad", bind_pad},
    {"Reshape", bind_reshape},
    {"Flatten", bind_reshape},
    {"Squeeze", bind_reshape},
    {"Unsqueeze", bind_reshape},
    {"Transpose", bind_transpose},
    {"Slice", bind_slice},
    {"Split", bind_split},
    {"Tile", bind_tile},
    {"Expand", bind_expand},
    {"Resize", bind_resize},
    {"ShuffleChannel", bind_shuffle},
    {"Relu", bind_unary<relu>},
    {"iqSigmoid", bind_unary<sigmoid>},
    {"iqTanh", bind_unary<lnn::tanh>},
    {"Quant", bind_unary<quant>},
    {"Dequant", bind_unary<dequant>},
    {"Requant", bind_unary<requant>},
    {"Cast", bind_unary<cast>},
    {"Shape", bind_unary<shape_of>},
};
}  // namespace detail

/// The operator of the library that computes what the operation means.  Fails with the operation's first output and the
/// reason when there is none.
[[nodiscard]] inline bound bind(const operands& o) {
  for (const detail::translation& t : detail::translations)
    if (t.type == o.type()) return t.bind(o);
  o.complain("is no operator that lnn can compute");
}

/// The operator's parameters in the library's order and shapes: weights unpacked, biases of 32 bits.
[[nodiscard]] inline std::vector<integer_tensor> load_parameters(const operands& o, const bound& b) {
  std::vector<shape> in;
  for (std::uint32_t id : b.reads) in.push_back(o.dims(id));
  std::vector<integer_tensor> loaded;
  visit_op(b.op, [&](const auto& op) {
    std::size_t place = 0;
    constant_facts facts = b.facts;
    for (const parameter& p : op.parameters(in)) {
      if (!trained(p.kind)) continue;
      if (place == b.weights.size()) o.complain("has no ", p.name);
      const std::uint32_t id = b.weights[place];
      facts.parameter = place++;
      if (!o.at(id).constant) o.complain("has the weight ", o.at(id).name, ", which is no constant");
      integer_tensor t = load_constant(facts, p.dims, o.at(id), o.bytes(id), o.on());
      loaded.push_back(scaled(p.kind) ? std::move(t) : widened(std::move(t)));
    }
    if (place != b.weights.size()) o.complain("has ", b.weights.size(), " parameters, expected ", place);
  });
  return loaded;
}

/// The shapes that the operator makes of its inputs; fails where they cannot be.
[[nodiscard]] inline shape_list results(const operands& o, const bound& b) {
  std::vector<shape> in;
  for (std::uint32_t id : b.reads) in.push_back(o.dims(id));
  verdict found;
  found.layer = o.type();
  const shape_list made = visit_op(b.op, [&](const auto& op) { return results_of(op, in, found); });
  if (!found.clean()) o.complain("cannot be computed: ", found.refused().front().sentence().view());
  return made;
}

}  // namespace lnn::model
