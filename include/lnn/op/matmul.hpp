// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmm.hpp"

namespace lnn {

/// Products of matrices a [..., m, n] and b [..., n, l] -> [..., m, l]; leading axes repeat as numpy's
/// do.  On a chip it is bmm, where bmm's shapes allow it.
struct matmul : detail::batched_product {
  static constexpr std::string_view name = "matmul";
  static constexpr std::string_view onnx_names[] = {"QMatmul", "MatMulInt"};
  static constexpr std::string_view evidence = "recorded simulator cases of bmm on venus, arcs, venusA";

  static constexpr rule input_rank{
      "matmul.input_rank", "axes of the smaller factor", "",
      "give both factors two axes or more; reshape a vector to [1, n] or [n, 1]", "较小因子的维数",
      "两个因子都至少有两维；把向量 reshape 为 [1, n] 或 [n, 1]"};
  static constexpr rule leading{"matmul.leading", "factors, but for their last two axes,", "",
                                "let leading axes be equal or 1", "两个因子（最后两维除外）",
                                "让前面的维相等或为 1"};

  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int least = std::min(in[0].rank(), in[1].rank());
    found.at_least(input_rank, least, 2);
    if (least < 2) return {};
    const int depth = in[0][in[0].rank() - 1], rows = in[1][in[1].rank() - 2];
    found.equal(limit::bmm::inner, depth, rows);
    const matrix_pairs p(in[0], in[1]);
    if (!p.fits()) found.same(leading, in[0], in[1]);
    return p.fits() && depth == rows ? p.result() : shape{};
  }

  static constexpr const rule* shape_rules[] = {&input_rank, &leading};
  static constexpr auto rules = joined(shape_rules, limit::bmm::rules);
};
static_assert(operator_like<matmul>);

}  // namespace lnn
