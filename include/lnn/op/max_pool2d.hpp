// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/max_pool2d.hpp"
#include "../luna/pool.hpp"
#include "contract.hpp"

namespace lnn {

/// Greatest element under a window: x [n, c, h, w] -> [n, c, h', w'].  Padding never wins.  Keeps the exponent.
/// A kernel of {0, 0} means the whole image: global max pooling, adaptive pooling to 1 x 1.
struct max_pool2d {
  extent2 kernel{2, 2};
  extent2 stride{2, 2};
  padding2 pad{};
  bool ceil_mode = false;

  [[nodiscard]] constexpr bool operator==(const max_pool2d&) const = default;
  static constexpr std::string_view name = "max_pool2d";
  static constexpr std::string_view onnx_names[] = {"MaxPool", "iqMaxPool2d", "GlobalMaxPool"};
  static constexpr std::string_view arithmetic =
      "y = max x under the window; padding never wins";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::keep;
  static constexpr bool overwrites_gradients = true;
  static constexpr auto fields =
      field_list(field{"kernel_shape", &max_pool2d::kernel, "height and width of the window; 0 0: the whole image"},
                 field{"strides", &max_pool2d::stride, "step of the window"},
                 field{"pads", &max_pool2d::pad, "top, left, bottom, right"},
                 field{"ceil_mode", &max_pool2d::ceil_mode, "a last window may hang over the edge"});

  [[nodiscard]] static constexpr max_pool2d global() { return {.kernel = {0, 0}, .stride = {1, 1}}; }
  [[nodiscard]] constexpr bool whole() const { return kernel == extent2{0, 0}; }
  /// One of the ONNX names has no kernel.
  constexpr void spelled(std::string_view onnx_name) {
    if (onnx_name == "GlobalMaxPool") *this = global();
  }

  static constexpr rule attributes{"max_pool2d.attributes", "least of kernel and stride", "",
                                   "use values of 1 and above", "窗口与步长中的最小值", "取不小于 1 的值"};
  static constexpr rule negative_pad{"max_pool2d.negative_pad", "least padding", "", "slice the input instead",
                                     "最小填充", "改为裁剪输入"};
  static constexpr rule output_size{"max_pool2d.output_size", "least output extent", "", "use a smaller kernel",
                                    "输出的最小边长", "使用更小的窗口"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const std::size_t before = found.refused().size();
    found.equal(limit::max_pool2d::input_rank, in[0].rank(), 4);
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
    if (whole()) return window2::over({x[2], x[3]}, {x[2], x[3]}, {1, 1}, {});
    return window2::over({x[2], x[3]}, kernel, stride, pad, {1, 1}, ceil_mode);
  }

  // --- hardware
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    const window2 w = window(t.x());
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

  static constexpr const rule* shape_rules[] = {&attributes, &negative_pad, &output_size};
  static constexpr auto rules = joined(shape_rules, limit::max_pool2d::rules);

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    const window2 w = window(c.in[0].dims);
    c.workers.run(planes(c.in[0].dims), [&](int p) {
      const auto plane = static_cast<std::size_t>(p);
      using T = typename Call::scalar;
      T* y = c.out[0].data + plane * w.out_size();
      const T* x = c.in[0].data + plane * w.in_size();
      if (w.quarters()) return Call::kernels::max_square(w, x, y);
      std::fill_n(y, w.out_size(), std::numeric_limits<T>::lowest());
      w.walk([&](std::size_t, const window2::run& r) { Call::kernels::max_run(r.n, x + r.x, r.step, y + r.y); });
    });
  }
  /// The gradient goes to the first element, in tap order, that reached the maximum.
  template <class Call>
  void backward(const Call& c) const {
    if (!c.grad_in[0]) return;
    const window2 w = window(c.in[0].dims);
    c.workers.run(planes(c.in[0].dims), [&](int p) {
      using T = typename Call::scalar;
      const auto plane = static_cast<std::size_t>(p);
      const T* x = c.in[0].data + plane * w.in_size();
      const T* y = c.out[0].data + plane * w.out_size();
      const T* dy = c.grad_out[0].data + plane * w.out_size();
      T* dx = c.grad_in[0].data + plane * w.in_size();
      if (w.quarters() && c.is_fresh(0)) return Call::kernels::max_square_backward(w, x, y, dy, dx);
      if (c.is_fresh(0)) std::fill_n(dx, w.in_size(), T{});
      auto* open = Call::kernels::template scratch<std::uint32_t>(0, w.out_size());
      std::fill_n(open, w.out_size(), ~std::uint32_t{0});
      w.walk([&](std::size_t, const window2::run& r) {
        Call::kernels::max_run_backward(r.n, x + r.x, r.step, y + r.y, dy + r.y, open + r.y, dx + r.x);
      });
    });
  }
  template <class Call>
  void integer(const Call& c) const {
    const window2 w = window(c.in[0].dims);
    require_type(name, c.out[0], c.in[0].type);
    with_element(c.in[0].type, [&](auto element) {
      using T = decltype(element);
      c.workers.run(planes(c.in[0].dims), [&](int p) {
        const auto plane = static_cast<std::size_t>(p);
        luna::max_plane<typename Call::kernels>(w, c.in[0].template as<T>() + plane * w.in_size(),
                        c.out[0].template as<T>() + plane * w.out_size());
      });
    });
  }
  /// The same on images with channels innermost.
  template <class Call>
  void integer_channels_last(const Call& c) const {
    const window2 w = window(c.in[0].dims);
    const int channels = c.in[0].dims[1];
    require_type(name, c.out[0], c.in[0].type);
    with_element(c.in[0].type, [&](auto element) {
      using T = decltype(element);
      c.workers.run(c.in[0].dims[0], [&](int i) {
        const std::size_t image = static_cast<std::size_t>(i) * static_cast<std::size_t>(channels);
        luna::max_pixels<typename Call::kernels>(w, channels, c.in[0].template as<T>() + image * w.in_size(), c.out[0].template as<T>() + image * w.out_size());
      });
    });
  }

 private:
  static constexpr int planes(const shape& x) { return x[0] * x[1]; }
};
static_assert(operator_like<max_pool2d>);

}  // namespace lnn
