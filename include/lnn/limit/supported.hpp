// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common.hpp"

/// Which operators a chip has at all: hardware_constraints.md section 1.1.
namespace lnn::limit {

inline constexpr rule unsupported{
    "operator.unsupported", "the packer has no such operator", "", "use operators that are listed in docs/operators.md",
    "打包器没有该算子", "使用 docs/operators.md 中列出的算子"};

/// Operators without rules of their own.
[[nodiscard]] constexpr bool is_plain(std::string_view op) {
  for (const std::string_view name : {"Reshape", "Flatten", "Expand", "Tile", "Shape", "LogSoftmax"})
    if (op == name) return true;
  return false;
}

/// Names that exporters write and no chip's packer takes.  (PRelu and Prelu: the packer knows each by half.)
[[nodiscard]] constexpr bool is_unsupported(std::string_view op) {
  for (const std::string_view name :
       {"Clip", "Cast", "Prelu", "PRelu", "ReduceMean", "Packing", "Sigmoid", "Tanh", "QGelu", "QSwish", "QEmbedding",
        "QMatmul", "AvgPool1dInt", "ConvTranspose1dInt", "FFNInt", "SparifyFFNInt", "MultiheadAttention"})
    if (op == name) return true;
  return false;
}

constexpr void check_supported(std::string_view op, const chip& on, verdict& found) {
  bool lacking = is_unsupported(op);
  for (const std::string_view name : on.lacks) lacking = lacking || (!name.empty() && op == name);
  found.never(unsupported, lacking);
}

}  // namespace lnn::limit
