// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/avg_pool2d.hpp"
#include "../luna/pool.hpp"
#include "contract.hpp"

namespace lnn {

/// Mean under a window: x [n, c, h, w] -> [n, c, h', w'].  Padding counts as zeros and the divisor is the window's area,
/// as on the chips; other divisors (quantization.md 5.8) are for training alone.  A kernel of {0, 0} means the whole
/// image: global average pooling, adaptive pooling to 1 x 1.
struct avg_pool2d {
  extent2 kernel{2, 2};
  extent2 stride{2, 2};
  padding2 pad{};
  bool ceil_mode = false;
  bool count_include_pad = true;
  int divisor_override = -1;

  [[nodiscard]] constexpr bool operator==(const avg_pool2d&) const = default;
  static constexpr std::string_view name = "avg_pool2d";
  static constexpr std::string_view onnx_names[] = {"QAvgPool2d", "AvgPool2dInt", "QGlobalAveragePool2d",
                                                    "QGlobalAveragePool", "GlobalAveragePool"};
  static constexpr std::string_view arithmetic =
      "S = sum x; area a power of two: y = S_out(R(S, log2 area + q_x - q_o)); else y = S_out(div(S, area, q_o - q_x))";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::keep;
  static constexpr bool overwrites_gradients = true;
  static constexpr bool moves_grid = true;
  static constexpr auto fields =
      field_list(field{"kernel_shape", &avg_pool2d::kernel, "height and width of the window; 0 0: the whole image"},
                 field{"strides", &avg_pool2d::stride, "step of the window"},
                 field{"pads", &avg_pool2d::pad, "zeros added: top, left, bottom, right"},
                 field{"ceil_mode", &avg_pool2d::ceil_mode, "a last window may hang over the edge"},
                 field{"count_include_pad", &avg_pool2d::count_include_pad, "false: divide by the taps within the image"},
                 field{"divisor_override", &avg_pool2d::divisor_override, "divide by this instead; below 1: not"});

  [[nodiscard]] static constexpr avg_pool2d global() { return {.kernel = {0, 0}, .stride = {1, 1}}; }
  [[nodiscard]] constexpr bool whole() const { return kernel == extent2{0, 0}; }
  /// Some of the ONNX names have no kernel.
  constexpr void spelled(std::string_view onnx_name) {
    if (onnx_name.find("Global") != onnx_name.npos) *this = global();
  }

  static constexpr rule attributes{"avg_pool2d.attributes", "least of kernel and stride", "",
                                   "use values of 1 and above", "窗口与步长中的最小值", "取不小于 1 的值"};
  static constexpr rule negative_pad{"avg_pool2d.negative_pad", "least padding", "", "slice the input instead",
                                     "最小填充", "改为裁剪输入"};
  static constexpr rule output_size{"avg_pool2d.output_size", "least output extent", "", "use a smaller kernel",
                                    "输出的最小边长", "使用更小的窗口"};

  static constexpr rule engine_divisor{
      "avg_pool2d.divisor", "the engine divides by the window's area, whatever lies under it", "",
      "count the padding, without a divisor of your own", "引擎总是除以窗口面积", "计入填充，不另设除数", true};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const std::size_t before = found.refused().size();
    found.equal(limit::avg_pool2d::input_rank, in[0].rank(), 4);
    if (!whole()) found.at_least(attributes, std::min({kernel.h, kernel.w, stride.h, stride.w}), 1);
    found.at_least(negative_pad, std::min({pad.top, pad.left, pad.bottom, pad.right}), 0);
    if (found.refused().size() > before) return {};
    const window2 w = window(in[0]);
    found.at_least(output_size, std::min(w.out.h, w.out.w), 1);
    if (found.refused().size() > before) return {};
    return {in[0][0], in[0][1], w.out.h, w.out.w};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr window2 window(const shape& x) const {
    if (whole()) return window2::over({x[2], x[3]}, {x[2], x[3]}, {1, 1}, 0);
    return window2::over({x[2], x[3]}, kernel, stride, pad, {1, 1}, ceil_mode);
  }
  /// What output `place` of a plane divides by: divisor_override, else the area or the taps within the image.
  [[nodiscard]] constexpr int divisor(const window2& w, std::size_t place) const {
    if (divisor_override >= 1) return divisor_override;
    if (count_include_pad) return static_cast<int>(w.taps());
    const int i = static_cast<int>(place) / w.out.w, j = static_cast<int>(place) % w.out.w;
    return std::max(1, within(i * w.stride.h - w.pad.top, w.kernel.h, w.in.h) *
                           within(j * w.stride.w - w.pad.left, w.kernel.w, w.in.w));
  }

  /// What a chip keeps of a window's sum.
  [[nodiscard]] constexpr int sum_bits(const shape& x, const chip& on) const { return in_full(x, window(x)) ? 32 : on.pool.sum_bits; }

  // --- hardware
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    const window2 w = window(t.x());
    limit::facts f = t.facts("AvgPool2dInt");
    f.kernel = {w.kernel.h, w.kernel.w};
    f.stride = {w.stride.h, w.stride.w};
    f.pad = {pad.top, pad.left, pad.bottom, pad.right};
    f.ceil_mode = ceil_mode;
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::avg_pool2d::check(facts(t), on, found);
    const window2 w = window(t.x());
    // where an image ends early, it does so under the first or the last window
    const int area = static_cast<int>(w.taps());
    found.never(engine_divisor, divisor(w, 0) != area || divisor(w, w.out_size() - 1) != area);
  }

