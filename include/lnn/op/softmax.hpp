// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/softmax.hpp"
#include "../luna/softmax.hpp"
#include "axis_rows.hpp"

namespace lnn {

/// e^x / sum e^x along one axis.
struct softmax {
  int axis = -1;

  [[nodiscard]] constexpr bool operator==(const softmax&) const = default;
  static constexpr std::string_view name = "softmax";
  static constexpr std::string_view onnx_names[] = {"QSoftmax", "SoftmaxInt"};
  static constexpr std::string_view arithmetic =
      "y = S_out(R(f(S32(x * 2^(25 - q_x))), 15 - q_o)), f by rows: polynomial of degree 4, one reciprocal";
  static constexpr std::string_view evidence =
      "recorded simulator cases on arcs, venusA; training side only on venus";
  static constexpr grid grid_rule = grid::unit;
  static constexpr auto fields =
      field_list(field{"axis", &softmax::axis, "the axis that sums to 1; negative from the end"});

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank();
    found.within(limit::softmax::axis_range, axis, -rank, rank - 1);
    return axis >= -rank && axis < rank ? in[0] : shape{};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("SoftmaxInt");
    f.axis = axis;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::softmax::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::softmax::rules};

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    const detail::axis_rows rows(c.in[0].dims, axis);
    rows.walk(c.workers, [&](std::size_t first) {
      T* const row = Call::kernels::template scratch<T>(0, rows.n);
      rows.gather(c.in[0].data, first, row);
      Call::kernels::softmax(row, rows.n, row);
      for (std::size_t i = 0; i < rows.n; ++i) c.out[0][first + i * rows.inner] = row[i];
    });
  }
  /// dx = y * (dy - sum y * dy) with y computed again: in quantized training the output is a rounded one.
  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    if (!c.grad_in[0]) return;
    const detail::axis_rows rows(c.in[0].dims, axis);
    rows.walk(c.workers, [&](std::size_t first) {
      T* const row = Call::kernels::template scratch<T>(0, rows.n);
      rows.gather(c.in[0].data, first, row);
      Call::kernels::softmax(row, rows.n, row);
      T sum = 0;
      for (std::size_t i = 0; i < rows.n; ++i) sum += row[i] * c.grad_out[0][first + i * rows.inner];
      for (std::size_t i = 0, at = first; i < rows.n; ++i, at += rows.inner)
        c.grad_in[0][at] += row[i] * (c.grad_out[0][at] - sum);
    });
  }
  /// Along `axis` alone: the engines of VENUS and VENUSA take all axes behind it for one, that of ARCS takes
  /// axis 1 (defects D22, D40).  VENUS is not verified against a chip, see luna::softmax.
  template <class Call>
  void integer(const Call& c) const {
    const luna::requantizer to{.out = c.out[0],
                               .shift = luna::softmax_output - c.out[0].exponent,
                               .rule = accumulator::exact,
                               .watch = c.watch};
    const detail::axis_rows rows(c.in[0].dims, axis);
    rows.walk(c.workers, [&](std::size_t first) {
      std::int32_t* const row = Call::kernels::template scratch<std::int32_t>(0, rows.n);
      rows.gather(c.in[0], first, luna::softmax_input, row);
      luna::softmax(c.on.unit, row, rows.n, row);
      rows.scatter(row, first, to);
    });
  }
};
static_assert(operator_like<softmax>);

}  // namespace lnn
