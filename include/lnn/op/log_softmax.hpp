// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/softmax.hpp"
#include "../luna/log_softmax.hpp"
#include "axis_rows.hpp"

namespace lnn {

/// ln(e^x / sum e^x) along one axis.
struct log_softmax {
  int axis = -1;

  [[nodiscard]] constexpr bool operator==(const log_softmax&) const = default;
  static constexpr std::string_view name = "log_softmax";
  static constexpr std::string_view onnx_names[] = {"LogSoftmaxInt"};
  static constexpr std::string_view arithmetic =
      "y = S_out(R(f(S32(x * 2^(25 - q_x))), q_f - q_o)), q_f = 15 on venusA, 25 elsewhere";
  static constexpr std::string_view evidence =
      "recorded simulator cases on venusA; formula on arcs; training side only on venus";
  static constexpr grid grid_rule = grid::at_most;
  static constexpr auto fields = field_list(
      field{"axis", &log_softmax::axis, "the axis whose exponentials sum to 1; negative from the end"});

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank();
    found.within(limit::softmax::axis_range, axis, -rank, rank - 1);
    return axis >= -rank && axis < rank ? in[0] : shape{};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr int greatest_exponent(const exponents&) const { return luna::softmax_output; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("LogSoftmaxInt");
    f.axis = axis;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::softmax::check_log(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::softmax::log_rules};

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    const detail::axis_rows rows(c.in[0].dims, axis);
    rows.walk(c.workers, [&](std::size_t first) {
      T* const row = Call::kernels::template scratch<T>(0, rows.n);
      T* const rest = Call::kernels::template scratch<T>(1, rows.n);
      rows.gather(c.in[0].data, first, row);
      const T log = *std::max_element(row, row + rows.n) + Call::kernels::softmax(row, rows.n, rest);
      for (std::size_t i = 0; i < rows.n; ++i) c.out[0][first + i * rows.inner] = row[i] - log;
    });
  }
  /// dx = dy - e^y * sum dy with e^y = softmax(x) computed again: in quantized training the output is a
  /// rounded one.
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
      for (std::size_t i = 0; i < rows.n; ++i) sum += c.grad_out[0][first + i * rows.inner];
      for (std::size_t i = 0, at = first; i < rows.n; ++i, at += rows.inner)
        c.grad_in[0][at] += c.grad_out[0][at] - row[i] * sum;
    });
  }
  /// Along `axis` alone (defects D4, D22); for what is verified against a chip see luna::log_softmax.
  template <class Call>
  void integer(const Call& c) const {
    const luna::requantizer to{.out = c.out[0],
                               .shift = luna::log_softmax_output(c.on.unit) - c.out[0].exponent,
                               .rule = accumulator::exact,
                               .watch = c.watch};
    const detail::axis_rows rows(c.in[0].dims, axis);
    rows.walk(c.workers, [&](std::size_t first) {
      std::int32_t* const x = Call::kernels::template scratch<std::int32_t>(0, rows.n);
      std::int32_t* const y = Call::kernels::template scratch<std::int32_t>(1, rows.n);
      rows.gather(c.in[0], first, luna::softmax_input, x);
      luna::log_softmax(c.on.unit, x, rows.n, y);
      rows.scatter(y, first, to);
    });
  }
};
static_assert(operator_like<log_softmax>);

}  // namespace lnn
