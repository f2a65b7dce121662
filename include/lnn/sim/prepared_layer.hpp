// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../op/bmm.hpp"
#include "../op/conv1d.hpp"
#include "../op/conv_transpose1d.hpp"
#include "../op/linear.hpp"
#include "../op/matmul.hpp"
#include "../op/registry.hpp"
#include "layer_call.hpp"
#include "prepared.hpp"

namespace lnn::sim {

/// Layers with weights in their fastest form.  Convolutions take and give images with their channels innermost.
struct prepared_layer {
  template <class Op>
  static constexpr bool is_transposed = operators<conv_transpose2d, conv_transpose1d>::has<Op>;
  template <class Op>
  static constexpr bool is_convolution = is_transposed<Op> || operators<conv2d, conv1d>::has<Op>;
  template <class Op>
  static constexpr bool is_product = operators<bmm, matmul>::has<Op>;

  /// Whether a layer has such a form: int8 inputs, weights of one byte that never change, sums that fit 32 bits.
  template <class Op>
  [[nodiscard]] static bool covers(const Op& op, const layer_call& c) {
    if constexpr (is_convolution<Op> || is_product<Op> || std::is_same_v<Op, linear>) {
      if (c.in.size() < 2 || c.in[0].type != dtype::int8 || bits_of(c.in[1].type) > 8 || !c.is_constant(1)) return false;
      const shape &x = c.in[0].dims, &w = c.in[1].dims;
      std::size_t terms = 1;
      if constexpr (is_transposed<Op>) {
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

  /// The form of a layer that is covered.
  template <class Op>
  [[nodiscard]] static owner<prepared> of(const Op& op, const layer_call& c) {
    if constexpr (is_convolution<Op>) {
      const line::detail::images<integer_view> in(c.in), out(c.out);
      const layer_call images{in, out, c.on, c.relu, c.constants};
      return prepare_convolution(line_or_image(op).task(images), op.requantizer(images), is_transposed<Op>);
    } else if constexpr (std::is_same_v<Op, linear>) {
      const luna::product task = op.task(c);
      return prepare_product(task.rows, matrix(task.weight, task.out, task.in, task.in, 1), task.bias, op.requantizer(c));
    } else if constexpr (is_product<Op>) {
      const matrix_pairs p(c.in[0].dims, c.in[1].dims);
      return prepare_product(p.count() * p.rows(), matrix(c.in[1], p.columns(), p.depth(), 1, p.columns()), nullptr, op.requantizer(c));
    } else {
      return nullptr;
    }
  }

 private:
  template <class Op>
  [[nodiscard]] static auto line_or_image(const Op& op) {
    if constexpr (requires { op.on_images(); }) return op.on_images();
    else return op;
  }
  [[nodiscard]] static weight_matrix matrix(const integer_view& weight, int outputs, int depth, int output, int input) {
    return {weight.as<const std::int8_t>(), outputs, depth, output, input, weight.type == dtype::int4};
  }
};

}  // namespace lnn::sim
