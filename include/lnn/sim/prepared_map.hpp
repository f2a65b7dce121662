// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/kernels.hpp"
#include "../op/avg_pool1d.hpp"
#include "../op/gelu.hpp"
#include "../op/max_pool1d.hpp"
#include "../op/registry.hpp"
#include "../op/sigmoid.hpp"
#include "../op/softmax.hpp"
#include "../op/swish.hpp"
#include "../op/tanh.hpp"
#include "layer_call.hpp"
#include "layout.hpp"
#include "prepared.hpp"

namespace lnn::sim {

/// Layers of bytes without weights in their fastest form.  Functions of one number are listed, exponentials of softmax too,
/// pools take images with their channels innermost.
struct prepared_map {
  template <class Op>
  static constexpr bool is_curve = operators<sigmoid, tanh, gelu, swish>::has<Op>;
  template <class Op>
  static constexpr bool is_average = operators<avg_pool2d, avg_pool1d>::has<Op>;
  template <class Op>
  static constexpr bool is_pool = is_average<Op> || operators<max_pool2d, max_pool1d>::has<Op>;

  /// The form of a layer that works in a layout; null where it has none.
  template <class Op>
  [[nodiscard]] static owner<prepared> of(const Op& op, const layer_call& c, layout works) {
    if constexpr (is_curve<Op> || is_pool<Op> || std::is_same_v<Op, softmax>) {
      if (c.in.size() != 1 || c.in[0].type != dtype::int8 || c.out[0].type != dtype::int8 || c.relu) return nullptr;
      if constexpr (is_curve<Op>) return listed(op, c);
      else if constexpr (is_pool<Op>) return works == layout::channels_last ? pool_of(op, c) : nullptr;
      else {
        const auto rows = lnn::detail::axis_rows(c.in[0].dims, op.axis);
        return rows.inner == 1 ? prepare_softmax(c.in[0].size(), rows.n, c.on.unit, c.in[0].exponent, c.out[0].exponent) : nullptr;
      }
    } else {
      return nullptr;
    }
  }

 private:
  template <class Op>
  [[nodiscard]] static owner<prepared> listed(const Op& op, const layer_call& c) {
    std::int8_t x[256], y[256];
    for (int i = 0; i < 256; ++i) x[i] = static_cast<std::int8_t>(i - 128);
    const integer_view in{x, dtype::int8, {256}, c.in[0].exponent}, out{y, dtype::int8, {256}, c.out[0].exponent};
    pool alone(1);
    op.integer(integer_call<luna::kernels>{{&in, 1}, {&out, 1}, c.on, false, nullptr, alone});
    return prepare_table(c.in[0].size(), y);
  }
  template <class Op>
  [[nodiscard]] static owner<prepared> pool_of(const Op& op, const layer_call& c) {
    if constexpr (requires { op.on_images(); }) {
      return pool_of(op.on_images(), c);
    } else {
      const shape x = line::as_image(c.in[0].dims);
      const window2 w = op.window(x);
      pooling p{w, x[0], x[1]};
      if constexpr (!is_average<Op>) return prepare_greatest(p);
      else {
        p.area = op.divisor(w, 0), p.sum_bits = op.sum_bits(x, c.on), p.q_x = c.in[0].exponent, p.q_o = c.out[0].exponent;
        for (std::size_t i = 1; i < w.out_size(); ++i)
          if (op.divisor(w, i) != p.area) return nullptr;
        return prepare_average(p);
      }
    }
  }
};

}  // namespace lnn::sim
