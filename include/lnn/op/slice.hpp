// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/layout.hpp"
#include "strided.hpp"

namespace lnn {

/// Along each named axis the elements start, start + step, ... before end.  As ONNX has it: negative places
/// count from the end of the axis, places outside of it are moved to its edge, and a negative step walks
/// backwards.
struct slice {
  int_list starts{}, ends{};
  int_list axes{};   ///< none: the first ones
  int_list steps{};  ///< none: 1

  [[nodiscard]] constexpr bool operator==(const slice&) const = default;
  static constexpr std::string_view name = "slice";
  static constexpr std::string_view onnx_names[] = {"Slice"};
  static constexpr std::string_view arithmetic =
      "the same integers";
  static constexpr std::string_view evidence =
      "recorded simulator cases on venus, arcs, venusA; moves data only";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields = field_list(
      field{"starts", &slice::starts, "first place along every axis; negative from the end"},
      field{"ends", &slice::ends, "the place before which it ends; beyond the axis: its end"},
      field{"axes", &slice::axes, "the axes; none: the first ones"},
      field{"steps", &slice::steps, "distance of the elements; negative walks backwards; none: 1"});
  static constexpr std::string_view constant_inputs[] = {"starts", "ends", "axes", "steps"};

  static constexpr rule lists{
      "slice.lists", "numbers of ends, axes or steps", "", "give every start one of each",
      "ends、axes 或 steps 的个数", "与 starts 的个数相同"};
  static constexpr rule axis_range{"slice.axis", "axis", "", "use an axis of the input", "轴", "使用输入具有的轴"};
  static constexpr rule twice{
      "slice.twice", "an axis is named twice", "", "name every axis once",
      "有的轴写了两次", "每个轴只写一次"};
  static constexpr rule standing{"slice.standing", "a step of 0", "", "use step 1", "步长为 0", "步长取 1"};
  static constexpr rule empty{
      "slice.empty", "elements that are left along an axis", "", "let it start before it ends",
      "某一轴上剩余的元素数", "让起点在终点之前"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const auto count = static_cast<long long>(starts.size());
    const auto lacking = [&](const int_list& l, bool optional) {
      return static_cast<long long>(l.size()) != count && !(optional && l.empty());
    };
    for (const int_list* l : {&ends, &axes, &steps})
      if (lacking(*l, l != &ends)) {
        found.equal(lists, static_cast<long long>(l->size()), count);
        return {};
      }
    const int rank = in[0].rank();
    bool named[shape::max_rank]{};
    shape out = in[0];
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const int a = axis(i, rank);
      found.within(axis_range, axes.empty() ? static_cast<int>(i) : axes[i], -rank, rank - 1);
      if (a < 0 || a >= rank) return {};
      found.never(twice, named[a]);
      found.never(standing, step(i) == 0);
      if (named[a] || step(i) == 0) return {};
      named[a] = true;
      out[a] = of(i, in[0][a]).count;
      found.at_least(empty, out[a], 1);
      if (out[a] < 1) return {};
    }
    return out;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("Slice");
    f.count = 1;
    for (std::size_t i = 0; i < starts.size(); ++i) {
      f.perm.push_back(axis(i, t.x().rank()));
      if (step(i) != 1) f.count = step(i);
    }
    f.axis = f.perm.empty() ? t.x().rank() - 1 : f.perm[0];
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::slice::check(facts(t), on, found);
  }

  static constexpr auto all_rules =
      joined({&lists, &axis_range, &twice, &standing, &empty}, limit::slice::rules);
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
  struct range {
    int start, count;
  };

  [[nodiscard]] constexpr int axis(std::size_t i, int rank) const {
    return axes.empty() ? static_cast<int>(i) : normal_axis(axes[i], rank);
  }
  [[nodiscard]] constexpr int step(std::size_t i) const { return steps.empty() ? 1 : steps[i]; }

  /// The i-th slice along an axis of that extent.
  [[nodiscard]] constexpr range of(std::size_t i, int extent) const {
    const int by = step(i), least = by > 0 ? 0 : -1, most = by > 0 ? extent : extent - 1;
    const int start = std::clamp(normal_axis(starts[i], extent), 0, most);
    const int end = std::clamp(normal_axis(ends[i], extent), least, most);
    const long long distance = by > 0 ? end - start : start - end,
                    stride = by > 0 ? by : -static_cast<long long>(by);
    return {start, distance > 0 ? static_cast<int>((distance + stride - 1) / stride) : 0};
  }
  [[nodiscard]] constexpr strided walk(const shape& x) const {
    range kept[shape::max_rank]{};
    int by[shape::max_rank]{};
    for (int a = 0; a < x.rank(); ++a) kept[a] = {0, x[a]}, by[a] = 1;
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const int a = axis(i, x.rank());
      kept[a] = of(i, x[a]);
      by[a] = step(i);
    }
    std::ptrdiff_t first = 0;
    for (int a = 0; a < x.rank(); ++a) first += kept[a].start * step_of(x, a);
    strided w(first);
    for (int a = 0; a < x.rank(); ++a) w.axis(kept[a].count, by[a] * step_of(x, a));
    return w;
  }
};
static_assert(operator_like<slice>);

}  // namespace lnn
