// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdlib>
#include <limits>
#include <string>

#include "../core/maths.hpp"
#include "wires.hpp"

namespace lnn::onnx::detail {

/// The nodes of a gelu as exporters write it that have no operator for it: x * (erf(x / sqrt 2) + 1) * 0.5, in any order of
/// the factors.
struct gelu_nodes {
  std::array<const message::NodeProto*, 3> between{};  ///< erf, sum and the first product
  const message::NodeProto* last = nullptr;            ///< what makes the result; nullptr where the nodes are no gelu

  /// Looks behind `first`, which divides by the root of 2; `number(tensor)` is the value of a constant of one element, NaN of
  /// all else.
  template <class Number>
  gelu_nodes(const source& from, const message::NodeProto& first, const Number& number) {
    const auto only_reader = [&](const message::NodeProto* n, std::string_view op) -> const message::NodeProto* {
      const auto readers = n ? from.net.readers.find(n->output(0)) : from.net.readers.end();
      if (readers == from.net.readers.end() || readers->second.size() != 1) return nullptr;
      const auto& reader = from.graph.node(readers->second[0].node);
      return reader.op_type() == op ? &reader : nullptr;
    };
    const auto has = [](const message::NodeProto& n, const std::string& tensor) { return n.input_size() == 2 && (n.input(0) == tensor || n.input(1) == tensor); };
    /// The other operand of a node of two.
    const auto factor = [&](const message::NodeProto& n, const std::string& tensor) { return n.input_size() == 2 ? number(n.input(n.input(0) == tensor ? 1 : 0)) : std::numeric_limits<double>::quiet_NaN(); };

    if ((first.op_type() != "Div" && first.op_type() != "Mul") || first.input_size() != 2) return;
    const std::string& x = first.input(0);
    const double by = factor(first, x);
    if (!(std::abs((first.op_type() == "Div" ? by : 1 / by) - maths::sqrt(2.0)) <= 1e-4)) return;
    const auto* erf = only_reader(&first, "Erf");
    const auto* sum = only_reader(erf, "Add");
    const auto* product = only_reader(sum, "Mul");
    const auto* end = only_reader(product, "Mul");
    if (!end || factor(*sum, erf->output(0)) != 1) return;
    const bool whole_first = has(*product, x) && factor(*end, product->output(0)) == 0.5;
    const bool half_first = factor(*product, sum->output(0)) == 0.5 && has(*end, x);
    if (!whole_first && !half_first) return;
    between = {erf, sum, product};
    last = end;
  }
};

}  // namespace lnn::onnx::detail
