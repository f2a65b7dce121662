// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/conv_transpose2d.hpp"
#include "../luna/requantize.hpp"
#include "../luna/spread.hpp"
#include "contract.hpp"
#include "image_sums.hpp"
#include "slope.hpp"

namespace lnn {

/// 2-D transposed convolution, the adjoint of a conv2d: x [n, c, h, w], weight [c, out / group, kernel.h,
/// kernel.w], bias [out] -> [n, out, h', w'] with
/// h' = (h - 1) * stride - pads + dilation * (kernel - 1) + output_padding + 1.
struct conv_transpose2d {
  int out = 1;
  extent2 kernel{2, 2};
  extent2 stride{2, 2};
  padding2 pad{};
  extent2 dilation{1, 1};
  extent2 output_padding{0, 0};
  int group = 1;
  bool bias = true;
  int slope = 0;

  [[nodiscard]] constexpr bool operator==(const conv_transpose2d&) const = default;
  static constexpr std::string_view name = "conv_transpose2d";
  static constexpr std::string_view onnx_names[] = {"QConvTranspose2d", "ConvTranspose2dInt"};
  static constexpr std::string_view arithmetic =
      "y[i * stride - pad + p * dilation] += x[i] * w[p]; then S_out(R(S32(sum + bias), q_x + q_w - q_o)); "
      "for a negative accumulator 0 with a fused relu, one more shift with a slope";
  static constexpr std::string_view evidence =
      "recorded simulator cases on arcs, venusA; on venus primitives compared";
  static constexpr grid grid_rule = grid::at_most_sum;
  // the output channels are no axis 0 of the weight, so batch norm stays a layer of its own
  static constexpr bool relu_can_be_fused = true, overwrites_gradients = true;
  static constexpr auto fields = field_list(
      field{"kernel_shape", &conv_transpose2d::kernel, "height and width of the window"},
      field{"strides", &conv_transpose2d::stride, "step of the window over the output"},
      field{"pads", &conv_transpose2d::pad, "outputs cut off: top, left, bottom, right"},
      field{"dilations", &conv_transpose2d::dilation, "distance between taps"},
      field{"output_padding", &conv_transpose2d::output_padding,
            "outputs added at the bottom and on the right"},
      field{"group", &conv_transpose2d::group, "input and output channels are cut into this many groups"},
      field{"out", &conv_transpose2d::out, "output channels", true},
      field{"bias", &conv_transpose2d::bias, "has a bias", true},
      field{"slope", &conv_transpose2d::slope,
            "negative outputs are worth 2^-slope of themselves: act_type 2 of files"});

  // --- shapes
  static constexpr rule attributes{
      "conv_transpose2d.attributes", "least of out, kernel, stride, dilation and group", "",
      "use values of 1 and above", "out、卷积核、步长、膨胀系数与分组数中的最小值", "取不小于 1 的值"};
  static constexpr rule negative_pad{
      "conv_transpose2d.negative_pad", "least padding", "", "use output_padding instead", "最小填充",
      "改用 output_padding"};
  static constexpr rule more_output{
      "conv_transpose2d.output_padding", "output padding", "", "stay below the stride or the dilation",
      "输出填充", "小于步长或膨胀系数"};
  static constexpr rule group_input{
      "conv_transpose2d.group_input", "input channels left over by the groups", "",
      "choose a group that divides the input channels", "分组后剩余的输入通道数", "选择能整除输入通道数的分组数"};
  static constexpr rule group_output{
      "conv_transpose2d.group_output", "output channels left over by the groups", "",
      "choose a group that divides the output channels", "分组后剩余的输出通道数", "选择能整除输出通道数的分组数"};
  static constexpr rule output_size{
      "conv_transpose2d.output_size", "least output extent", "", "pad less", "输出的最小边长", "减小填充"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const shape& x = in[0];
    const std::size_t before = found.refused().size();
    found.equal(limit::conv_transpose2d::input_rank, x.rank(), 4);
    found.at_least(attributes,
                   std::min({out, kernel.h, kernel.w, stride.h, stride.w, dilation.h, dilation.w, group}), 1);
    found.at_least(negative_pad, std::min({pad.top, pad.left, pad.bottom, pad.right}), 0);
    found.within(more_output, output_padding.h, 0, std::max(stride.h, dilation.h) - 1);
    found.within(more_output, output_padding.w, 0, std::max(stride.w, dilation.w) - 1);
    found.within(slope::range, slope, 0, 31);
    if (found.refused().size() > before) return {};
    found.equal(group_input, x[1] % group, 0);
    found.equal(group_output, out % group, 0);
    const extent2 size = adjoint(x).in;
    found.at_least(output_size, std::min(size.h, size.w), 1);
    if (found.refused().size() > before) return {};
    return {x[0], out, size.h, size.w};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    parameter_list p{{"weight", role::weight, {in[0][1], out / group, kernel.h, kernel.w}}};
    if (bias) p.push_back({"bias", role::bias, {out}});
    return p;
  }
  /// The window of the convolution that leads from the outputs back to the inputs.
  [[nodiscard]] constexpr window2 adjoint(const shape& x) const {
    const extent2 size{extent(x[2], kernel.h, stride.h, pad.top + pad.bottom, dilation.h, output_padding.h),
                       extent(x[3], kernel.w, stride.w, pad.left + pad.right, dilation.w, output_padding.w)};
    return {size, kernel, stride, dilation, pad, {x[2], x[3]}};
  }

