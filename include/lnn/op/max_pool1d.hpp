// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "line.hpp"
#include "max_pool2d.hpp"

namespace lnn {

/// Greatest element under a window: x [n, c, length] -> [n, c, length'].  Padding never wins.  Keeps the
/// exponent.  A kernel of 0 means the whole line.  The packers take pooling of images only.
struct max_pool1d {
  extent1 kernel = 2;
  extent1 stride = 2;
  padding1 pad{};
  bool ceil_mode = false;

  [[nodiscard]] constexpr bool operator==(const max_pool1d&) const = default;
  static constexpr std::string_view name = "max_pool1d";
  static constexpr std::string_view onnx_names[] = {"MaxPool"};
  static constexpr std::string_view arithmetic = "y = max x under the window; padding never wins";
  static constexpr std::string_view evidence = "as max_pool2d of an image of height 1";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields =
      field_list(field{"kernel_shape", &max_pool1d::kernel, "length of the window; 0: the whole line"},
                 field{"strides", &max_pool1d::stride, "step of the window"},
                 field{"pads", &max_pool1d::pad, "before, behind"},
                 field{"ceil_mode", &max_pool1d::ceil_mode, "a last window may hang over the end"});

  [[nodiscard]] static constexpr max_pool1d global() { return {.kernel = 0, .stride = 1}; }
  /// The same of images of height 1.
  [[nodiscard]] constexpr max_pool2d on_images() const {
    if (kernel == extent1(0)) return max_pool2d::global();
    return {.kernel = line::as_image(kernel),
            .stride = line::as_image(stride),
            .pad = line::as_image(pad),
            .ceil_mode = ceil_mode};
  }

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    return line::pooled(on_images(), in[0], kernel, stride, pad, found);
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  // --- hardware
  /// The packer's MaxPool; it asks for images.
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    const window2 w = on_images().window(line::as_image(t.x()));
    limit::facts f = t.facts("MaxPool");
    f.kernel = {w.kernel.h, w.kernel.w};
    f.stride = {w.stride.h, w.stride.w};
    f.pad = {w.pad.top, w.pad.left, w.pad.bottom, w.pad.right};
    f.ceil_mode = ceil_mode;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::max_pool2d::check(facts(t), on, found);
  }

  static constexpr auto rules = joined(line::pool_rules, limit::max_pool2d::rules);

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().forward(images); });
  }
  template <class Call>
  void backward(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().backward(images); });
  }
  /// As max_pool2d.
  template <class Call>
  void integer(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().integer(images); });
  }
  template <class Call>
  void integer_channels_last(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().integer_channels_last(images); });
  }
};
static_assert(operator_like<max_pool1d>);

}  // namespace lnn
