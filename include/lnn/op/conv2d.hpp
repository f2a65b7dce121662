// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/planes.hpp"
#include "../limit/conv2d.hpp"
#include "../luna/requantize.hpp"
#include "../luna/task.hpp"
#include "contract.hpp"
#include "image_sums.hpp"
#include "slope.hpp"

namespace lnn {

/// 2-D convolution: x [n, c, h, w], weight [out, c / group, kernel.h, kernel.w], bias [out] -> [n, out, h', w'].
/// `group` = c makes it depthwise when out = c as well.
struct conv2d {
  int out = 1;
  extent2 kernel{3, 3};
  extent2 stride{1, 1};
  padding2 pad{};
  extent2 dilation{1, 1};
  int group = 1;
  bool bias = true;
  int slope = 0;

  [[nodiscard]] constexpr bool operator==(const conv2d&) const = default;
  static constexpr std::string_view name = "conv2d";
  static constexpr std::string_view onnx_names[] = {"QConv2d", "Conv2dInt"};
  static constexpr std::string_view arithmetic =
      "y = S_out(R(S32(sum x * w + bias), q_x + q_w - q_o)); for a negative accumulator 0 with a fused relu, one "
      "more shift with a slope";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::at_most_sum;
  static constexpr bool relu_can_be_fused = true, batch_norm_can_be_folded = true, overwrites_gradients = true;
  static constexpr auto fields = field_list(
      field{"kernel_shape", &conv2d::kernel, "height and width of the window"},
      field{"strides", &conv2d::stride, "step of the window"},
      field{"pads", &conv2d::pad, "zeros added: top, left, bottom, right"},
      field{"dilations", &conv2d::dilation, "distance between taps"},
      field{"group", &conv2d::group, "input and output channels are cut into this many groups"},
      field{"out", &conv2d::out, "output channels", true}, field{"bias", &conv2d::bias, "has a bias", true},
      field{"slope", &conv2d::slope, "negative outputs are worth 2^-slope of themselves: act_type 2 of files"});

  // --- shapes
  static constexpr rule attributes{"conv2d.attributes", "least of out, kernel, stride, dilation and group", "",
                                   "use values of 1 and above", "out、卷积核、步长、膨胀系数与分组数中的最小值",
                                   "取不小于 1 的值"};
  static constexpr rule negative_pad{"conv2d.negative_pad", "least padding", "", "slice the input instead", "最小填充",
                                     "改为裁剪输入"};
  static constexpr rule group_input{"conv2d.group_input", "input channels left over by the groups", "",
                                    "choose a group that divides the input channels", "分组后剩余的输入通道数",
                                    "选择能整除输入通道数的分组数"};
  static constexpr rule output_height{"conv2d.output_height", "output height", "",
                                      "pad the input or use a smaller kernel", "输出高度",
                                      "填充输入或使用更小的卷积核"};
  static constexpr rule output_width{"conv2d.output_width", "output width", "",
                                     "pad the input or use a smaller kernel", "输出宽度", "填充输入或使用更小的卷积核"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const shape& x = in[0];
    const std::size_t before = found.refused().size();
    found.equal(limit::conv2d::input_rank, x.rank(), 4);
    found.at_least(attributes, std::min({out, kernel.h, kernel.w, stride.h, stride.w, dilation.h, dilation.w, group}), 1);
    found.at_least(negative_pad, std::min({pad.top, pad.left, pad.bottom, pad.right}), 0);
    found.within(slope::range, slope, 0, 31);
    if (found.refused().size() > before) return {};
    found.equal(group_input, x[1] % group, 0);
    found.equal(limit::conv2d::group_output, out % group, 0);
    const window2 w = window(x);
    found.at_least(output_height, w.out.h, 1);
    found.at_least(output_width, w.out.w, 1);
    if (found.refused().size() > before) return {};
    return {x[0], out, w.out.h, w.out.w};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    parameter_list p{{"weight", role::weight, {out, in[0][1] / group, kernel.h, kernel.w}}};
    if (bias) p.push_back({"bias", role::bias, {out}});
    return p;
  }
  [[nodiscard]] constexpr window2 window(const shape& x) const {
    return window2::over({x[2], x[3]}, kernel, stride, pad, dilation);
  }
  [[nodiscard]] constexpr bool depthwise(const shape& x) const { return group == x[1] && group == out && group > 1; }

