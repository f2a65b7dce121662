// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/relu.hpp"
#include "../luna/requantize.hpp"
#include "pointwise.hpp"

namespace lnn {

/// max(x, 0), any shape; keeps the exponent.  The gradient at 0 is 0.
struct relu {
  [[nodiscard]] constexpr bool operator==(const relu&) const = default;
  static constexpr std::string_view name = "relu";
  static constexpr std::string_view onnx_names[] = {"Relu"};
  static constexpr std::string_view arithmetic =
      "y = max(x, 0)";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::keep;
  static constexpr bool overwrites_gradients = true;
  static constexpr auto fields = field_list();

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict&) const { return in[0]; }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Relu"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::relu::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::relu::rules};

  template <class Call>
  void forward(const Call& c) const {
    detail::each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
      Call::kernels::relu(c.in[0].data + first, c.out[0].data + first, last - first);
    });
  }
  template <class Call>
  void backward(const Call& c) const {
    if (!c.grad_in[0]) return;
    detail::each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
      Call::kernels::relu_backward(c.in[0].data + first, c.grad_out[0].data + first, c.grad_in[0].data + first,
                                   last - first, c.is_fresh(0));
    });
  }
  /// y = x < 0 ? 0 : S_out(R(x, q_x - q_o)) (luna_ops.md 3.17, defect D3); the exponents are equal in sound networks.
  template <class Call>
  void integer(const Call& c) const {
    const int shift = c.in[0].exponent - c.out[0].exponent;
    with_element(c.out[0].type, [&](auto element) {
      using T = decltype(element);
      const bool same = c.in[0].type == c.out[0].type;  // nearly always; otherwise elements are read one by one
      const T* x = c.in[0].template as<T>();
      T* y = c.out[0].template as<T>();
      const bool bytes = sizeof(T) == 1 && c.in[0].type == dtype::int8;
      detail::each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
        if constexpr (sizeof(T) == 1)
          if (bytes && Call::kernels::rescale_s8(last - first, x + first, shift, 0, y + first)) return;
        for (std::size_t i = first; i < last; ++i) {
          const std::int64_t v = same ? std::int64_t{x[i]} : c.in[0].at(i);
          y[i] = v < 0 ? T{0} : saturate<T>(rescale(v, shift, 0));
        }
      });
    });
  }
};
static_assert(operator_like<relu>);

}  // namespace lnn
