// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../limit/concat.hpp"
#include "../luna/requantize.hpp"
#include "pointwise.hpp"

namespace lnn {

/// Joins tensors along one axis; all other axes agree.
struct concat {
  int axis = 1;

  [[nodiscard]] constexpr bool operator==(const concat&) const = default;
  static constexpr std::string_view name = "concat";
  static constexpr std::string_view onnx_names[] = {"QCat", "iqCat"};
  static constexpr std::string_view arithmetic =
      "y = S_out(R(x, q_x - q_o)) of every input";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr bool moves_grid = true;
  static constexpr grid grid_rule = grid::at_most_min;
  static constexpr auto fields = field_list(field{"axis", &concat::axis, "the axis that grows; negative from the end"});

  [[nodiscard]] constexpr int inputs() const { return -1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank(), along = normal_axis(axis, rank);
    found.within(limit::concat::axis_range, axis, -rank, rank - 1);
    if (along < 0 || along >= rank) return {};
    shape out = in[0];
    for (std::size_t i = 1; i < in.size(); ++i) {
      shape other = in[i];
      if (other.rank() == rank) other[along] = in[0][along];
      if (!(other == in[0])) {
        found.same(limit::concat::shapes, in[0], in[i]);
        return {};
      }
      out[along] += in[i][along];
    }
    return out;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("iqCat");
    f.axis = axis;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::concat::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::concat::rules};

  template <class Call>
  void forward(const Call& c) const {
    walk(c.in, c.out[0].dims, false, [&](std::size_t i, std::size_t from, std::size_t to, std::size_t n) {
      std::copy_n(c.in[i].data + from, n, c.out[0].data + to);
    });
  }
  template <class Call>
  void backward(const Call& c) const {
    walk(c.in, c.out[0].dims, false, [&](std::size_t i, std::size_t from, std::size_t to, std::size_t n) {
      if (c.grad_in[i]) Call::kernels::accumulate(c.grad_out[0].data + to, c.grad_in[i].data + from, n);
    });
  }
  /// Each piece is brought to the output's grid: S(R(x, q_i - q_o)), or S(x * 2^(q_o - q_i)) (luna_ops.md 3.26).
  template <class Call>
  void integer(const Call& c) const {
    join(c, false);
  }
  /// The same on images with channels innermost.
  template <class Call>
  void integer_channels_last(const Call& c) const {
    join(c, true);
  }

 private:
  template <class Call>
  void join(const Call& c, bool channels_last) const {
    with_element(c.out[0].type, [&](auto element) {
      using T = decltype(element);
      T* y = c.out[0].template as<T>();
      walk(c.in, c.out[0].dims, channels_last, [&](std::size_t i, std::size_t from, std::size_t to, std::size_t n) {
        const int q = c.in[i].exponent, shift = q - c.out[0].exponent;
        if constexpr (sizeof(T) == 1)
          if (!c.watch && c.in[i].type == dtype::int8 && Call::kernels::rescale_s8(n, c.in[i].template as<const T>() + from, shift, -128, y + to)) return;
        for (std::size_t k = 0; k < n; ++k) {
          const std::int64_t exact = c.in[i].at(from + k);
          y[to + k] = saturate<T>(rescale(exact, shift, 0));
          if (c.watch) c.watch->record(to + k, &exact, 1, q, shift);
        }
      });
    });
  }
  /// visit(input, its first element, the output's first element, count) for every contiguous block.
  template <class Inputs, class Visit>
  void walk(const Inputs& in, const shape& out, bool channels_last, const Visit& visit) const {
    const int along = normal_axis(axis, out.rank());
    std::size_t outer = out.span(0, along), inner = out.span(along + 1, out.rank());
    if (channels_last && along == 1) outer *= inner, inner = 1;
    if (channels_last && along > 1) outer /= static_cast<std::size_t>(out[1]), inner *= static_cast<std::size_t>(out[1]);
    const std::size_t stride = static_cast<std::size_t>(out[along]) * inner;
    std::size_t place = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const std::size_t n = static_cast<std::size_t>(in[i].dims[along]) * inner;
      for (std::size_t o = 0; o < outer; ++o) visit(i, o * n, o * stride + place, n);
      place += n;
    }
  }
};
static_assert(operator_like<concat>);

}  // namespace lnn
