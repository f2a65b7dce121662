// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/layout.hpp"
#include "index.hpp"

namespace lnn {

/// Slices of a tensor along one axis, in the order of the indices: constant ones (the attribute), or those of
/// a second input.  The axis is replaced by the axes of the indices; a single constant index leaves an axis
/// of 1, as the chips' tensors have it.  Negative indices count from the end.
struct gather {
  int_list indices{};  ///< empty: the second input holds them
  int axis = 0;

  [[nodiscard]] constexpr bool operator==(const gather&) const = default;
  static constexpr std::string_view name = "gather";
  static constexpr std::string_view onnx_names[] = {"Gather"};
  static constexpr std::string_view arithmetic = "y = x[index], no arithmetic";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::keep;
  static constexpr unsigned index_inputs = 2;
  static constexpr auto fields =
      field_list(field{"indices", &gather::indices, "constant indices; none: they are the second input"},
                 field{"axis", &gather::axis, "the axis that is looked up; negative from the end"});

  static constexpr rule axis_range{"gather.axis", "axis", "", "use an axis of the input", "轴",
                                   "使用输入已有的轴"};
  static constexpr rule index_range{"gather.index", "index", "", "use an index within the axis", "索引",
                                    "使用该轴范围内的索引"};
  static constexpr rule output_rank{"gather.output_rank", "axes of the output", "",
                                    "merge axes of the indices with a reshape", "输出的维数",
                                    "用 reshape 合并索引的若干维"};

  [[nodiscard]] constexpr int inputs() const { return indices.empty() ? 2 : 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank(), along = normal_axis(axis, rank);
    found.within(axis_range, axis, -rank, rank - 1);
    if (along < 0 || along >= rank) return {};
    const int places = in[0][along];
    bool inside = true;
    for (int i : indices) {
      found.within(index_range, i, -places, places - 1);
      inside = inside && i >= -places && i < places;
    }
    const shape by = axes_of_indices(in);
    found.at_most(output_rank, rank - 1 + by.rank(), shape::max_rank);
    if (!inside || rank - 1 + by.rank() > shape::max_rank) return {};
    shape y;
    for (int i = 0; i < along; ++i) y.append(in[0][i]);
    for (int d : by) y.append(d);
    for (int i = along + 1; i < rank; ++i) y.append(in[0][i]);
    return y;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr int index_limit(std::span<const shape> in) const {
    return in[0][normal_axis(axis, in[0].rank())];
  }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("Gather");
    f.axis = axis;
    if (t.in.size() > 1) f.index_bits = t.in[1].bits;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::gather::check(facts(t), on, found);
  }

  static constexpr const rule* shape_rules[] = {&axis_range, &index_range, &output_rank};
  static constexpr auto rules = joined(shape_rules, limit::gather::rules);

  template <class Call>
  void forward(const Call& c) const {
    walk(c.in, real_index(c.in), [&](std::size_t from, std::size_t to, std::size_t n) {
      std::copy_n(c.in[0].data + from, n, c.out[0].data + to);
    });
  }
  template <class Call>
  void backward(const Call& c) const {
    if (!c.grad_in[0]) return;
    walk(c.in, real_index(c.in), [&](std::size_t from, std::size_t to, std::size_t n) {
      Call::kernels::accumulate(c.grad_out[0].data + to, c.grad_in[0].data + from, n);
    });
  }
  template <class Call>
  void integer(const Call& c) const {
    require_type(name, c.out[0], c.in[0].type == dtype::int4 ? dtype::int8 : c.in[0].type);
    const auto index = [&](std::size_t i, int places) { return place_in(name, c.in[1], i, places); };
    with_element(c.out[0].type, [&](auto element) {
      using T = decltype(element);
      walk(c.in, index, [&](std::size_t from, std::size_t to, std::size_t n) {
        std::copy_n(c.in[0].template as<const T>() + from, n, c.out[0].template as<T>() + to);
      });
    });
  }

 private:
  [[nodiscard]] constexpr shape axes_of_indices(std::span<const shape> in) const {
    if (!indices.empty()) return {static_cast<int>(indices.size())};
    return in[1].rank() == 0 ? shape{1} : in[1];
  }
  template <class Inputs>
  static auto real_index(const Inputs& in) {
    return [&in](std::size_t i, int places) { return place_of(name, in[1][i], places); };
  }
  /// visit(first element of the slice, of its copy, their length) for every slice; index(i, places) tells the
  /// i-th place.
  template <class Inputs, class Index, class Visit>
  void walk(const Inputs& in, const Index& index, const Visit& visit) const {
    const shape& x = in[0].dims;
    const int along = normal_axis(axis, x.rank()), places = x[along];
    const std::size_t outer = x.span(0, along), inner = x.span(along + 1, x.rank());
    const std::size_t count = indices.empty() ? in[1].dims.size() : indices.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at =
          indices.empty() ? index(i, places) : place_of(name, std::int64_t{indices[i]}, places);
      for (std::size_t o = 0; o < outer; ++o)
        visit((o * static_cast<std::size_t>(places) + at) * inner, (o * count + i) * inner, inner);
    }
  }
};
static_assert(operator_like<gather>);

}  // namespace lnn
