// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/reduce.hpp"
#include "../luna/greatest.hpp"
#include "lines.hpp"

namespace lnn {

namespace detail {

/// The k greatest elements of every line along an axis.  The output has twice the samples: first the values
/// of all lines, then their places, so that [1, c, n] gives [2, c, k].  Values are the input's own integers.
struct search {
  static constexpr grid grid_rule = grid::index;

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  /// Places do not move with the values, and values and places share one output: no gradient passes.
  template <class Call>
  void backward(const Call&) const {}

 protected:
  [[nodiscard]] static constexpr shape found_in(const shape& x, int axis, int k) {
    shape out = x;
    out[normal_axis(axis, x.rank())] = k;
    out[0] *= 2;
    return out;
  }

  /// put(value, place) stands at y and y + half for every element found.
  template <class T, class U>
  static void walk(const shape& dims, int axis, int k, int offset, const T* x, U* y) {
    const lines l(dims, normal_axis(axis, dims.rank()));
    const auto wanted = static_cast<std::size_t>(k), half = l.count * wanted;
    for (std::size_t line = 0; line < l.count; ++line) {
      const std::size_t to = line / l.step * wanted * l.step + line % l.step;
      luna::greatest(x + l.start(line), l.n, l.step, wanted, [&](std::size_t i, T value, std::size_t place) {
        y[to + i * l.step] = static_cast<U>(value);
        y[half + to + i * l.step] = static_cast<U>(static_cast<int>(place) + offset);
      });
    }
  }
  /// Integers: a result of 32 bits holds every value and place.
  template <class Call>
  static void walk_integers(std::string_view op, const Call& c, int axis, int k, int offset) {
    require_type(op, c.out[0], dtype::int32);
    auto* y = c.out[0].template as<std::int32_t>();
    with_element(c.in[0].type, [&](auto element) {
      walk(c.in[0].dims, axis, k, offset, c.in[0].template as<const decltype(element)>(), y);
    });
  }
};

}  // namespace detail

/// The greatest element along an axis and the first place where it stands.
struct arg_max : detail::search {
  int axis = -1;

  constexpr arg_max() = default;
  constexpr explicit arg_max(int along) : axis(along) {}

  static constexpr std::string_view name = "arg_max";
  static constexpr std::string_view onnx_names[] = {"ArgMax"};
  static constexpr std::string_view arithmetic =
      "the greatest integer of every line, then its first place";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr auto fields =
      field_list(field{"axis", &arg_max::axis, "the axis that is searched; negative from the end"});

  static constexpr rule axis_range{"arg_max.range", "axis", "", "use an axis of the input", "轴", "使用输入具有的轴"};

  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank();
    found.within(axis_range, axis, -rank, rank - 1);
    if (normal_axis(axis, rank) < 0 || axis >= rank) return {};
    return found_in(in[0], axis, 1);
  }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("ArgMax");
    f.axis = axis;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::arg_max::check(facts(t), on, found);
  }

  static constexpr auto all_rules = joined({&axis_range}, limit::arg_max::rules);
  static constexpr rule_list rules{all_rules};

  template <class Call>
  void forward(const Call& c) const {
    walk(c.in[0].dims, axis, 1, 0, c.in[0].data, c.out[0].data);
  }
  template <class Call>
  void integer(const Call& c) const {
    walk_integers(name, c, axis, 1, 0);
  }
};
static_assert(operator_like<arg_max>);

}  // namespace lnn
