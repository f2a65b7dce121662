// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/owner.hpp"
#include "../core/parallel.hpp"
#include "../op/bmm.hpp"
#include "../op/conv1d.hpp"
#include "../op/conv_transpose1d.hpp"
#include "../op/linear.hpp"
#include "../op/matmul.hpp"
#include "../op/registry.hpp"
#include "../simd/channelwise_s8.hpp"
#include "../simd/transposed_s8.hpp"
#include "layer_call.hpp"

namespace lnn::sim {

/// A layer whose weights were arranged once for this machine: what the operator's integer kernel computes, bit for bit,
/// several times faster.  Convolutions take and give images with their channels innermost.
class prepared_layer {
 public:
  template <class Op>
  static constexpr bool is_convolution = operators<conv2d, conv1d, conv_transpose2d, conv_transpose1d>::has<Op>;
  template <class Op>
  static constexpr bool is_product = operators<bmm, matmul>::has<Op>;

  /// Whether a layer has such a form: int8 inputs, weights of one byte that never change, sums that fit 32 bits.
  template <class Op>
  [[nodiscard]] static bool covers(const Op& op, const layer_call& c) {
    if constexpr (is_convolution<Op> || is_product<Op> || std::is_same_v<Op, linear>) {
      if (c.in.size() < 2 || c.in[0].type != dtype::int8 || bits_of(c.in[1].type) > 8 || !c.is_constant(1)) return false;
      const shape &x = c.in[0].dims, &w = c.in[1].dims;
      std::size_t terms = 1;
      if constexpr (operators<conv_transpose2d, conv_transpose1d>::has<Op>) {
        terms = w.span(2, w.rank()) * static_cast<std::size_t>(x[1] / op.group);
        if (op.group > 1 && op.group == x[1] && op.group == op.out) return false;  // each output sees one channel: nothing to sum up
        if (!(line_or_image(op).dilation == extent2{1, 1})) return false;
      } else if constexpr (is_product<Op>) {
        terms = static_cast<std::size_t>(w[w.rank() - 2]);
        if (w.span(0, w.rank() - 2) != 1) return false;  // several matrices
      } else {
        terms = w.span(1, w.rank());
      }
      return terms < (std::size_t{1} << 17);
    } else {
      return false;
    }
  }

  /// Weights are not needed afterwards; biases are.
  template <class Op>
  requires is_convolution<Op>
  prepared_layer(const Op& op, const layer_call& c) {
    const line::detail::images<integer_view> in(c.in), out(c.out);
    const layer_call images{in, out, c.on, c.relu, c.constants};
    const luna::convolution task = line_or_image(op).task(images);
    convolve(task, op.requantizer(images), operators<conv_transpose2d, conv_transpose1d>::has<Op>);
  }
  prepared_layer(const linear& op, const layer_call& c) {
    const luna::product task = op.task(c);
    const auto* weight = task.weight.as<const std::int8_t>();
    multiply(task.rows, task.in, task.out, [&](int o, int, int i) { return weight[at(o) * at(task.in) + at(i)]; }, task.bias, op.requantizer(c), task.weight.type == dtype::int4);
  }
  template <class Op>
  requires is_product<Op>
  prepared_layer(const Op& op, const layer_call& c) {
    const matrix_pairs p(c.in[0].dims, c.in[1].dims);
    const auto* weight = c.in[1].as<const std::int8_t>();
    multiply(p.count() * p.rows(), p.depth(), p.columns(), [&](int o, int, int i) { return weight[at(i) * at(p.columns()) + at(o)]; }, nullptr, op.requantizer(c),
             c.in[1].type == dtype::int4);
  }