  static constexpr const rule* shape_rules[] = {&attributes, &negative_pad, &output_size, &engine_divisor};
  static constexpr auto rules = joined(shape_rules, limit::avg_pool2d::rules);

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    const window2 w = window(c.in[0].dims);
    c.workers.run(planes(c.in[0].dims), [&](int p) {
      const auto plane = static_cast<std::size_t>(p);
      const T* x = c.in[0].data + plane * w.in_size();
      T* y = c.out[0].data + plane * w.out_size();
      if (whole()) {
        *y = Call::kernels::sum(x, w.in_size()) * part<T>(w, 0);
        return;
      }
      std::fill_n(y, w.out_size(), T{});
      w.walk([&](std::size_t, const window2::run& r) {
        for (std::size_t n = 0; n < r.n; ++n) y[r.y + n] += x[r.x + n * r.step];
      });
      for (std::size_t i = 0; i < w.out_size(); ++i) y[i] *= part<T>(w, i);
    });
  }
  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    if (!c.grad_in[0]) return;
    const window2 w = window(c.in[0].dims);
    c.workers.run(planes(c.in[0].dims), [&](int p) {
      const auto plane = static_cast<std::size_t>(p);
      const T* dy = c.grad_out[0].data + plane * w.out_size();
      T* dx = c.grad_in[0].data + plane * w.in_size();
      if (whole()) {
        const T each = *dy * part<T>(w, 0);
        if (c.is_fresh(0)) std::fill_n(dx, w.in_size(), each);
        else for (std::size_t i = 0; i < w.in_size(); ++i) dx[i] += each;
        return;
      }
      if (c.is_fresh(0)) std::fill_n(dx, w.in_size(), T{});
      w.walk([&](std::size_t, const window2::run& r) {
        for (std::size_t n = 0; n < r.n; ++n) dx[r.x + n * r.step] += dy[r.y + n] * part<T>(w, r.y + n);
      });
    });
  }
  /// luna::average of the window's sum.
  template <class Call>
  void integer(const Call& c) const {
    const window2 w = window(c.in[0].dims);
    const int q_x = c.in[0].exponent, q_o = c.out[0].exponent;
    const int bits = sum_bits(c.in[0].dims, c.on);
    with_element(c.in[0].type, [&](auto element) {
      using T = decltype(element);
      using sum_type = std::conditional_t<(sizeof(T) < 4), std::int32_t, std::int64_t>;
      c.workers.run(planes(c.in[0].dims), [&](int p) {
        const std::size_t first = static_cast<std::size_t>(p) * w.out_size();
        auto* sum = Call::kernels::template scratch<sum_type>(0, w.out_size());
        luna::sum_plane(w, c.in[0].template as<T>() + static_cast<std::size_t>(p) * w.in_size(), sum);
        with_element(c.out[0].type, [&](auto narrow) {
          for (std::size_t i = 0; i < w.out_size(); ++i)
            c.out[0].template as<decltype(narrow)>()[first + i] =
                saturate<decltype(narrow)>(luna::average(sum[i], divisor(w, i), q_x, q_o, bits));
        });
      });
    });
  }
  /// The same on images with channels innermost.
  template <class Call>
  void integer_channels_last(const Call& c) const {
    const window2 w = window(c.in[0].dims);
    const int q_x = c.in[0].exponent, q_o = c.out[0].exponent, channels = c.in[0].dims[1];
    const int bits = sum_bits(c.in[0].dims, c.on);
    with_element(c.in[0].type, [&](auto element) {
      using T = decltype(element);
      using sum_type = std::conditional_t<(sizeof(T) < 4), std::int32_t, std::int64_t>;
      c.workers.run(c.in[0].dims[0], [&](int i) {
        const auto deep = static_cast<std::size_t>(channels), image = static_cast<std::size_t>(i) * deep;
        auto* sum = Call::kernels::template scratch<sum_type>(0, w.out_size() * deep);
        luna::sum_pixels<typename Call::kernels>(w, channels, c.in[0].template as<T>() + image * w.in_size(), sum);
        with_element(c.out[0].type, [&](auto narrow) {
          auto* y = c.out[0].template as<decltype(narrow)>() + image * w.out_size();
          for (std::size_t k = 0; k < w.out_size() * deep; ++k)
            y[k] = saturate<decltype(narrow)>(luna::average(sum[k], divisor(w, k / deep), q_x, q_o, bits));
        });
      });
    });
  }

 private:
  static constexpr int planes(const shape& x) { return x[0] * x[1]; }
  /// Taps of a window along one axis that lie in the image.
  static constexpr int within(int first, int taps, int in) {
    return std::max(0, std::min(first + taps, in) - std::max(first, 0));
  }
  template <class T>
  [[nodiscard]] T part(const window2& w, std::size_t place) const { return T(1) / static_cast<T>(divisor(w, place)); }

  /// True when the engine takes eight channels at a time.
  static constexpr bool in_parts(const shape& x, const window2& w) {
    return align_up(x[1], 8) * x[2] * align_up(x[3], 8LL * w.stride.w) > 65536;
  }
  /// The 16-bit sum of VENUS is kept (decision 8 of engine_defects.md); but its engine multiplies a whole image by a
  /// vector of ones with a 32-bit result when it has to divide, or when it works in parts (luna_ops.md 3.18, 8).
  static constexpr bool in_full(const shape& x, const window2& w) {
    const bool image = w.kernel.h == x[2] + w.pad.top + w.pad.bottom && w.kernel.w == x[3] + w.pad.left + w.pad.right;
    return image && (!std::has_single_bit(static_cast<unsigned>(w.taps())) || in_parts(x, w));
  }
};
static_assert(operator_like<avg_pool2d>);

}  // namespace lnn