  // --- hardware
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("Conv2dInt");
    f.weight = t.parameters[0];
    if (t.parameters.size() > 1) f.bias = t.parameters[1];
    f.kernel = {kernel.h, kernel.w};
    f.stride = {stride.h, stride.w};
    f.pad = {pad.top, pad.left, pad.bottom, pad.right};
    f.dilation = {dilation.h, dilation.w};
    f.group = group;
    f.options.dma_prefetch = false;  // a choice of whoever packs
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    const limit::facts f = facts(t);
    limit::conv2d::check(f, on, found);
    slope::check(slope, f, found);
  }

  static constexpr const rule* shape_rules[] = {&attributes, &negative_pad, &group_input, &output_height, &output_width,
                                                &slope::range, &slope::engine_slope};
  static constexpr auto rules = joined(shape_rules, limit::conv2d::rules);

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const shape x = c.in[0].dims;
    const window2 w = window(x);
    const std::size_t in = w.in_size(), to = w.out_size(), taps = w.taps();
    const int deep = x[1] / group, wide = out / group;
    const T* weight = c.in[1].data;
    const T* start = bias ? c.in[2].data : nullptr;
    if (depthwise(x)) {
      c.workers.ranges(at(x[0]), std::min(x[0], fixed_pieces), [&](int, std::size_t first, std::size_t last) {
        const T* from = c.in[0].data + first * at(x[1]) * in;
        T* y = c.out[0].data + first * at(out) * to;
        K::depthwise_forward(w, group, stack(last - first, x, w), from, weight, start, y);
      });
      return slope::bend(slope, c);
    }
    const int most = std::clamp(ceil_div(x[0], c.workers.threads()), 1, together(to));
    c.workers.run(ceil_div(x[0], most), [&](int some) {
      const int image = some * most, images = std::min(most, x[0] - image), n = images * as_int(to), depth = deep * as_int(taps);
      const T* from = c.in[0].data + at(image) * at(x[1]) * in;
      T* y = c.out[0].data + at(image) * at(out) * to;
      T* rows = images == 1 ? y : K::template scratch<T>(1, at(wide) * at(n));
      for (int g = 0; g < group; ++g, rows += images == 1 ? at(wide) * to : 0) {
        for (int o = 0; start && o < wide; ++o) std::fill_n(rows + o * n, n, start[g * wide + o]);
        K::gemm(false, false, wide, n, depth, weight + at(g * wide) * at(depth), depth,
                columns_of<K>(w, deep, from + at(g * deep) * in, images, at(x[1]) * in), n, start != nullptr, rows, n);
        for (int k = 0; images > 1 && k < images; ++k)
          for (int o = 0; o < wide; ++o) std::copy_n(rows + o * n + k * as_int(to), to, y + (at(k) * at(out) + at(g * wide + o)) * to);
      }
    });
    slope::bend(slope, c);
  }

  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const shape x = c.in[0].dims;
    const window2 w = window(x);
    const std::size_t in = w.in_size(), to = w.out_size(), taps = w.taps(), weights = c.in[1].size();
    const int deep = x[1] / group, wide = out / group, depth = deep * as_int(taps);
    const T* weight = c.in[1].data;
    T* dw = c.grad_in[1].data;
    T* db = bias ? c.grad_in[2].data : nullptr;
    const T* gradient = slope::gradient(slope, c);
    const bool by_plane = depthwise(x);
    const image_sums<K, T> sums(x[0], dw ? weights : 0, db ? at(out) : 0);
    sums.each_piece(c.workers, [&](std::size_t first, std::size_t last, T* dw_part, T* db_part) {
      if (by_plane) {
        const image_stack images = stack(last - first, x, w);
        const T* dy = gradient + first * at(out) * to;
        if (dw) K::depthwise_backward_weight(w, group, images, c.in[0].data + first * at(x[1]) * in, dy, dw_part);
        if (c.grad_in[0]) K::depthwise_backward_input(w, group, images, weight, dy, c.is_fresh(0), c.grad_in[0].data + first * at(x[1]) * in);
      }
      for (int images = 0; first < last; first += at(images)) {
        images = by_plane ? 1 : std::min(together(to), as_int(last - first));
        const int n = images * as_int(to);
        const T* from = c.in[0].data + first * at(x[1]) * in;
        const T* dy = gradient + first * at(out) * to;
        T* dx = c.grad_in[0] ? c.grad_in[0].data + first * at(x[1]) * in : nullptr;
        const bool straight = images == 1 && w.pointwise();
        if (dx && c.is_fresh(0) && !straight && !by_plane) std::fill_n(dx, at(images) * at(x[1]) * in, T{});
        for (int i = 0; db && i < images * out; ++i) db_part[i % out] += K::sum(dy + at(i) * to, to);
        for (int g = 0; g < group && !by_plane; ++g) {
          const T* dy_g = dy + at(g * wide) * to;
          if (images > 1) {
            T* rows = K::template scratch<T>(4, at(wide) * at(n));
            for (int k = 0; k < images; ++k)
              for (int o = 0; o < wide; ++o) std::copy_n(dy_g + (at(k) * at(out) + at(o)) * to, to, rows + o * n + k * as_int(to));
            dy_g = rows;
          }
          const std::size_t place = at(g * wide * deep) * taps;
          if (dw)
            K::gemm(false, true, wide, depth, n, dy_g, n, columns_of<K>(w, deep, from + at(g * deep) * in, images, at(x[1]) * in), n, true,
                    dw_part + place, depth);
          if (!dx) continue;
          if (straight) {
            K::gemm(true, false, deep, n, wide, weight + place, deep, dy_g, n, !c.is_fresh(0), dx + at(g * deep) * in, n);
            continue;
          }
          T* columns = K::template scratch<T>(1, at(depth) * at(n));
          K::gemm(true, false, depth, n, wide, weight + place, depth, dy_g, n, false, columns, n);
          K::col2im(w, deep, columns, dx + at(g * deep) * in, images, at(x[1]) * in);
        }
      }
    });
    sums.join(c.workers, dw, c.is_fresh(1), db, c.is_fresh(2));
  }

  /// y = S_out(R(S32(sum + bias), q_x + q_w - q_o)) (luna_ops.md 2.1).
  template <class Call>
  void integer(const Call& c) const {
    Call::kernels::convolve(task(c), requantizer(c), c.workers);
  }
  /// The integer convolution of a call, and how it ends: operators that differ in the end alone change that.
  template <class Call>
  [[nodiscard]] luna::convolution task(const Call& c) const {
    const shape x = c.in[0].dims;
    return {.window = window(x),
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
    const bool in_float = c.in[0].type == dtype::int16 && c.in[1].type == dtype::int16 && c.out[0].type == dtype::int8 &&
                          c.on.conv.int16_in_float;
    return {.out = c.out[0],
            .shift = c.in[0].exponent + c.in[1].exponent - c.out[0].exponent,
            .relu = c.relu,
            .slope = slope,
            .rule = in_float ? accumulator::clamp_before_bias : accumulator::clamp_with_bias,
            .watch = c.watch,
            .in_float = in_float};
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
  static constexpr int as_int(std::size_t n) { return static_cast<int>(n); }

  [[nodiscard]] image_stack stack(std::size_t images, const shape& x, const window2& w) const {
    return {as_int(images), static_cast<std::ptrdiff_t>(at(x[1]) * w.in_size()), static_cast<std::ptrdiff_t>(at(out) * w.out_size())};
  }

  /// How many images of few outputs make one product, so that its matrices are wide enough to be fast.
  [[nodiscard]] static constexpr int together(std::size_t outputs) { return as_int(std::max<std::size_t>(128 / std::max<std::size_t>(outputs, 1), 1)); }

  /// The inputs, `step` elements apart, as a matrix [channels * taps, images * outputs]; the input itself when the kernel is a
  /// single tap in place.
  template <class K, class T>
  static const T* columns_of(const window2& w, int channels, const T* x, int images, std::size_t step) {
    if (images == 1 && w.pointwise()) return x;
    T* columns = K::template scratch<T>(0, at(channels) * w.taps() * w.out_size() * at(images));
    K::im2col(w, channels, x, columns, images, step);
    return columns;
  }
};
static_assert(operator_like<conv2d>);

}  // namespace lnn
