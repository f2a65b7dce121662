// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/transpose.hpp"
#include "strided.hpp"

namespace lnn {

/// The same elements with the axes in another order: axis i of the output is axis perm[i] of the input.
/// Without perm the order is turned round, as ONNX has it.
struct transpose {
  int_list perm{};

  [[nodiscard]] constexpr bool operator==(const transpose&) const = default;
  static constexpr std::string_view name = "transpose";
  static constexpr std::string_view onnx_names[] = {"Transpose"};
  static constexpr std::string_view arithmetic =
      "the same integers";
  static constexpr std::string_view evidence =
      "recorded simulator cases on venus, arcs, venusA; moves data only";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields = field_list(
      field{"perm", &transpose::perm, "for every axis of the output that of the input; none: turned round"});

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank();
    shape out;
    bool named[shape::max_rank]{};
    if (!perm.empty()) found.equal(limit::transpose::perm_length, static_cast<long long>(perm.size()), rank);
    if (!perm.empty() && static_cast<int>(perm.size()) != rank) return {};
    for (int i = 0; i < rank; ++i) {
      const int axis = source(i, rank);
      if (axis < 0 || axis >= rank) {
        found.within(limit::transpose::perm_value, perm[static_cast<std::size_t>(i)], -rank, rank - 1);
        return {};
      }
      found.never(limit::transpose::perm_twice, named[axis]);
      if (named[axis]) return {};
      named[axis] = true;
      out.append(in[0][axis]);
    }
    return out;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("Transpose");
    f.has_perm = !perm.empty();
    for (int axis : perm) f.perm.push_back(axis);
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::transpose::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::transpose::rules};

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
  [[nodiscard]] constexpr int source(int i, int rank) const {
    return perm.empty() ? rank - 1 - i : normal_axis(perm[static_cast<std::size_t>(i)], rank);
  }
  [[nodiscard]] constexpr strided walk(const shape& x) const {
    strided w;
    for (int i = 0; i < x.rank(); ++i) w.axis(x[source(i, x.rank())], step_of(x, source(i, x.rank())));
    return w;
  }
};
static_assert(operator_like<transpose>);

}  // namespace lnn
