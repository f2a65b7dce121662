// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/layout.hpp"
#include "strided.hpp"

namespace lnn {

/// The whole tensor repeats[i] times along every axis i.
struct tile {
  int_list repeats{};

  [[nodiscard]] constexpr bool operator==(const tile&) const = default;
  static constexpr std::string_view name = "tile";
  static constexpr std::string_view onnx_names[] = {"Tile"};
  static constexpr std::string_view arithmetic =
      "the same integers";
  static constexpr std::string_view evidence =
      "recorded simulator cases on venus, arcs, venusA; moves data only";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields = field_list(field{"repeats", &tile::repeats, "how often along every axis"});
  static constexpr std::string_view constant_inputs[] = {"repeats"};

  static constexpr rule count{
      "tile.count", "number of repeats", "", "give one for every axis",
      "重复次数的个数", "为每个轴给出一个"};
  static constexpr rule least{
      "tile.least", "repeats along an axis", "", "repeat at least once",
      "某一轴上的重复次数", "至少重复一次"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    found.equal(count, static_cast<long long>(repeats.size()), in[0].rank());
    if (static_cast<int>(repeats.size()) != in[0].rank()) return {};
    shape out;
    for (int a = 0; a < in[0].rank(); ++a) {
      const int times = repeats[static_cast<std::size_t>(a)];
      found.at_least(least, times, 1);
      if (times < 1) return {};
      out.append(in[0][a] * times);
    }
    return out;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Tile"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::tile::check(facts(t), on, found);
  }

  static constexpr auto all_rules = joined({&count, &least}, limit::tile::rules);
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
    strided w;
    for (int a = 0; a < x.rank(); ++a) {
      w.axis(repeats[static_cast<std::size_t>(a)], 0);
      w.axis(x[a], step_of(x, a));
    }
    return w;
  }
};
static_assert(operator_like<tile>);

}  // namespace lnn
