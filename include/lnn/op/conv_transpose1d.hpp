// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "conv_transpose2d.hpp"
#include "line.hpp"

namespace lnn {

/// 1-D transposed convolution, the adjoint of a conv1d: x [n, c, length], weight [c, out / group, kernel],
/// bias [out] -> [n, out, (length - 1) * stride - pads + dilation * (kernel - 1) + output_padding + 1].
struct conv_transpose1d {
  int out = 1;
  extent1 kernel = 2;
  extent1 stride = 2;
  padding1 pad{};
  extent1 dilation = 1;
  extent1 output_padding = 0;
  int group = 1;
  bool bias = true;
  int slope = 0;

  [[nodiscard]] constexpr bool operator==(const conv_transpose1d&) const = default;
  static constexpr std::string_view name = "conv_transpose1d";
  static constexpr std::string_view onnx_names[] = {"QConvTranspose1d", "ConvTranspose1dInt"};
  static constexpr std::string_view arithmetic =
      "y[i * stride - pad + p * dilation] += x[i] * w[p]; then S_out(R(S32(sum + bias), q_x + q_w - q_o)); "
      "for a negative "
      "accumulator 0 with a fused relu, one more shift with a slope";
  static constexpr std::string_view evidence = "formula only; primitives compared";
  static constexpr grid grid_rule = grid::at_most_sum;
  static constexpr bool relu_can_be_fused = true, overwrites_gradients = true;
  static constexpr auto fields = field_list(
      field{"kernel_shape", &conv_transpose1d::kernel, "length of the window"},
      field{"strides", &conv_transpose1d::stride, "step of the window over the output"},
      field{"pads", &conv_transpose1d::pad, "outputs cut off: before, behind"},
      field{"dilations", &conv_transpose1d::dilation, "distance between taps"},
      field{"output_padding", &conv_transpose1d::output_padding, "outputs added at the end"},
      field{"group", &conv_transpose1d::group, "input and output channels are cut into this many groups"},
      field{"out", &conv_transpose1d::out, "output channels", true},
      field{"bias", &conv_transpose1d::bias, "has a bias", true},
      field{"slope", &conv_transpose1d::slope,
            "negative outputs are worth 2^-slope of themselves: act_type 2 of files"});

  /// The same of images of height 1.
  [[nodiscard]] constexpr conv_transpose2d on_images() const {
    return {.out = out,
            .kernel = line::as_image(kernel),
            .stride = line::as_image(stride),
            .pad = line::as_image(pad),
            .dilation = line::as_image(dilation),
            .output_padding = {0, output_padding.n},
            .group = group,
            .bias = bias,
            .slope = slope};
  }

  // --- shapes
  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const shape& x = in[0];
    const std::size_t before = found.refused().size();
    found.equal(line::input_rank, x.rank(), 3);
    found.at_least(line::attributes, std::min({out, kernel.n, stride.n, dilation.n, group}), 1);
    found.at_least(line::negative_pad, std::min(pad.before, pad.behind), 0);
    found.within(conv_transpose2d::more_output, output_padding.n, 0, std::max(stride.n, dilation.n) - 1);
    found.within(slope::range, slope, 0, 31);
    if (found.refused().size() > before) return {};
    found.equal(conv_transpose2d::group_input, x[1] % group, 0);
    found.equal(conv_transpose2d::group_output, out % group, 0);
    const int length = on_images().adjoint(line::as_image(x)).in.w;
    found.at_least(line::output_length, length, 1);
    if (found.refused().size() > before) return {};
    return {x[0], out, length};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    parameter_list p{{"weight", role::weight, {in[0][1], out / group, kernel.n}}};
    if (bias) p.push_back({"bias", role::bias, {out}});
    return p;
  }

  // --- hardware
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("ConvTranspose1dInt"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::check_supported(facts(t).op, on, found);
  }

  static constexpr const rule* rules[] = {&line::input_rank,
                                          &line::attributes,
                                          &line::negative_pad,
                                          &conv_transpose2d::more_output,
                                          &conv_transpose2d::group_input,
                                          &conv_transpose2d::group_output,
                                          &line::output_length,
                                          &slope::range,
                                          &limit::unsupported};

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().forward(images); });
  }
  template <class Call>
  void backward(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().backward(images); });
  }
  /// As conv_transpose2d.
  template <class Call>
  void integer(const Call& c) const {
    line::as_images(c, [&](const auto& images) { on_images().integer(images); });
  }
  template <class Call>
  [[nodiscard]] luna::requantizer requantizer(const Call& images) const {
    return on_images().requantizer(images);
  }
};
static_assert(operator_like<conv_transpose1d>);

}  // namespace lnn