  // --- hardware
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("ConvTranspose2dInt");
    f.weight = t.parameters[0];
    if (t.parameters.size() > 1) f.bias = t.parameters[1];
    f.kernel = {kernel.h, kernel.w};
    f.stride = {stride.h, stride.w};
    f.pad = {pad.top, pad.left, pad.bottom, pad.right};
    f.dilation = {dilation.h, dilation.w};
    f.output_padding = {output_padding.h, output_padding.w};
    f.group = group;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    const limit::facts f = facts(t);
    limit::conv_transpose2d::check(f, on, found);
    slope::check(slope, f, found);
  }

  static constexpr const rule* shape_rules[] = {
      &attributes,   &negative_pad, &more_output,  &group_input,
      &group_output, &output_size,  &slope::range, &slope::engine_slope};
  static constexpr auto rules = joined(shape_rules, limit::conv_transpose2d::rules);

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const geometry g(*this, c.in[0].dims);
    c.workers.run(g.images, [&](int image) {
      const T* x = c.in[0].data + at(image) * g.inputs();
      T* y = c.out[0].data + at(image) * g.outputs();
      for (int o = 0; o < out; ++o) std::fill_n(y + at(o) * at(g.to), g.to, bias ? c.in[2][at(o)] : T{});
      T* columns = K::template scratch<T>(0, at(g.depth) * at(g.from));
      for (int i = 0; i < group; ++i) {
        K::gemm(true, false, g.depth, g.from, g.deep, c.in[1].data + g.weight(i), g.depth, x + g.input(i),
                g.from, false, columns, g.from);
        K::col2im(g.window, g.wide, columns, y + g.output(i));
      }
    });
    slope::bend(slope, c);
  }

  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const geometry g(*this, c.in[0].dims);
    T* dw = c.grad_in[1].data;
    T* db = bias ? c.grad_in[2].data : nullptr;
    const T* gradient = slope::gradient(slope, c);
    const image_sums<K, T> sums(g.images, dw ? c.in[1].size() : 0, db ? at(out) : 0);
    sums.each_piece(c.workers, [&](std::size_t first, std::size_t last, T* dw_part, T* db_part) {
      for (std::size_t image = first; image < last; ++image) {
        const T* x = c.in[0].data + image * g.inputs();
        const T* dy = gradient + image * g.outputs();
        for (int o = 0; db && o < out; ++o) db_part[o] += K::sum(dy + at(o) * at(g.to), at(g.to));
        T* columns = K::template scratch<T>(0, at(g.depth) * at(g.from));
        for (int i = 0; i < group; ++i) {
          K::im2col(g.window, g.wide, dy + g.output(i), columns);
          if (dw)
            K::gemm(false, true, g.deep, g.depth, g.from, x + g.input(i), g.from, columns, g.from, true, dw_part + g.weight(i), g.depth);
          if (c.grad_in[0])
            K::gemm(false, false, g.deep, g.from, g.depth, c.in[1].data + g.weight(i), g.depth, columns,
                    g.from, !c.is_fresh(0), c.grad_in[0].data + image * g.inputs() + g.input(i), g.from);
        }
      }
    });
    sums.join(c.workers, dw, c.is_fresh(1), db, c.is_fresh(2));
  }

  /// y = S_out(R(S32(sum + bias), q_x + q_w - q_o)) (luna_ops.md 2.1, 3.3), as a convolution of the input with zeros between
  /// its pixels.
  template <class Call>
  void integer(const Call& c) const {
    const geometry g(*this, c.in[0].dims);
    luna::convolution t = task(c);
    t.window = luna::transposed(g.window);
    t.x = spread<typename Call::kernels>(c.in[0], g, c.workers);
    t.weight = turned<typename Call::kernels>(c.in[1], g);
    Call::kernels::convolve(t, requantizer(c), c.workers);
  }
  /// What is computed: the window is the adjoint's, the weights are [c, out / group, kernel.h, kernel.w].
  template <class Call>
  [[nodiscard]] luna::convolution task(const Call& c) const {
    const shape& x = c.in[0].dims;
    return {.window = adjoint(x),
            .images = x[0],
            .channels_in = x[1],
            .channels_out = out,
            .groups = group,
            .x = c.in[0],
            .weight = c.in[1],
            .bias = c.in.size() > 2 ? c.in[2].template as<std::int32_t>() : nullptr};
  }
  template <class Call>
  [[nodiscard]] luna::requantizer requantizer(const Call& c) const {
    return {.out = c.out[0],
            .shift = c.in[0].exponent + c.in[1].exponent - c.out[0].exponent,
            .relu = c.relu,
            .slope = slope,
            .rule = accumulator::clamp_with_bias,
            .watch = c.watch};
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

  /// Wide numbers first: attributes of files may be anything.
  static constexpr int extent(int in, int kernel, int stride, int pads, int dilation, int more) {
    const long long n =
        (in - 1LL) * stride - pads + static_cast<long long>(dilation) * (kernel - 1) + more + 1;
    return static_cast<int>(std::clamp(n, -1LL, 0x7fffffffLL));
  }

  /// Sizes of the matrices that stand for one group of one image, and where groups begin.
  struct geometry {
    window2 window;
    int images, groups, deep, wide;  ///< channels of one group: of x, of y
    int from, to, depth;             ///< pixels of x, pixels of y, rows of the columns

    geometry(const conv_transpose2d& op, const shape& x)
        : window(op.adjoint(x)),
          images(x[0]),
          groups(op.group),
          deep(x[1] / op.group),
          wide(op.out / op.group),
          from(x[2] * x[3]),
          to(window.in.h * window.in.w),
          depth(wide * static_cast<int>(window.taps())) {}

    [[nodiscard]] std::size_t input(int which) const { return at(which) * at(deep) * at(from); }
    [[nodiscard]] std::size_t output(int which) const { return at(which) * at(wide) * at(to); }
    [[nodiscard]] std::size_t weight(int which) const { return at(which) * at(deep) * at(depth); }
    /// Elements of one image.
    [[nodiscard]] std::size_t inputs() const { return input(groups); }
    [[nodiscard]] std::size_t outputs() const { return output(groups); }
  };

  /// The input with zeros between its pixels, in scratch memory.
  template <class K, class Pool>
  static integer_view spread(const integer_view& x, const geometry& g, Pool& workers) {
    integer_view out = x;
    const std::size_t size = luna::transposed(g.window).in_size();
    with_element(x.type, [&](auto element) {
      using T = decltype(element);
      T* to = K::template scratch<T>(0, at(g.images) * at(g.deep * g.groups) * size);
      out.data = to;
      workers.run(g.images * g.deep * g.groups, [&](int plane) {
        luna::spread_plane(g.window.out, g.window.stride, x.as<const T>() + at(plane) * at(g.from),
                           to + at(plane) * size);
      });
    });
    return out;
  }
  template <class K>
  static integer_view turned(const integer_view& weight, const geometry& g) {
    integer_view out = weight;
    with_element(weight.type, [&](auto element) {
      using T = decltype(element);
      T* to = K::template scratch<T>(1, weight.size());
      out.data = to;
      luna::turn_kernels(g.groups, g.deep, g.wide, static_cast<int>(g.window.taps()), weight.as<const T>(),
                         to);
    });
    return out;
  }
};
static_assert(operator_like<conv_transpose2d>);

}  // namespace lnn
