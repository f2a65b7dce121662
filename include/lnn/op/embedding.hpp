// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/layout.hpp"
#include "index.hpp"
#include "pointwise.hpp"

namespace lnn {

/// Rows of a learned table: indices [...] -> [..., dim], weight [count, dim].
struct embedding {
  int count = 1, dim = 1;

  [[nodiscard]] constexpr bool operator==(const embedding&) const = default;
  static constexpr std::string_view name = "embedding";
  static constexpr std::string_view onnx_names[] = {"QEmbedding", "EmbeddingInt", "Gather"};
  static constexpr std::string_view arithmetic = "y = w[index], no arithmetic";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::table;
  static constexpr unsigned index_inputs = 1;
  static constexpr auto fields = field_list(field{"count", &embedding::count, "rows of the table", true},
                                            field{"dim", &embedding::dim, "numbers in a row", true});

  static constexpr rule attributes{"embedding.attributes", "least of count and dim", "",
                                   "use values of 1 and above", "count 与 dim 中最小的", "取不小于 1 的值"};
  static constexpr rule output_rank{"embedding.output_rank", "axes of the output", "",
                                    "merge axes of the indices with a reshape", "输出的维数",
                                    "用 reshape 合并索引的若干维"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    found.at_least(attributes, std::min(count, dim), 1);
    found.at_most(output_rank, in[0].rank() + 1, shape::max_rank);
    if (std::min(count, dim) < 1 || in[0].rank() == shape::max_rank) return {};
    shape y = in[0];
    y.append(dim);
    return y;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const {
    return {{"weight", role::weight, {count, dim}}};
  }
  [[nodiscard]] constexpr int index_limit(std::span<const shape>) const { return count; }
  /// What the weight's shape tells.
  constexpr void sized_by(std::span<const shape>, const shape& weight) {
    if (weight.rank() == 2) count = weight[0], dim = weight[1];
  }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("Gather");
    f.weight = t.parameters[0];
    f.index_bits = t.in[0].bits;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::gather::check(facts(t), on, found);
  }

  static constexpr const rule* shape_rules[] = {&attributes, &output_rank};
  static constexpr auto rules = joined(shape_rules, limit::gather::rules);

  template <class Call>
  void forward(const Call& c) const {
    const std::size_t n = c.in[0].size(), width = static_cast<std::size_t>(dim);
    for (std::size_t i = 0; i < n; ++i)
      std::copy_n(c.in[1].data + place_of(name, c.in[0][i], count) * width, width, c.out[0].data + i * width);
  }
  template <class Call>
  void backward(const Call& c) const {
    if (!c.grad_in[1]) return;
    const std::size_t n = c.in[0].size(), width = static_cast<std::size_t>(dim);
    // cut by columns: several indices may name one row
    c.workers.ranges(width, fixed_pieces, [&](int, std::size_t first, std::size_t last) {
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t row = place_of(name, c.in[0][i], count) * width;
        for (std::size_t k = first; k < last; ++k) c.grad_in[1][row + k] += c.grad_out[0][i * width + k];
      }
    });
  }
  /// A copy of rows (luna_ops.md 3.26); a table of 4 bits becomes one of 8.
  template <class Call>
  void integer(const Call& c) const {
    const std::size_t width = static_cast<std::size_t>(dim);
    const int q_w = c.in[1].exponent, q_o = c.out[0].exponent;
    with_element(c.out[0].type, [&](auto element) {
      using T = decltype(element);
      T* y = c.out[0].template as<T>();
      for (std::size_t i = 0; i < c.in[0].size(); ++i, y += width) {
        const std::size_t from = place_in(name, c.in[0], i, count) * width;
        for (std::size_t k = 0; k < width; ++k) y[k] = saturate<T>(rescale(c.in[1].at(from + k), q_w, q_o));
      }
    });
  }
};
static_assert(operator_like<embedding>);

}  // namespace lnn
