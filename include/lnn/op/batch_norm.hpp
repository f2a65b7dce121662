// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>

#include "../core/planes.hpp"
#include "../limit/batch_norm.hpp"
#include "../luna/requantize.hpp"
#include "contract.hpp"

namespace lnn {

/// Batch normalization over axis 1: x [n, c, ...] -> the same shape.
/// Training: y = gamma * (x - mean) / sqrt(var + eps) + beta with the batch's mean and biased variance, and
/// running = (1 - momentum) * running + momentum * batch for both.  Otherwise the running statistics are used.
struct batch_norm {
  float eps = 1e-5F;
  float momentum = 0.1F;

  static constexpr std::string_view name = "batch_norm";
  static constexpr std::string_view onnx_names[] = {"QBatchNorm2d", "BatchNorm2dInt", "QBatchNorm1d"};
  static constexpr std::string_view arithmetic =
      "y = S_out(R(S32(x * w) + b, q_x + q_w - q_o)) with w = gamma / sqrt(var + eps) and b = beta - mean * w on their grids";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::at_most_sum;
  static constexpr int states = 2;  // the last two inputs are running statistics
  static constexpr bool trains_with_relu = true, overwrites_gradients = true;
  static constexpr auto fields = field_list(field{"epsilon", &batch_norm::eps, "added to the variance"},
                                            field{"momentum", &batch_norm::momentum, "weight of a new batch"});

  static constexpr rule input_rank{"batch_norm.input_rank", "rank of the input", "", "give it [n, c, ...]",
                                   "输入的维数", "使用 [n, c, ...]"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    found.at_least(input_rank, in[0].rank(), 2);
    return in[0].rank() < 2 ? shape{} : in[0];
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    const shape each{in[0][1]};
    return {{"gamma", role::gain, each}, {"beta", role::offset, each}, {"mean", role::mean, each},
            {"var", role::variance, each}};
  }

  constexpr void check(std::span<const shape> in, const chip& on, verdict& found) const {
    const limit::operand x{.dims = in[0]};
    limit::facts f{.op = "BatchNorm2dInt", .in = {&x, 1}};
    f.weight = {.dims = {in[0][1]}};
    f.bias = {.dims = {in[0][1]}};
    limit::batch_norm::check(f, on, found);
  }

  static constexpr const rule* shape_rules[] = {&input_rank};
  static constexpr auto rules = joined(shape_rules, limit::batch_norm::rules);

  // --- arithmetic
  /// Per channel: the mean and 1 / sqrt(var + eps) that forward used.
  [[nodiscard]] constexpr std::size_t saved(std::span<const shape> in) const { return 2 * at(in[0][1]); }

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const shape x = c.in[0].dims;
    const auto p = K::planes_of(x);
    const double count = static_cast<double>(p.samples * p.plane);
    c.workers.run(x[1], [&](int channel) {
      const auto ch = at(channel);
      const T* in = c.in[0].data + ch * p.plane;
      double mean = static_cast<double>(c.in[3][ch]), var = static_cast<double>(c.in[4][ch]);
      if (c.training) {
        const auto [sum, squares] = K::moments(p, in);
        mean = sum / count;
        var = std::max(squares / count - mean * mean, 0.0);
        if (!c.state.empty()) {
          const double m = static_cast<double>(momentum);
          c.state[0][ch] = static_cast<T>((1 - m) * static_cast<double>(c.state[0][ch]) + m * mean);
          c.state[1][ch] = static_cast<T>((1 - m) * static_cast<double>(c.state[1][ch]) + m * var);
        }
      }
      const double inverse = K::inverse_root(var + static_cast<double>(eps));
      if (!c.saved.empty()) {
        c.saved[ch] = static_cast<T>(mean);
        c.saved[at(x[1]) + ch] = static_cast<T>(inverse);
      }
      const double scale = static_cast<double>(c.in[1][ch]) * inverse;
      K::clipped_affine(p, static_cast<T>(scale), static_cast<T>(static_cast<double>(c.in[2][ch]) - mean * scale),
                        open<T>(c.relu), in, c.out[0].data + ch * p.plane);
    });
  }

  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const shape x = c.in[0].dims;
    const auto p = K::planes_of(x);
    const double count = static_cast<double>(p.samples * p.plane);
    c.workers.run(x[1], [&](int channel) {
      const auto ch = at(channel);
      const std::size_t first = ch * p.plane;
      const T *in = c.in[0].data + first, *y = c.out[0].data + first, *dy = c.grad_out[0].data + first;
      const double mean = static_cast<double>(c.saved[ch]), inverse = static_cast<double>(c.saved[at(x[1]) + ch]);
      const auto [sum, product] = K::gated_sums(p, open<T>(c.relu), y, dy, in);  // of dy, of dy * x
      const double along = (product - mean * sum) * inverse;                     // of dy * normalized x
      const double g = static_cast<double>(c.in[1][ch]);
      add<T>(c, 1, ch, along);
      add<T>(c, 2, ch, sum);
      if (!c.training) {  // the statistics are inputs of their own
        add<T>(c, 3, ch, -g * inverse * sum);
        add<T>(c, 4, ch, -0.5 * g * inverse * inverse * along);
      }
      if (!c.grad_in[0]) return;
      const double gain = g * inverse;
      const double from_x = c.training ? -gain * inverse * along / count : 0;
      const double offset = c.training ? -gain * sum / count - from_x * mean : 0;
      K::gated_combination(p, open<T>(c.relu), y, static_cast<T>(gain), dy, static_cast<T>(from_x), in,
                           static_cast<T>(offset), c.is_fresh(0), c.grad_in[0].data + first);
    });
    for (std::size_t i = 3; c.training && i < 5; ++i)  // no gradient reaches the running statistics
      if (c.grad_in[i] && c.is_fresh(i)) std::fill(c.grad_in[i].begin(), c.grad_in[i].end(), T{});
  }

  /// Per channel y = S8(R(S32(x * w) + b, q_x + q_w - q_o)) with w the quantized gamma / sqrt(var + eps)
  /// (luna_ops.md 3.6); inputs are x, w, b.
  template <class Call>
  void integer(const Call& c) const {
    const shape x = c.in[0].dims;
    const std::size_t plane = x.span(2, x.rank());
    const luna::requantizer to{.out = c.out[0],
                               .shift = c.in[0].exponent + c.in[1].exponent - c.out[0].exponent,
                               .relu = c.relu,
                               .rule = accumulator::clamp_before_bias,
                               .watch = c.watch};
    c.workers.run(x[0] * x[1], [&](int piece) {
      const std::int64_t w = c.in[1].at(at(piece % x[1]));
      std::int64_t* acc = Call::kernels::template scratch<std::int64_t>(0, plane);
      for (std::size_t i = 0; i < plane; ++i) acc[i] = c.in[0].at(at(piece) * plane + i) * w;
      to.row(at(piece) * plane, acc, plane, c.in[2].at(at(piece % x[1])));
    });
  }

 private:
  /// Where outputs are free: everywhere, or above 0.
  template <class T>
  static constexpr value_bounds<T> open(bool relu) {
    return {relu ? T{} : -std::numeric_limits<T>::infinity(), std::numeric_limits<T>::infinity()};
  }
  template <class T, class Call>
  static void add(const Call& c, std::size_t input, std::size_t channel, double value) {
    if (!c.grad_in[input]) return;
    T& g = c.grad_in[input][channel];
    g = static_cast<T>(value) + (c.is_fresh(input) ? T{} : g);
  }
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
};
static_assert(operator_like<batch_norm>);

}  // namespace lnn
