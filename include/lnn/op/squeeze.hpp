// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/layout.hpp"
#include "reshape.hpp"

namespace lnn {

/// Leaves out the named axes, which must be 1; without axes every axis of 1.
struct squeeze : detail::same_elements {
  int_list axes{};

  constexpr squeeze() = default;
  constexpr explicit squeeze(const int_list& which) : axes(which) {}

  static constexpr std::string_view name = "squeeze";
  static constexpr std::string_view onnx_names[] = {"Squeeze"};
  static constexpr std::string_view arithmetic =
      "the same integers";
  static constexpr std::string_view evidence =
      "recorded simulator cases on venus, arcs, venusA; moves data only";
  static constexpr auto fields =
      field_list(field{"axes", &squeeze::axes, "axes of 1 that are left out; none: all of them"});
  static constexpr std::string_view constant_inputs[] = {"axes"};

  static constexpr rule axis_range{"squeeze.axis", "axis", "", "use an axis of the input", "轴", "使用输入具有的轴"};
  static constexpr rule extent{
      "squeeze.extent", "extent of an axis that is left out", "", "leave out axes of 1 only",
      "被去掉的轴的长度", "只去掉长度为 1 的轴"};

  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank();
    bool gone[shape::max_rank]{}, sane = true;
    for (int a : axes) {
      const int along = normal_axis(a, rank);
      found.within(axis_range, a, -rank, rank - 1);
      if (along < 0 || along >= rank) return {};
      found.equal(extent, in[0][along], 1);
      gone[along] = true;
      sane = sane && in[0][along] == 1;
    }
    shape out;
    for (int a = 0; a < rank; ++a)
      if (!(axes.empty() ? in[0][a] == 1 : gone[a])) out.append(in[0][a]);
    return sane ? out : shape{};
  }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("Squeeze");
    f.count = t.out.empty() ? static_cast<int>(axes.size()) : t.x().rank() - t.out[0].dims.rank();
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::squeeze::check(facts(t), on, found);
  }

  static constexpr auto all_rules = joined({&axis_range, &extent}, limit::squeeze::rules);
  static constexpr rule_list rules{all_rules};
};
static_assert(operator_like<squeeze>);

/// Inserts axes of 1; `axes` are their places in the result.
struct unsqueeze : detail::same_elements {
  int_list axes{0};

  constexpr unsqueeze() = default;
  constexpr explicit unsqueeze(const int_list& which) : axes(which) {}

  static constexpr std::string_view name = "unsqueeze";
  static constexpr std::string_view onnx_names[] = {"Unsqueeze"};
  static constexpr std::string_view arithmetic =
      "the same integers";
  static constexpr std::string_view evidence = "recorded simulator cases on arcs; moves data only";
  static constexpr auto fields =
      field_list(field{"axes", &unsqueeze::axes, "places of the new axes in the result"});
  static constexpr std::string_view constant_inputs[] = {"axes"};

  static constexpr rule axis_range{
      "unsqueeze.axis", "axis", "", "use an axis of the result",
      "轴", "使用结果具有的轴"};
  static constexpr rule twice{
      "unsqueeze.twice", "an axis is named twice", "", "name every axis once",
      "有的轴写了两次", "每个轴只写一次"};
  static constexpr rule rank_limit{
      "unsqueeze.rank", "axes of the result", "", "use at most eight axes",
      "结果的维数", "最多八维"};

  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank() + static_cast<int>(axes.size());
    found.at_most(rank_limit, rank, shape::max_rank);
    if (rank > shape::max_rank) return {};
    bool added[shape::max_rank]{};
    for (int a : axes) {
      const int along = normal_axis(a, rank);
      found.within(axis_range, a, -rank, rank - 1);
      if (along < 0 || along >= rank) return {};
      found.never(twice, added[along]);
      if (added[along]) return {};
      added[along] = true;
    }
    shape out;
    for (int a = 0, from = 0; a < rank; ++a) out.append(added[a] ? 1 : in[0][from++]);
    return out;
  }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("Unsqueeze");
    f.count = static_cast<int>(axes.size());
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::squeeze::check(facts(t), on, found);
  }

  static constexpr auto all_rules = joined({&axis_range, &twice, &rank_limit}, limit::squeeze::rules);
  static constexpr rule_list rules{all_rules};
};
static_assert(operator_like<unsqueeze>);

}  // namespace lnn
