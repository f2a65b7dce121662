// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/layout.hpp"
#include "strided.hpp"

namespace lnn {

/// Cuts a tensor along one axis into pieces of the given sizes, or without sizes into equal `parts`.
struct split {
  int axis = 0;
  int_list sizes{};
  int parts = 2;

  [[nodiscard]] constexpr bool operator==(const split&) const = default;
  static constexpr std::string_view name = "split";
  static constexpr std::string_view onnx_names[] = {"Split"};
  static constexpr std::string_view arithmetic =
      "the same integers";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs; moves data only";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields =
      field_list(field{"axis", &split::axis, "the axis that is cut; negative from the end"},
                 field{"split", &split::sizes, "extents of the pieces; none: equal ones"},
                 field{"dims", &split::parts, "number of equal pieces"});
  static constexpr std::string_view constant_inputs[] = {"split"};

  static constexpr rule axis_range{"split.axis", "axis", "", "use an axis of the input", "轴", "使用输入具有的轴"};
  static constexpr rule size{
      "split.size", "extent of a piece", "", "give every piece at least one element",
      "某一份的长度", "每一份至少有一个元素"};
  static constexpr rule whole{
      "split.whole", "extents of the pieces together", "", "share out the whole axis",
      "各份长度之和", "恰好分完整个轴"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  /// Where the number of pieces is impossible, which results() reports, there is still one.
  [[nodiscard]] constexpr int outputs() const { return std::clamp(pieces(), 1, most); }
  [[nodiscard]] constexpr shape_list results(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank(), along = normal_axis(axis, rank);
    found.within(axis_range, axis, -rank, rank - 1);
    found.within(limit::split::parts, pieces(), 1, most);
    if (along < 0 || along >= rank || pieces() != outputs()) return {};
    shape_list out;
    long long sum = 0;
    if (sizes.empty()) found.equal(limit::split::equal, in[0][along] % parts, 0);
    if (sizes.empty() && in[0][along] % parts != 0) return {};
    for (int i = 0; i < outputs(); ++i) {
      shape piece = in[0];
      piece[along] = extent(i, in[0][along]);
      found.at_least(size, piece[along], 1);
      if (piece[along] < 1) return {};
      sum += piece[along];
      out.push_back(piece);
    }
    found.equal(whole, sum, in[0][along]);
    return sum == in[0][along] ? out : shape_list{};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("Split");
    f.axis = axis;
    f.count = sizes.empty() ? parts : 0;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::split::check(facts(t), on, found);
    if (!sizes.empty()) found.at_most(limit::split::parts, outputs(), 8);
  }

  static constexpr auto all_rules = joined({&axis_range, &size, &whole}, limit::split::rules);
  static constexpr rule_list rules{all_rules};

  template <class Call>
  void forward(const Call& c) const {
    each(c.in[0].dims, [&](std::size_t i, const strided& w) { detail::move(c, w, i); });
  }
  /// A piece that nobody read has no gradient.
  template <class Call>
  void backward(const Call& c) const {
    each(c.in[0].dims, [&](std::size_t i, const strided& w) {
      if (c.grad_out[i]) detail::move_back(c, w, i);
    });
  }
  template <class Call>
  void integer(const Call& c) const {
    each(c.in[0].dims, [&](std::size_t i, const strided& w) { detail::move_integers(name, c, w, i); });
  }

 private:
  static constexpr int most = 16;  // outputs that a layer can have

  [[nodiscard]] constexpr int pieces() const {
    return sizes.empty() ? parts : static_cast<int>(sizes.size());
  }
  [[nodiscard]] constexpr int extent(int i, int whole_axis) const {
    return sizes.empty() ? whole_axis / parts : sizes[static_cast<std::size_t>(i)];
  }
  /// visit(output, its walk over the input)
  template <class Visit>
  constexpr void each(const shape& x, const Visit& visit) const {
    const int along = normal_axis(axis, x.rank());
    std::ptrdiff_t first = 0;
    for (int i = 0; i < outputs(); ++i) {
      strided w(first);
      for (int a = 0; a < x.rank(); ++a) w.axis(a == along ? extent(i, x[a]) : x[a], step_of(x, a));
      visit(static_cast<std::size_t>(i), w);
      first += extent(i, x[along]) * step_of(x, along);
    }
  }
};
static_assert(operator_like<split>);

}  // namespace lnn
