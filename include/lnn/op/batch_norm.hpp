// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>

#include "../core/planes.hpp"
#include "../limit/batch_norm.hpp"
#include "../luna/requantize.hpp"
#include "contract.hpp"
#include "pointwise.hpp"

namespace lnn {

/// Batch normalization over axis 1: x [n, c, ...] -> the same shape.
/// Training: y = gamma * (x - mean) / sqrt(var + eps) + beta with the batch's mean and biased variance, and
/// running = (1 - momentum) * running + momentum * batch for both.  Otherwise the running statistics are used.
struct batch_norm {
  float eps = 1e-5F;
  float momentum = 0.1F;

  [[nodiscard]] constexpr bool operator==(const batch_norm&) const = default;
  static constexpr std::string_view name = "batch_norm";
  static constexpr std::string_view onnx_names[] = {"QBatchNorm2d", "BatchNorm2dInt", "QBatchNorm1d", "BatchNorm1dInt"};
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

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("BatchNorm2dInt");
    f.weight = t.parameters[0];
    f.bias = t.parameters[1];
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::batch_norm::check(facts(t), on, found);
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
    const auto p = K::planes_of(c.in[0].dims);
    const std::size_t channels = at(c.in[0].dims[1]);
    const double count = static_cast<double>(p.samples * p.plane);
    const channel_sums<K> batch(c.training ? p : planes{}, channels, c.workers, [&](const planes& part, std::size_t first) {
      return K::moments(part, c.in[0].data + first);
    });
    T* line = K::template scratch<T>(0, 2 * channels);  // factor and offset
    for (std::size_t ch = 0; ch < channels; ++ch) {
      double mean = static_cast<double>(c.in[3][ch]), var = static_cast<double>(c.in[4][ch]);
      if (c.training) {
        const auto [sum, squares] = batch[ch];
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
      const double scale = static_cast<double>(c.in[1][ch]) * inverse;
      line[2 * ch] = static_cast<T>(scale);
      line[2 * ch + 1] = static_cast<T>(static_cast<double>(c.in[2][ch]) - mean * scale);
    }
    each_part(p, channels, c.workers, [&](int, const planes& part, std::size_t ch, std::size_t first) {
      K::clipped_affine(part, line[2 * ch], line[2 * ch + 1], open<T>(c.relu), c.in[0].data + first, c.out[0].data + first);
    });
  }

  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const auto p = K::planes_of(c.in[0].dims);
    const std::size_t channels = at(c.in[0].dims[1]);
    const double count = static_cast<double>(p.samples * p.plane);
    const T *in = c.in[0].data, *y = c.out[0].data, *dy = c.grad_out[0].data;
    const channel_sums<K> batch(p, channels, c.workers, [&](const planes& part, std::size_t first) {
      return K::gated_sums(part, open<T>(c.relu), y + first, dy + first, in + first);
    });
    T* line = K::template scratch<T>(0, 3 * channels);  // dx = line[0] * dy + line[1] * x + line[2]
    for (std::size_t ch = 0; ch < channels; ++ch) {
      const double mean = static_cast<double>(c.saved[ch]), inverse = static_cast<double>(c.saved[channels + ch]);
      const auto [sum, product] = batch[ch];                  // of dy, of dy * x
      const double along = (product - mean * sum) * inverse;  // of dy * normalized x
      const double g = static_cast<double>(c.in[1][ch]);
      add<T>(c, 1, ch, along);
      add<T>(c, 2, ch, sum);
      if (!c.training) {  // the statistics are inputs of their own
        add<T>(c, 3, ch, -g * inverse * sum);
        add<T>(c, 4, ch, -0.5 * g * inverse * inverse * along);
      }
      const double gain = g * inverse, from_x = c.training ? -gain * inverse * along / count : 0;
      line[3 * ch] = static_cast<T>(gain);
      line[3 * ch + 1] = static_cast<T>(from_x);
      line[3 * ch + 2] = static_cast<T>(c.training ? -gain * sum / count - from_x * mean : 0);
    }
    if (c.grad_in[0])
      each_part(p, channels, c.workers, [&](int, const planes& part, std::size_t ch, std::size_t first) {
        const T* of = line + 3 * ch;
        K::gated_combination(part, open<T>(c.relu), y + first, of[0], dy + first, of[1], in + first, of[2], c.is_fresh(0),
                             c.grad_in[0].data + first);
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
  /// Calls work(piece, planes of some images, channel, their first element) for every channel.  Threads share images, not
  /// channels: so do the layers before and behind, and what one of them wrote is still in the thread's cache.
  template <class Pool, class Work>
  static void each_part(const planes& p, std::size_t channels, Pool& workers, const Work& work) {
    workers.ranges(p.samples, pieces_of(p), [&](int piece, std::size_t first, std::size_t last) {
      const planes part{last - first, p.stride, p.plane};
      for (std::size_t ch = 0; ch < channels; ++ch) work(piece, part, ch, first * p.stride + ch * p.plane);
    });
  }
  [[nodiscard]] static int pieces_of(const planes& p) { return static_cast<int>(std::min(p.samples, at(fixed_pieces))); }

  /// Two sums per channel, joined in the order of the pieces; none without samples.
  template <class K>
  class channel_sums {
   public:
    template <class Pool, class Sums>
    channel_sums(const planes& p, std::size_t channels, Pool& workers, const Sums& sums)
        : pieces_(at(pieces_of(p))), channels_(channels), parts_(K::template scratch<double>(2, 2 * pieces_ * channels)) {
      if (p.samples == 0) return;
      each_part(p, channels, workers, [&](int piece, const planes& part, std::size_t ch, std::size_t first) {
        double* to = parts_ + 2 * (at(piece) * channels + ch);
        const auto [a, b] = sums(part, first);
        to[0] = a;
        to[1] = b;
      });
    }
    [[nodiscard]] std::pair<double, double> operator[](std::size_t ch) const {
      std::pair<double, double> all{};
      for (std::size_t piece = 0; piece < pieces_; ++piece) {
        all.first += parts_[2 * (piece * channels_ + ch)];
        all.second += parts_[2 * (piece * channels_ + ch) + 1];
      }
      return all;
    }

   private:
    std::size_t pieces_, channels_;
    double* parts_;
  };

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
