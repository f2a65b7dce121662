// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/layout.hpp"
#include "strided.hpp"

namespace lnn {

/// Channels of all groups in turn: [g, c / g] -> [c / g, g] along the axis (luna_ops.md 3.26).
struct shuffle_channel {
  int groups = 2;
  int axis = 1;

  [[nodiscard]] constexpr bool operator==(const shuffle_channel&) const = default;
  static constexpr std::string_view name = "shuffle_channel";
  static constexpr std::string_view onnx_names[] = {"ShuffleChannel"};
  static constexpr std::string_view arithmetic =
      "the same integers";
  static constexpr std::string_view evidence = "moves data only";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields =
      field_list(field{"groups", &shuffle_channel::groups, "number of groups"},
                 field{"axis", &shuffle_channel::axis, "the axis of the channels; negative from the end"});

  static constexpr rule axis_range{
      "shuffle_channel.range", "axis", "", "use an axis of the input",
      "轴", "使用输入具有的轴"};
  static constexpr rule divide{
      "shuffle_channel.divide", "channels left over by the groups", "",
      "use a number of groups that divides the channels",
      "分组后剩余的通道数", "使用能整除通道数的组数"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank(), along = normal_axis(axis, rank);
    found.within(axis_range, axis, -rank, rank - 1);
    found.at_least(limit::shuffle_channel::groups, groups, 1);
    if (along < 0 || along >= rank || groups < 1) return {};
    found.equal(divide, in[0][along] % groups, 0);
    return in[0][along] % groups == 0 ? in[0] : shape{};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("ShuffleChannel");
    f.group = groups;
    f.axis = axis;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    const limit::facts f = facts(t);
    limit::check_supported(f.op, on, found);
    limit::shuffle_channel::check(f, on, found);
  }

  static constexpr auto all_rules =
      joined({&axis_range, &divide, &limit::unsupported}, limit::shuffle_channel::rules);
  static constexpr rule_list rules{all_rules};

  template <class Call>
  void forward(const Call& c) const {
    detail::move(c, walk(c.in[0].dims));
  }
  template <class Call>
  void backward(const Call& c) const {
    detail::move_back(c, walk(c.in[0].dims));
  }
  template <class Call>
  void integer(const Call& c) const {
    detail::move_integers(name, c, walk(c.in[0].dims));
  }

 private:
  [[nodiscard]] constexpr strided walk(const shape& x) const {
    const int along = normal_axis(axis, x.rank()), each = x[along] / groups;
    strided w;
    for (int a = 0; a < along; ++a) w.axis(x[a], step_of(x, a));
    w.axis(each, step_of(x, along));
    w.axis(groups, each * step_of(x, along));
    for (int a = along + 1; a < x.rank(); ++a) w.axis(x[a], step_of(x, a));
    return w;
  }
};
static_assert(operator_like<shuffle_channel>);

}  // namespace lnn
