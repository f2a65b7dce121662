// SPDX-License-Identifier: Apache-2.0
#pragma once
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
  static constexpr grid grid_rule = grid::at_most_sum;
  static constexpr int states = 2;  // the last two inputs are running statistics
  static constexpr auto fields = field_list(field{"epsilon", &batch_norm::eps, "added to the variance"},
                                            field{"momentum", &batch_norm::momentum, "weight of a new batch"});

  static constexpr rule input_rank{"batch_norm.input_rank", "rank of the input", "", "give it [n, c, ...]"};

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

  static constexpr rule chip_rank{"batch_norm.chip_rank", "rank of the input", "", "reshape it to [n, c, h, w]"};
  constexpr void check(std::span<const shape> in, const chip&, verdict& found) const {
    found.equal(chip_rank, in[0].rank(), 4);
  }

  // --- arithmetic
  /// Per channel: the mean and 1 / sqrt(var + eps) that forward used.
  [[nodiscard]] constexpr std::size_t saved(std::span<const shape> in) const { return 2 * at(in[0][1]); }

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const shape x = c.in[0].dims;
    const std::size_t channels = at(x[1]), plane = x.span(2, x.rank());
    const double count = static_cast<double>(at(x[0]) * plane);
    c.workers.run(x[1], [&](int channel) {
      const auto ch = at(channel);
      double mean = static_cast<double>(c.in[3][ch]), var = static_cast<double>(c.in[4][ch]);
      if (c.training) {
        double sum = 0, squares = 0;
        for (std::size_t n = 0; n < at(x[0]); ++n) {
          const auto [s, q] = K::moments(c.in[0].data + (n * channels + ch) * plane, plane);
          sum += s;
          squares += q;
        }
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
        c.saved[channels + ch] = static_cast<T>(inverse);
      }
      const T scale = static_cast<T>(static_cast<double>(c.in[1][ch]) * inverse);
      const T offset = static_cast<T>(static_cast<double>(c.in[2][ch]) - mean * static_cast<double>(c.in[1][ch]) * inverse);
      for (std::size_t n = 0; n < at(x[0]); ++n) {
        const std::size_t first = (n * channels + ch) * plane;
        K::affine(scale, offset, c.in[0].data + first, c.out[0].data + first, plane);
      }
    });
  }

  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const shape x = c.in[0].dims;
    const std::size_t channels = at(x[1]), plane = x.span(2, x.rank());
    const double count = static_cast<double>(at(x[0]) * plane);
    c.workers.run(x[1], [&](int channel) {
      const auto ch = at(channel);
      const double mean = static_cast<double>(c.saved[ch]), inverse = static_cast<double>(c.saved[channels + ch]);
      double sum = 0, product = 0;  // sum of dy; sum of dy * x
      for (std::size_t n = 0; n < at(x[0]); ++n) {
        const std::size_t first = (n * channels + ch) * plane;
        sum += static_cast<double>(K::sum(c.grad_out[0].data + first, plane));
        product += static_cast<double>(K::dot(c.grad_out[0].data + first, c.in[0].data + first, plane));
      }
      const double along = (product - mean * sum) * inverse;  // sum of dy * normalized x
      if (c.grad_in[1]) c.grad_in[1][ch] += static_cast<T>(along);
      if (c.grad_in[2]) c.grad_in[2][ch] += static_cast<T>(sum);
      if (!c.training) {  // the statistics are inputs of their own
        const double g = static_cast<double>(c.in[1][ch]);
        if (c.grad_in[3]) c.grad_in[3][ch] += static_cast<T>(-g * inverse * sum);
        if (c.grad_in[4]) c.grad_in[4][ch] += static_cast<T>(-0.5 * g * inverse * inverse * along);
      }
      if (!c.grad_in[0]) return;
      const double gain = static_cast<double>(c.in[1][ch]) * inverse;
      const double from_x = c.training ? -gain * inverse * along / count : 0;
      const double offset = c.training ? -gain * sum / count - from_x * mean : 0;
      for (std::size_t n = 0; n < at(x[0]); ++n) {
        const std::size_t first = (n * channels + ch) * plane;
        K::add_combination(static_cast<T>(gain), c.grad_out[0].data + first, static_cast<T>(from_x),
                           c.in[0].data + first, static_cast<T>(offset), c.grad_in[0].data + first, plane);
      }
    });
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
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
};
static_assert(operator_like<batch_norm>);

}  // namespace lnn
