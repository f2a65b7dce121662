// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "../core/owner.hpp"
#include "../core/parallel.hpp"
#include "../op/conv2d.hpp"
#include "../op/linear.hpp"
#include "../simd/channelwise_s8.hpp"
#include "../simd/conv_s8.hpp"
#include "../tensor/quantized.hpp"

namespace lnn::sim {

/// What an operator is told to describe its integer kernel before it runs.
struct layer_call {
  std::span<const integer_view> in, out;
  const chip& on;
  bool relu;
  tap* watch = nullptr;
};

/// A layer whose weights were arranged once for this machine: what the operator's integer kernel computes, bit for bit,
/// several times faster.  Convolutions take and give images with their channels innermost.
class prepared_layer {
 public:
  /// Whether a convolution or a product has such a form: int8 inputs, weights of one byte, sums that fit 32 bits.
  [[nodiscard]] static bool covers(const integer_view& x, std::span<const integer_tensor> parameters) {
    if (x.type != dtype::int8 || parameters.empty() || bits_of(parameters[0].type()) > 8) return false;
    return parameters[0].dims().span(1, parameters[0].dims().rank()) < (std::size_t{1} << 17);
  }
  /// Weights are not needed afterwards; biases are.
  prepared_layer(const conv2d& op, const layer_call& c) {
    const luna::convolution task = op.task(c);
    const luna::requantizer to = op.requantizer(c);
    images_ = task.images;
    x_step_ = task.window.in_size() * static_cast<std::size_t>(task.channels_in);
    y_step_ = bytes_of(to.out.type, task.window.out_size() * static_cast<std::size_t>(task.channels_out));
    if (task.groups > 1 && task.groups == task.channels_in && task.groups == task.channels_out) {
      channelwise_ = make_owner<simd::channelwise_s8>();
      channelwise_->prepare(simd::best(), task, to);
    } else {
      convolution_ = make_owner<simd::conv_s8>();
      convolution_->prepare(simd::best(), task, to);
    }
  }
  prepared_layer(const linear& op, const layer_call& c) {
    const luna::product task = op.task(c);
    const auto* weight = task.weight.as<const std::int8_t>();
    images_ = task.rows;
    x_step_ = static_cast<std::size_t>(task.in);
    y_step_ = bytes_of(c.out[0].type, static_cast<std::size_t>(task.out));
    product_ = make_owner<simd::prepared_s8>();
    product_->prepare(
        simd::best(), task.out, 1, task.in,
        [&](int o, int, int i) { return weight[static_cast<std::size_t>(o) * x_step_ + static_cast<std::size_t>(i)]; }, task.bias, op.requantizer(c));
  }

  void run(const std::int8_t* x, void* y, pool& workers) const {
    auto* const to = static_cast<std::uint8_t*>(y);
    if (product_) {
      constexpr std::size_t fewest = 32;  // rows that are worth a thread
      workers.ranges(static_cast<std::size_t>(images_), static_cast<int>((static_cast<std::size_t>(images_) + fewest - 1) / fewest),
                     [&](int, std::size_t first, std::size_t last) {
                       simd::dense(*product_, static_cast<int>(last - first), x + first * x_step_, static_cast<std::ptrdiff_t>(x_step_), to + first * y_step_);
                     });
      return;
    }
    workers.run(images_, [&](int image) {
      const auto i = static_cast<std::size_t>(image);
      if (convolution_) convolution_->run(x + i * x_step_, to + i * y_step_);
      else channelwise_->run(x + i * x_step_, to + i * y_step_);
    });
  }

 private:
  // one of them
  owner<simd::conv_s8> convolution_;
  owner<simd::channelwise_s8> channelwise_;
  owner<simd::prepared_s8> product_;
  int images_ = 1;                        // or rows
  std::size_t x_step_ = 0, y_step_ = 0;  // from image to image: elements, bytes
};

}  // namespace lnn::sim