  void run(const std::int8_t* x, void* y, pool& workers) const {
    auto* const to = static_cast<std::uint8_t*>(y);
    if (product_) return run_product(x, to, workers);
    const auto image = [&](int i, const auto& what) { what(x + at(i) * x_step_, to + at(i) * y_step_); };
    if (channelwise_)
      return in_rows(channelwise_->window().out.h, workers, [&](int i, int first, int last) {
        image(i, [&](const std::int8_t* from, void* there) { channelwise_->run(from, there, first, last); });
      });
    for (const simd::conv_s8& part : convolutions()) {
      // What is larger is read but once: some rows with all weights, or all rows with some of them.
      if (images_ == 1 && (part.bytes() > x_step_ || part.window().out.h < 2 * pieces(workers)))
        workers.run(pieces(workers), [&](int i) { part.run(x, to, {0, part.window().out.h, i, pieces(workers)}); });
      else
        in_rows(part.window().out.h, workers, [&](int i, int first, int last) {
          image(i, [&](const std::int8_t* from, void* there) { part.run(from, there, {first, last}); });
        });
    }
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
  template <class Op>
  [[nodiscard]] static auto line_or_image(const Op& op) {
    if constexpr (requires { op.on_images(); }) return op.on_images();
    else return op;
  }

  void convolve(const luna::convolution& task, const luna::requantizer& to, bool transposed) {
    images_ = task.images;
    const std::size_t in = transposed ? task.window.out_size() : task.window.in_size(), out = transposed ? task.window.in_size() : task.window.out_size();
    x_step_ = in * at(task.channels_in);
    y_step_ = bytes_of(to.out.type, out * at(task.channels_out));
    work_ = task.window.out_size() * at(task.channels_in) * at(task.wide()) * task.window.taps();
    if (transposed) {
      transposed_ = make_owner<simd::transposed_s8>();
      transposed_->prepare(simd::best(), task, to);
    } else if (task.groups > 1 && task.groups == task.channels_in && task.groups == task.channels_out) {
      channelwise_ = make_owner<simd::channelwise_s8>();
      channelwise_->prepare(simd::best(), task, to);
      work_ *= 8;  // a product of a channel with itself alone takes as long as several of many channels
    } else {
      convolution_ = make_owner<simd::conv_s8>();
      convolution_->prepare(simd::best(), task, to);
    }
  }
  template <class Weight>
  void multiply(int rows, int in, int out, const Weight& weight, const std::int32_t* bias, const luna::requantizer& to, bool four_bits) {
    images_ = rows;
    x_step_ = at(in);
    y_step_ = bytes_of(to.out.type, at(out));
    work_ = x_step_ * at(out);
    product_ = make_owner<simd::prepared_s8>();
    product_->prepare(simd::best(), out, 1, in, weight, bias, to, four_bits);
  }

  [[nodiscard]] std::span<const simd::conv_s8> convolutions() const {
    return transposed_ ? transposed_->parts() : std::span<const simd::conv_s8>(convolution_.get(), 1);
  }
  /// In how many pieces the work is worth being cut.
  [[nodiscard]] int pieces(const pool& workers) const {
    constexpr std::size_t least = 3'000'000;  // products for one thread: fewer take less time than waking another one
    return std::max(1, std::min(workers.threads(), static_cast<int>(work_ * at(images_) / least)));
  }
  /// Calls rows(image, first, last) for all rows of all images, those of a piece in one thread.
  template <class Rows>
  void in_rows(int rows, pool& workers, const Rows& run) const {
    workers.ranges(at(images_) * at(rows), pieces(workers), [&](int, std::size_t first, std::size_t last) {
      while (first < last) {
        const auto image = static_cast<int>(first / at(rows)), from = static_cast<int>(first % at(rows));
        const int to = static_cast<int>(std::min(at(rows), at(from) + last - first));
        run(image, from, to);
        first += at(to - from);
      }
    });
  }
  void run_product(const std::int8_t* x, std::uint8_t* y, pool& workers) const {
    const auto some = [&](std::size_t first, std::size_t last, const simd::output_share& which) {
      simd::dense(*product_, static_cast<int>(last - first), x + first * x_step_, static_cast<std::ptrdiff_t>(x_step_), y + first * y_step_, which);
    };
    const int n = pieces(workers);
    if (product_->bytes() > at(images_) * x_step_) workers.run(n, [&](int i) { some(0, at(images_), product_->share(i, n)); });
    else workers.ranges(at(images_), n, [&](int, std::size_t first, std::size_t last) { some(first, last, product_->share(0, 1)); });
  }

  // one of them
  owner<simd::conv_s8> convolution_;
  owner<simd::transposed_s8> transposed_;
  owner<simd::channelwise_s8> channelwise_;
  owner<simd::prepared_s8> product_;
  int images_ = 1;                       // or rows
  std::size_t x_step_ = 0, y_step_ = 0;  // from image to image: elements, bytes
  std::size_t work_ = 0;                 // products for one image
};

}  // namespace lnn::sim
