// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "avg_pool2d.hpp"
#include "line.hpp"

namespace lnn {

/// Mean under a window: x [n, c, length] -> [n, c, length'].  Padding counts as zeros and the divisor is the
/// window's length unless told otherwise (quantization.md 5.8).  A kernel of 0 means the whole line.
struct avg_pool1d {
  extent1 kernel = 2;
  extent1 stride = 2;
  padding1 pad{};
  bool ceil_mode = false;
  bool count_include_pad = true;
  int divisor_override = -1;

  [[nodiscard]] constexpr bool operator==(const avg_pool1d&) const = default;
  static constexpr std::string_view name = "avg_pool1d";
  static constexpr std::string_view onnx_names[] = {"QAvgPool1d", "AvgPool1dInt", "QGlobalAveragePool1d"};
  static constexpr std::string_view arithmetic = avg_pool2d::arithmetic;
  static constexpr std::string_view evidence = "as avg_pool2d of an image of height 1";
  static constexpr grid grid_rule = grid::keep;
  static constexpr bool moves_grid = true;
  static constexpr auto fields = field_list(
      field{"kernel_shape", &avg_pool1d::kernel, "length of the window; 0: the whole line"},
      field{"strides", &avg_pool1d::stride, "step of the window"},
      field{"pads", &avg_pool1d::pad, "zeros added: before, behind"},
      field{"ceil_mode", &avg_pool1d::ceil_mode, "a last window may hang over the end"},
      field{"count_include_pad", &avg_pool1d::count_include_pad, "false: divide by the taps within the line"},
      field{"divisor_override", &avg_pool1d::divisor_override, "divide by this instead; below 1: not"});

  [[nodiscard]] static constexpr avg_pool1d global() { return {.kernel = 0, .stride = 1}; }
  /// One of the ONNX names has no kernel.
  constexpr void spelled(std::string_view onnx_name) {
    if (onnx_name == "QGlobalAveragePool1d") *this = global();
  }
  /// The same of images of height 1.
  [[nodiscard]] constexpr avg_pool2d on_images() const {
    avg_pool2d images{.kernel = line::as_image(kernel),
                      .stride = line::as_image(stride),
                      .pad = line::as_image(pad),
                      .ceil_mode = ceil_mode,
                      .count_include_pad = count_include_pad,
                      .divisor_override = divisor_override};
    if (kernel == extent1(0)) images.kernel = {0, 0};
    return images;
  }

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    return line::pooled(on_images(), in[0], kernel, stride, pad, found);
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  // --- hardware
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("AvgPool1dInt"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::check_supported(facts(t).op, on, found);
  }

  static constexpr const rule* unpacked[] = {&limit::unsupported};
  static constexpr auto rules = joined(line::pool_rules, unpacked);

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().forward(images); });
  }
  template <class Call>
  void backward(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().backward(images); });
  }
  /// As avg_pool2d.
  template <class Call>
  void integer(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().integer(images); });
  }
  template <class Call>
  void integer_channels_last(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().integer_channels_last(images); });
  }
};
static_assert(operator_like<avg_pool1d>);

}  // namespace lnn
