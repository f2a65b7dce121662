// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/conv1d.hpp"
#include "conv2d.hpp"
#include "line.hpp"

namespace lnn {

/// 1-D convolution: x [n, c, length], weight [out, c / group, kernel], bias [out] -> [n, out, length'].
/// `group` = c makes it depthwise when out = c as well.
struct conv1d {
  int out = 1;
  extent1 kernel = 3;
  extent1 stride = 1;
  padding1 pad{};
  extent1 dilation = 1;
  int group = 1;
  bool bias = true;
  int slope = 0;

  [[nodiscard]] constexpr bool operator==(const conv1d&) const = default;
  static constexpr std::string_view name = "conv1d";
  static constexpr std::string_view onnx_names[] = {"QConv1d", "Conv1dInt"};
  static constexpr std::string_view arithmetic =
      "y = S_out(R(S32(sum x * w + bias), q_x + q_w - q_o)); for a negative accumulator 0 with a fused relu, "
      "one more shift with a slope; venus with a kernel above 5: S_out(R(S32(sum x * w) + bias, ...))";
  static constexpr std::string_view evidence =
      "recorded simulator cases on venus, arcs; formula on venusA (defect D25)";
  static constexpr grid grid_rule = grid::at_most_sum;
  static constexpr bool relu_can_be_fused = true, batch_norm_can_be_folded = true,
                        overwrites_gradients = true;
  static constexpr auto fields = field_list(
      field{"kernel_shape", &conv1d::kernel, "length of the window"},
      field{"strides", &conv1d::stride, "step of the window"},
      field{"pads", &conv1d::pad, "zeros added: before, behind"},
      field{"dilations", &conv1d::dilation, "distance between taps"},
      field{"group", &conv1d::group, "input and output channels are cut into this many groups"},
      field{"out", &conv1d::out, "output channels", true}, field{"bias", &conv1d::bias, "has a bias", true},
      field{"slope", &conv1d::slope,
            "negative outputs are worth 2^-slope of themselves: act_type 2 of files"});

  /// The same convolution of images of height 1.
  [[nodiscard]] constexpr conv2d on_images() const {
    return {.out = out,
            .kernel = line::as_image(kernel),
            .stride = line::as_image(stride),
            .pad = line::as_image(pad),
            .dilation = line::as_image(dilation),
            .group = group,
            .bias = bias,
            .slope = slope};
  }

  // --- shapes
  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const shape& x = in[0];
    const std::size_t before = found.refused().size();
    found.equal(limit::conv1d::input_rank, x.rank(), 3);
    found.at_least(line::attributes, std::min({out, kernel.n, stride.n, dilation.n, group}), 1);
    found.at_least(line::negative_pad, std::min(pad.before, pad.behind), 0);
    found.within(slope::range, slope, 0, 31);
    if (found.refused().size() > before) return {};
    found.equal(conv2d::group_input, x[1] % group, 0);
    found.equal(limit::conv1d::group_output, out % group, 0);
    const int length = on_images().window(line::as_image(x)).out.w;
    found.at_least(line::output_length, length, 1);
    if (found.refused().size() > before) return {};
    return {x[0], out, length};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    parameter_list p{{"weight", role::weight, {out, in[0][1] / group, kernel.n}}};
    if (bias) p.push_back({"bias", role::bias, {out}});
    return p;
  }

  // --- hardware
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("Conv1dInt");
    f.weight = t.parameters[0];
    if (t.parameters.size() > 1) f.bias = t.parameters[1];
    f.kernel = {kernel.n};
    f.stride = {stride.n};
    f.pad = {pad.before, pad.behind};
    f.dilation = {dilation.n};
    f.group = group;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    const limit::facts f = facts(t);
    limit::conv1d::check(f, on, found);
    slope::check(slope, f, found);
  }

  static constexpr const rule* shape_rules[] = {&line::attributes,    &line::negative_pad,
                                                &conv2d::group_input, &line::output_length,
                                                &slope::range,        &slope::engine_slope};
  static constexpr auto rules = joined(shape_rules, limit::conv1d::rules);

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().forward(images); });
  }
  template <class Call>
  void backward(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().backward(images); });
  }
  template <class Call>
  void integer(const Call& c) const {
    line::as_images(c, [&](const auto& images) { Call::kernels::convolve(on_images().task(images), requantizer(images), c.workers); });
  }
  /// As that of conv2d, but (luna_ops.md 3.2): VENUS takes kernels above 5 to a matrix product, whose sum is clamped
  /// before the bias comes; ARCS and VENUSA leave 8-bit outputs at q_x + q_w where q_o is above it.
  template <class Call>
  [[nodiscard]] luna::requantizer requantizer(const Call& images) const {
    luna::requantizer to = on_images().requantizer(images);
    if (images.on.conv.conv1d_by_matrix && kernel.n > images.on.conv.kernel) to.rule = bias ? accumulator::clamp_before_bias : accumulator::exact;
    if (!images.on.conv.conv1d_raises && images.out[0].type == dtype::int8) to.shift = std::max(to.shift, 0);
    return to;
  }
};
static_assert(operator_like<conv1d>);

}  // namespace lnn
