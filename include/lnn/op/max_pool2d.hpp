// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/pool.hpp"
#include "contract.hpp"

namespace lnn {

/// Greatest element under a window: x [n, c, h, w] -> [n, c, h', w'].  Padding never wins.  Keeps the exponent.
struct max_pool2d {
  extent2 kernel{2, 2};
  extent2 stride{2, 2};
  padding2 pad{};
  bool ceil_mode = false;

  static constexpr std::string_view name = "max_pool2d";
  static constexpr std::string_view onnx_names[] = {"MaxPool", "iqMaxPool2d"};
  static constexpr std::string_view arithmetic =
      "y = max x under the window; padding never wins";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields =
      field_list(field{"kernel_shape", &max_pool2d::kernel, "height and width of the window"},
                 field{"strides", &max_pool2d::stride, "step of the window"},
                 field{"pads", &max_pool2d::pad, "top, left, bottom, right"},
                 field{"ceil_mode", &max_pool2d::ceil_mode, "a last window may hang over the edge"});

  static constexpr rule input_rank{"max_pool2d.input_rank", "rank of the input", "", "give it [n, c, h, w]",
                                   "输入的维数", "使用 [n, c, h, w]"};
  static constexpr rule attributes{"max_pool2d.attributes", "least of kernel and stride", "",
                                   "use values of 1 and above", "窗口与步长中的最小值", "取不小于 1 的值"};
  static constexpr rule negative_pad{"max_pool2d.negative_pad", "least padding", "", "slice the input instead",
                                     "最小填充", "改为裁剪输入"};
  static constexpr rule output_size{"max_pool2d.output_size", "least output extent", "", "use a smaller kernel",
                                    "输出的最小边长", "使用更小的窗口"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const std::size_t before = found.refused().size();
    found.equal(input_rank, in[0].rank(), 4);
    found.at_least(attributes, std::min({kernel.h, kernel.w, stride.h, stride.w}), 1);
    found.at_least(negative_pad, std::min({pad.top, pad.left, pad.bottom, pad.right}), 0);
    if (found.refused().size() > before) return {};
    const window2 w = window(in[0]);
    found.at_least(output_size, std::min(w.out.h, w.out.w), 1);
    if (found.refused().size() > before) return {};
    return {in[0][0], in[0][1], w.out.h, w.out.w};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr window2 window(const shape& x) const {
    return window2::over({x[2], x[3]}, kernel, stride, pad, {1, 1}, ceil_mode);
  }

  // --- hardware (hardware_constraints.md section 5)
  static constexpr rule kernel_size{"max_pool2d.kernel_size", "kernel", "", "pool twice with smaller kernels"};
  static constexpr rule padding{"max_pool2d.padding", "padding", "", "pad less"};
  static constexpr rule kernel_below_stride{"max_pool2d.kernel_below_stride", "kernel", "", "use a stride up to the kernel"};
  static constexpr rule pad_above_kernel{"max_pool2d.pad_above_kernel", "padding", "", "pad up to the kernel's size"};
  static constexpr rule ceil{"max_pool2d.ceil_mode", "a window that hangs over the edge reads stray data", "",
                             "pad the input so that the windows fit"};

  constexpr void check(std::span<const shape> in, const chip& on, verdict& found) const {
    const shape& x = in[0];
    found.at_least(kernel_below_stride, kernel.h, stride.h);
    found.at_least(kernel_below_stride, kernel.w, stride.w);
    found.at_most(pad_above_kernel, std::max(pad.top, pad.bottom), kernel.h);
    found.at_most(pad_above_kernel, std::max(pad.left, pad.right), kernel.w);
    const bool whole = kernel.h == x[2] + pad.top + pad.bottom || kernel.w == x[3] + pad.left + pad.right;
    if (on.pool.kernel > 0 && !whole) {
      found.at_most(kernel_size, std::max(kernel.h, kernel.w), on.pool.kernel);
      found.at_most(padding, std::max({pad.top, pad.left, pad.bottom, pad.right}), on.pool.pad);
    }
    max_pool2d floor = *this;
    floor.ceil_mode = false;
    found.never(ceil, !on.pool.ceil_mode && !(window(x).out == floor.window(x).out));
  }

  static constexpr const rule* rules[] = {&input_rank, &attributes, &negative_pad, &output_size,
                                          &kernel_size, &padding, &kernel_below_stride, &pad_above_kernel,
                                          &ceil};

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    const window2 w = window(c.in[0].dims);
    c.workers.run(planes(c.in[0].dims), [&](int p) {
      const auto plane = static_cast<std::size_t>(p);
      using T = typename Call::scalar;
      T* y = c.out[0].data + plane * w.out_size();
      const T* x = c.in[0].data + plane * w.in_size();
      std::fill_n(y, w.out_size(), std::numeric_limits<T>::lowest());
      w.walk([&](std::size_t, const window2::run& r) {
        for (std::size_t n = 0; n < r.n; ++n) y[r.y + n] = std::max(y[r.y + n], x[r.x + n * r.step]);
      });
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
      auto* open = Call::kernels::template scratch<unsigned char>(0, w.out_size());
      std::fill_n(open, w.out_size(), static_cast<unsigned char>(1));
      w.walk([&](std::size_t, const window2::run& r) {
        for (std::size_t n = 0; n < r.n; ++n)
          if (open[r.y + n] && x[r.x + n * r.step] == y[r.y + n]) {
            dx[r.x + n * r.step] += dy[r.y + n];
            open[r.y + n] = 0;
          }
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
        luna::max_plane(w, c.in[0].template as<T>() + plane * w.in_size(),
                        c.out[0].template as<T>() + plane * w.out_size());
      });
    });
  }

 private:
  static constexpr int planes(const shape& x) { return x[0] * x[1]; }
};
static_assert(operator_like<max_pool2d>);

}  // namespace lnn
