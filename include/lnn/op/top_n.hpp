// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "arg_max.hpp"

namespace lnn {

/// The `count` greatest elements along an axis, greatest first, and their places, to which `offset` is added:
/// where a line is searched in parts, the part's own place.
struct top_n : detail::search {
  int axis = -1;
  int count = 1;
  int offset = 0;

  constexpr top_n() = default;
  constexpr explicit top_n(int how_many, int along = -1, int from = 0)
      : axis(along), count(how_many), offset(from) {}

  static constexpr std::string_view name = "top_n";
  static constexpr std::string_view onnx_names[] = {"topN"};
  static constexpr std::string_view arithmetic =
      "the greatest integers of every line, then their places + offset";
  static constexpr std::string_view evidence = "recorded simulator cases on arcs, venusA";
  static constexpr auto fields =
      field_list(field{"dim", &top_n::axis, "the axis that is searched; negative from the end"},
                 field{"max_num", &top_n::count, "how many of every line"},
                 field{"offset", &top_n::offset, "is added to every place"});
  static constexpr std::string_view constant_inputs[] = {"offset"};

  static constexpr rule axis_range{"top_n.range", "axis", "", "use an axis of the input", "轴", "使用输入具有的轴"};
  static constexpr rule length{
      "top_n.count", "greatest elements asked for", "", "ask for at least one and at most what a line has",
      "要求的最大元素个数", "至少取一个，至多取全部"};

  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank(), along = normal_axis(axis, rank);
    found.within(axis_range, axis, -rank, rank - 1);
    if (along < 0 || along >= rank) return {};
    found.within(length, count, 1, in[0][along]);
    return count < 1 || count > in[0][along] ? shape{} : found_in(in[0], axis, count);
  }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("topN");
    f.axis = axis;
    f.count = count;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::arg_max::check(facts(t), on, found);
  }

  static constexpr auto all_rules = joined({&axis_range, &length}, limit::arg_max::rules);
  static constexpr rule_list rules{all_rules};

  template <class Call>
  void forward(const Call& c) const {
    walk(c.in[0].dims, axis, count, offset, c.in[0].data, c.out[0].data);
  }
  template <class Call>
  void integer(const Call& c) const {
    walk_integers(name, c, axis, count, offset);
  }
};
static_assert(operator_like<top_n>);

}  // namespace lnn
