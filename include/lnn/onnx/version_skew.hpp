// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/error.hpp"
#include "message.hpp"

namespace lnn::onnx {

/// What the training of linger 3.x does otherwise than any engine, and so than lnn : outputs behind such a node differ
/// from those that its training saw.  Empty for all other nodes.
inline std::string version_skew(const message::NodeProto& n) {
  if (n.domain() != "linger") return {};
  const std::string_view op = n.op_type();
  std::string_view says;
  if (op.starts_with("QLayerNorm"))
    says = "trained with normalized values at 2^-15, engines keep them at 2^-10; the bias is rescaled";
  else if (op == "QLSTM")
    says = "trained with cells of other widths than the engines'; they keep the state at the exponent of h";
  else if (op == "QGRU")
    says = "trained with cells of other widths than the engines'; venus halves the state as well";
  return says.empty() ? std::string{} : sentence("node ", n.name().empty() ? n.output(0) : n.name(), " (", op, "): ", says, ", so that results may differ from linger 3.x's own");
}

}  // namespace lnn::onnx
