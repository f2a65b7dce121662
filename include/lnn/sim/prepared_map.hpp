// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/owner.hpp"
#include "../core/parallel.hpp"
#include "../luna/kernels.hpp"
#include "../op/avg_pool1d.hpp"
#include "../op/gelu.hpp"
#include "../op/max_pool1d.hpp"
#include "../op/registry.hpp"
#include "../op/sigmoid.hpp"
#include "../op/softmax.hpp"
#include "../op/swish.hpp"
#include "../op/tanh.hpp"
#include "../simd/pool_s8.hpp"
#include "../simd/softmax_s8.hpp"
#include "../simd/table_s8.hpp"
#include "layer_call.hpp"
#include "layout.hpp"

namespace lnn::sim {

/// A layer of bytes without weights in its fastest form: what the operator's integer kernel computes, bit for bit.  Functions
/// of one number are listed, exponentials of softmax too, pools take images with their channels innermost.
class prepared_map {
 public:
  template <class Op>
  static constexpr bool is_curve = operators<sigmoid, tanh, gelu, swish>::has<Op>;
  template <class Op>
  static constexpr bool is_average = operators<avg_pool2d, avg_pool1d>::has<Op>;
  template <class Op>
  static constexpr bool is_pool = is_average<Op> || operators<max_pool2d, max_pool1d>::has<Op>;

  /// Whether a layer that works in a layout has such a form.
  template <class Op>
  [[nodiscard]] static bool covers(const Op& op, const layer_call& c, layout works) {
    if constexpr (is_curve<Op> || is_pool<Op> || std::is_same_v<Op, softmax>) {
      if (c.in.size() != 1 || c.in[0].type != dtype::int8 || c.out[0].type != dtype::int8 || c.relu) return false;
      if constexpr (std::is_same_v<Op, softmax>)
        return lnn::detail::axis_rows(c.in[0].dims, op.axis).inner == 1 && simd::softmax_s8::covers(c.on.unit, c.in[0].exponent, c.out[0].exponent);
      else if constexpr (is_average<Op>)
        return works == layout::channels_last && one_divisor(on_images(op), line::as_image(c.in[0].dims)) && end(op, c).possible();
      else if constexpr (is_pool<Op>)
        return works == layout::channels_last;
      else
        return true;
    } else {
      return false;
    }
  }

  template <class Op>
  requires(is_curve<Op> || is_pool<Op> || std::is_same_v<Op, softmax>)
  prepared_map(const Op& op, const layer_call& c) : elements_(c.in[0].size()) {
    const simd::isa path = simd::best();
    if constexpr (is_curve<Op>) {
      std::int8_t x[256], y[256];
      for (int i = 0; i < 256; ++i) x[i] = static_cast<std::int8_t>(i - 128);
      const integer_view in{x, dtype::int8, {256}, c.in[0].exponent}, out{y, dtype::int8, {256}, c.out[0].exponent};
      pool alone(1);
      op.integer(integer_call<luna::kernels>{{&in, 1}, {&out, 1}, c.on, false, nullptr, alone});
      table_ = make_owner<simd::table_s8>();
      table_->prepare(path, y);
    } else if constexpr (is_pool<Op>) {
      const shape x = line::as_image(c.in[0].dims);
      const window2 w = on_images(op).window(x);
      images_ = x[0], channels_ = x[1];
      if constexpr (is_average<Op>) pool_ = make_owner<simd::pool_s8>(simd::pool_s8::average(path, w, x[1], end(op, c)));
      else pool_ = make_owner<simd::pool_s8>(simd::pool_s8::greatest(path, w, x[1]));
    } else {
      softmax_ = make_owner<simd::softmax_s8>();
      softmax_->prepare(path, c.on.unit, c.in[0].exponent, c.out[0].exponent);
      row_ = lnn::detail::axis_rows(c.in[0].dims, op.axis).n;
    }
  }

  void run(const std::int8_t* x, std::int8_t* y, pool& workers) const {
    // elements that are worth a thread; a row of softmax takes as long as many of a table
    const std::size_t least = table_ ? 1 << 18 : 1 << 14;
    const auto pieces = static_cast<int>(std::min(static_cast<std::size_t>(workers.threads()), elements_ / least + 1));
    const auto cut = [&](std::size_t n, const auto& run) { workers.ranges(n, pieces, [&](int, std::size_t first, std::size_t last) { run(first, last); }); };
    if (table_) return cut(elements_, [&](std::size_t first, std::size_t last) { table_->run(last - first, x + first, y + first); });
    if (softmax_)
      return cut(row_ == 0 ? 0 : elements_ / row_, [&](std::size_t first, std::size_t last) { softmax_->run(last - first, row_, x + first * row_, y + first * row_); });
    const window2& w = pool_->window();
    for (int i = 0; i < images_; ++i, x += w.in_size() * static_cast<std::size_t>(channels_), y += w.out_size() * static_cast<std::size_t>(channels_))
      cut(static_cast<std::size_t>(w.out.h), [&](std::size_t first, std::size_t last) { pool_->run(x, y, static_cast<int>(first), static_cast<int>(last)); });
  }

 private:
  template <class Op>
  [[nodiscard]] static auto on_images(const Op& op) {
    if constexpr (requires { op.on_images(); }) return op.on_images();
    else return op;
  }
  template <class Op>
  [[nodiscard]] static bool one_divisor(const Op& op, const shape& x) {
    const window2 w = op.window(x);
    for (std::size_t i = 1; i < w.out_size(); ++i)
      if (op.divisor(w, i) != op.divisor(w, 0)) return false;
    return true;
  }
  template <class Op>
  [[nodiscard]] static simd::detail::average_end end(const Op& op, const layer_call& c) {
    const shape x = line::as_image(c.in[0].dims);
    const auto images = on_images(op);
    const window2 w = images.window(x);
    return {images.divisor(w, 0), static_cast<int>(w.taps()), c.in[0].exponent, c.out[0].exponent, images.sum_bits(x, c.on)};
  }

  // one of them
  owner<simd::table_s8> table_;
  owner<simd::softmax_s8> softmax_;
  owner<simd::pool_s8> pool_;
  std::size_t elements_ = 0, row_ = 0;
  int images_ = 1, channels_ = 1;
};

}  // namespace lnn::sim
