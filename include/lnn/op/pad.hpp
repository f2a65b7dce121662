// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../fixed/round.hpp"
#include "../limit/pad.hpp"
#include "gathered.hpp"

namespace lnn {

/// What stands around a padded tensor: one value, its edge, or its mirror image without the edge.
enum class border { constant, replicate, reflect };

inline constexpr std::string_view border_words[] = {"constant", "replicate", "reflect"};
constexpr std::span<const std::string_view> words_of(border) { return border_words; }

/// ONNX itself says "edge" where the chips' files say "replicate".
constexpr bool assign(border& v, std::string_view word) {
  return assign<border>(v, word == "edge" ? border_words[1] : word);
}

/// Adds elements in front of and behind the last axes: `pads` holds the fronts of those axes, then their
/// backs, so that two numbers pad the last axis and 2 * rank numbers pad all.  A negative number cuts off.
struct pad {
  border mode = border::constant;
  int_list pads{};
  float value = 0;  ///< real number of the elements around, with border::constant

  [[nodiscard]] constexpr bool operator==(const pad&) const = default;
  static constexpr std::string_view name = "pad";
  static constexpr std::string_view onnx_names[] = {"iqPad", "Pad"};
  static constexpr std::string_view arithmetic =
      "the same integers, around them S(floor(value * 2^q + 0.5)), the edge or the mirror image";
  static constexpr std::string_view evidence = "recorded simulator cases on venus; moves data only";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields =
      field_list(field{"mode", &pad::mode, "constant, replicate (the edge) or reflect (the mirror image)"},
                 field{"pads", &pad::pads, "fronts of the last axes, then their backs"},
                 field{"value", &pad::value, "what constant padding writes"});
  static constexpr std::string_view constant_inputs[] = {"pads", "value"};

  static constexpr rule pairs{
      "pad.pairs", "pads", "", "give as many backs as fronts, for at most all axes",
      "填充量的个数", "前后个数相同，且不超过全部轴"};
  static constexpr rule extent{
      "pad.extent", "extent of a padded axis", "", "cut off less",
      "填充后某轴的长度", "减少裁去的元素"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank(), count = static_cast<int>(pads.size());
    found.at_most(pairs, count, 2 * rank);
    found.equal(pairs, count, count / 2 * 2);
    if (count > 2 * rank || count % 2 != 0) return {};
    shape out = in[0];
    for (int a = 0; a < rank; ++a) {
      const int before = front(a, rank), behind = back(a, rank), most = std::max(before, behind);
      out[a] += before + behind;
      found.at_least(extent, out[a], 1);
      if (out[a] < 1) return {};
      if (mode != border::reflect || most < in[0][a] || most <= 0) continue;
      found.at_most(limit::pad::reflect_size, most, in[0][a] - 1);
      return {};
    }
    return out;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("iqPad");
    for (int p : pads) f.pad.push_back(p);
    f.inputs = 3;
    f.mode = word_of(mode);
    const auto whole = static_cast<int>(to_integer(static_cast<double>(value), -(1 << 30), 1 << 30));
    if (mode == border::constant) f.fill = whole != 0 || value == 0 ? whole : value > 0 ? 1 : -1;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::pad::check(facts(t), on, found);
  }

  static constexpr auto all_rules = joined({&pairs, &extent}, limit::pad::rules);
  static constexpr rule_list rules{all_rules};

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    detail::gather<T>(walk(c.in[0].dims, c.out[0].dims), c.in[0].data, c.out[0].data, static_cast<T>(value));
  }
  template <class Call>
  void backward(const Call& c) const {
    if (c.grad_in[0])
      detail::gather_back(walk(c.in[0].dims, c.grad_out[0].dims), c.grad_out[0].data, c.grad_in[0].data);
  }
  template <class Call>
  void integer(const Call& c) const {
    const float around = chip_quant(value, c.in[0].exponent);
    detail::gather_integers(name, walk(c.in[0].dims, c.out[0].dims), c.in[0], c.out[0],
                            to_integer(static_cast<double>(around), INT32_MIN, INT32_MAX));
  }

 private:
  [[nodiscard]] constexpr int front(int axis, int rank) const { return side(axis, rank, 0); }
  [[nodiscard]] constexpr int back(int axis, int rank) const { return side(axis, rank, pads.size() / 2); }
  [[nodiscard]] constexpr int side(int axis, int rank, std::size_t from) const {
    const int at = axis - (rank - static_cast<int>(pads.size() / 2));
    return at < 0 ? 0 : pads[from + static_cast<std::size_t>(at)];
  }
  [[nodiscard]] gathered walk(const shape& x, const shape& y) const {
    return {x, y, [&](int a, int i) {
              const int at = i - front(a, x.rank()), last = x[a] - 1;
              if (at >= 0 && at <= last) return at;
              if (mode == border::constant) return -1;
              if (mode == border::replicate) return at < 0 ? 0 : last;
              return at < 0 ? -at : 2 * last - at;
            }};
  }
};
static_assert(operator_like<pad>);

}  // namespace lnn
