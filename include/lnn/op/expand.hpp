// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/layout.hpp"
#include "broadcast.hpp"
#include "strided.hpp"

namespace lnn {

/// Repeats along axes of 1 until the tensor has the given dimensions (numpy's rule: aligned at the last axis;
/// 1 and -1 keep what the input has).
struct expand {
  int_list dims{};

  [[nodiscard]] constexpr bool operator==(const expand&) const = default;
  static constexpr std::string_view name = "expand";
  static constexpr std::string_view onnx_names[] = {"Expand"};
  static constexpr std::string_view arithmetic =
      "the same integers";
  static constexpr std::string_view evidence = "recorded simulator cases on venus; moves data only";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields =
      field_list(field{"shape", &expand::dims, "dimensions to repeat to; 1 and -1 keep"});
  static constexpr std::string_view constant_inputs[] = {"shape"};

  static constexpr rule shapes{
      "expand.shape", "input and wanted shape", "", "they may differ only where one of them is 1",
      "输入与目标形状", "只能在其中之一为 1 的维上不同"};
  static constexpr rule rank{"expand.rank", "wanted axes", "", "use at most eight axes", "目标维数", "最多八维"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    found.at_most(rank, static_cast<long long>(dims.size()), shape::max_rank);
    if (dims.size() > static_cast<std::size_t>(shape::max_rank)) return {};
    shape wanted;
    bool sane = true;
    for (int d : dims) {
      wanted.append(d == -1 ? 1 : d);
      sane = sane && (d == -1 || d > 0);
    }
    const broadcast2 b(in[0], wanted);
    sane = sane && b.fits();
    if (!sane) found.same(shapes, in[0], wanted);
    return sane ? b.out() : shape{};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Expand"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::expand::check(facts(t), on, found);
  }

  static constexpr auto all_rules = joined({&shapes, &rank}, limit::expand::rules);
  static constexpr rule_list rules{all_rules};

  template <class Call>
  void forward(const Call& c) const {
    detail::move(c, walk(c.in[0].dims, c.out[0].dims));
  }
  template <class Call>
  void backward(const Call& c) const {
    detail::move_back(c, walk(c.in[0].dims, c.grad_out[0].dims));
  }
  template <class Call>
  void integer(const Call& c) const {
    detail::move_integers(name, c, walk(c.in[0].dims, c.out[0].dims));
  }

 private:
  [[nodiscard]] static constexpr strided walk(const shape& x, const shape& y) {
    strided w;
    for (int a = 0; a < y.rank(); ++a) {
      const int own = a - (y.rank() - x.rank());
      w.axis(y[a], own < 0 || x[own] == 1 ? 0 : step_of(x, own));
    }
    return w;
  }
};
static_assert(operator_like<expand>);

}  // namespace lnn
