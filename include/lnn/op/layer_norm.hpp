// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/maths.hpp"
#include "../limit/layer_norm.hpp"
#include "../luna/normalize.hpp"
#include "../luna/requantize.hpp"
#include "pointwise.hpp"

namespace lnn {

/// Normalization over the last axis, or over the last two together, of every sample for itself: x [...,
/// features] -> the same shape.  y = gamma * (x - mean) / sqrt(var + 1e-5) + beta with the biased variance;
/// the chips know no other epsilon.
struct layer_norm {
  int axes = 1;

  [[nodiscard]] constexpr bool operator==(const layer_norm&) const = default;
  static constexpr std::string_view name = "layer_norm";
  static constexpr std::string_view onnx_names[] = {"QLayerNorm", "LayerNormInt"};
  static constexpr std::string_view arithmetic =
      "n = R((count * x - sum x) * root, shift) at exponent 10 with root, shift from a table of 1 / sqrt; "
      "y = S_out(R(S32(n * gamma) + beta, 10 + q_gamma - q_o)); "
      "n is clamped to 16 bits on venus, to 32 elsewhere";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::at_most;
  static constexpr auto fields =
      field_list(field{"axes", &layer_norm::axes, "how many of the last axes: 1 or 2", true});

  static constexpr rule axes_range{"layer_norm.axes", "normalized axes", "",
                                   "normalize over the last axis or the last two", "归一化的维数",
                                   "在最后一维或最后两维上归一化"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int most = std::min(in[0].rank(), 2);
    found.within(axes_range, axes, 1, most);
    return axes < 1 || axes > most ? shape{} : in[0];
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    const shape each{static_cast<int>(features(in[0]))};
    return {{"gamma", role::gain, each}, {"beta", role::offset, each}};
  }
  /// What the weight's shape tells: it has as many elements as the last axis or the last two.
  constexpr void sized_by(std::span<const shape> in, const shape& weight) {
    const int rank = in[0].rank();
    const bool one = rank < 2 || weight.size() == in[0].span(rank - 1, rank);
    axes = one || weight.size() != in[0].span(rank - 2, rank) ? 1 : 2;
  }
  /// Normalized values are at exponent 10, whatever the input's (luna_ops.md 3.7).
  [[nodiscard]] constexpr int bias_exponent(std::size_t, const exponents& q) const {
    return greatest_exponent(q);
  }
  [[nodiscard]] constexpr int greatest_exponent(const exponents& q) const {
    return luna::normal_exponent + q.parameters[0];
  }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("LayerNormInt");
    f.weight = t.parameters[0];
    f.bias = t.parameters[1];
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::layer_norm::check(facts(t), on, found);
  }

  static constexpr const rule* shape_rules[] = {&axes_range};
  static constexpr auto rules = joined(shape_rules, limit::layer_norm::rules);

  // --- arithmetic
  /// Per row: the mean and 1 / sqrt(var + eps) that forward used.
  [[nodiscard]] constexpr std::size_t saved(std::span<const shape> in) const { return 2 * rows(in[0]); }

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    const std::size_t n = features(c.in[0].dims);
    each_row(c, [&](std::size_t row) {
      const T* x = c.in[0].data + row * n;
      T* y = c.out[0].data + row * n;
      double sum = 0, squares = 0;
      for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]);
      const double mean = sum / static_cast<double>(n);
      for (std::size_t i = 0; i < n; ++i)
        squares += (static_cast<double>(x[i]) - mean) * (static_cast<double>(x[i]) - mean);
      const double inverse = 1 / maths::sqrt(squares / static_cast<double>(n) + epsilon);
      if (!c.saved.empty()) {
        c.saved[2 * row] = static_cast<T>(mean);
        c.saved[2 * row + 1] = static_cast<T>(inverse);
      }
      for (std::size_t i = 0; i < n; ++i)
        y[i] = (x[i] - static_cast<T>(mean)) * static_cast<T>(inverse) * c.in[1][i] + c.in[2][i];
    });
  }

  /// With n = (x - mean) * inverse and g = dy * gamma:  dx = inverse * (g - mean(g) - n * mean(g * n)).
  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    const std::size_t n = features(c.in[0].dims), count = rows(c.in[0].dims);
    const T *x = c.in[0].data, *dy = c.grad_out[0].data;
    const auto normal = [&](std::size_t row, std::size_t i) {
      return (x[row * n + i] - c.saved[2 * row]) * c.saved[2 * row + 1];
    };
    if (c.grad_in[0])
      each_row(c, [&](std::size_t row) {
        double sum = 0, along = 0;
        for (std::size_t i = 0; i < n; ++i) {
          const auto g = static_cast<double>(dy[row * n + i] * c.in[1][i]);
          sum += g;
          along += g * static_cast<double>(normal(row, i));
        }
        const auto mean = static_cast<T>(sum / static_cast<double>(n)),
                   slope = static_cast<T>(along / static_cast<double>(n));
        for (std::size_t i = 0; i < n; ++i)
          c.grad_in[0][row * n + i] +=
              c.saved[2 * row + 1] * (dy[row * n + i] * c.in[1][i] - mean - normal(row, i) * slope);
      });
    // cut by features, so that every sum is formed in the order of the rows
    if (c.grad_in[1] || c.grad_in[2])
      c.workers.ranges(n, fixed_pieces, [&](int, std::size_t first, std::size_t last) {
        for (std::size_t row = 0; row < count; ++row)
          for (std::size_t i = first; i < last; ++i) {
            if (c.grad_in[1]) c.grad_in[1][i] += dy[row * n + i] * normal(row, i);
            if (c.grad_in[2]) c.grad_in[2][i] += dy[row * n + i];
          }
      });
  }

  /// luna_ops.md 3.7; gamma of 4, 8 or 16 bits alike (decision 3 of engine_defects.md).
  template <class Call>
  void integer(const Call& c) const {
    if (bits_of(c.in[0].type) > 16)
      fail(name, ": element type ", name_of(c.in[0].type), " where int8 or int16 is needed");
    const std::size_t n = features(c.in[0].dims);
    const luna::requantizer to{.out = c.out[0],
                               .shift = luna::normal_exponent + c.in[1].exponent - c.out[0].exponent,
                               .relu = c.relu,
                               .rule = accumulator::exact,
                               .watch = c.watch};
    each_row(c, [&](std::size_t row) {
      auto* x = Call::kernels::template scratch<std::int32_t>(0, n);
      auto* acc = Call::kernels::template scratch<std::int64_t>(0, n);
      for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<std::int32_t>(c.in[0].at(row * n + i));
      luna::normalize(x, n, c.in[0].exponent, c.on.engine.normal_bits, acc);
      for (std::size_t i = 0; i < n; ++i)
        acc[i] = std::int64_t{saturate<std::int32_t>(acc[i] * c.in[1].at(i))} + c.in[2].at(i);
      to.row(row * n, acc, n, 0);
    });
  }

 private:
  static constexpr double epsilon = 1e-5;

  [[nodiscard]] constexpr std::size_t features(const shape& x) const {
    return x.span(x.rank() - axes, x.rank());
  }
  [[nodiscard]] constexpr std::size_t rows(const shape& x) const { return x.span(0, x.rank() - axes); }
  template <class Call, class Work>
  void each_row(const Call& c, const Work& work) const {
    c.workers.ranges(rows(c.in[0].dims), fixed_pieces, [&](int, std::size_t first, std::size_t last) {
      for (std::size_t row = first; row < last; ++row) work(row);
    });
  }
};
static_assert(operator_like<layer_norm>);

}  // namespace lnn
