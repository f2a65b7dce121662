// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "strided.hpp"

namespace lnn {

/// The same elements in the opposite order along the named axes.
struct flip {
  int_list axes{-1};

  [[nodiscard]] constexpr bool operator==(const flip&) const = default;
  static constexpr std::string_view name = "flip";
  static constexpr std::string_view onnx_names[] = {"Flip"};
  static constexpr std::string_view arithmetic =
      "the same integers";
  static constexpr std::string_view evidence = "moves data only";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields = field_list(field{"axes", &flip::axes, "axes that are turned round"});

  static constexpr rule axis_range{"flip.axis", "axis", "", "use an axis of the input", "轴", "使用输入具有的轴"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank();
    bool outside = false;
    for (int a : axes) {
      found.within(axis_range, a, -rank, rank - 1);
      outside = outside || normal_axis(a, rank) < 0 || a >= rank;
    }
    return outside ? shape{} : in[0];
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Flip"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::check_supported(facts(t).op, on, found);
  }

  static constexpr const rule* rules[] = {&axis_range, &limit::unsupported};

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
    bool turned[shape::max_rank]{};
    for (int a : axes) turned[normal_axis(a, x.rank())] = true;
    std::ptrdiff_t first = 0;
    for (int a = 0; a < x.rank(); ++a) first += turned[a] ? (x[a] - 1) * step_of(x, a) : 0;
    strided w(first);
    for (int a = 0; a < x.rank(); ++a) w.axis(x[a], turned[a] ? -step_of(x, a) : step_of(x, a));
    return w;
  }
};
static_assert(operator_like<flip>);

}  // namespace lnn
