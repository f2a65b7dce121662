// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>

#include "../fixed/round.hpp"
#include "pointwise.hpp"

namespace lnn {

/// clamp(x, low, high) in real units, any shape; keeps the exponent.  relu6 is clip{0, 6}.
struct clip {
  float low = 0, high = 6;

  static constexpr std::string_view name = "clip";
  static constexpr std::string_view onnx_names[] = {"Clip"};
  static constexpr std::string_view arithmetic =
      "y = clamp(x, low * 2^q, high * 2^q)";
  static constexpr std::string_view evidence = "formula only: the chip's Clip compares raw integers";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields =
      field_list(field{"min", &clip::low, "least value"}, field{"max", &clip::high, "greatest value"});

  static constexpr rule order{"clip.order", "low above high", "", "exchange them", "下界大于上界", "交换两者"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    found.never(order, !(low <= high));
    return in[0];
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  constexpr void check(const layer_tensors&, const chip& on, verdict& found) const {
    limit::check_supported("Clip", on, found);
  }

  static constexpr const rule* rules[] = {&order, &limit::unsupported};

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    detail::each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i)
        c.out[0][i] = std::clamp(c.in[0][i], static_cast<T>(low), static_cast<T>(high));
    });
  }
  /// 1 strictly between the bounds, as PyTorch's hardtanh family has it.
  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    if (!c.grad_in[0]) return;
    detail::each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i)
        if (c.in[0][i] > static_cast<T>(low) && c.in[0][i] < static_cast<T>(high)) c.grad_in[0][i] += c.grad_out[0][i];
    });
  }
  /// The bounds on the integer grid: low * 2^q and high * 2^q, rounded to nearest, within the type.
  template <class Call>
  void integer(const Call& c) const {
    require_type(name, c.out[0], c.in[0].type);
    with_element(c.in[0].type, [&](auto element) {
      using T = decltype(element);
      const auto bound = [&](float v) {
        return static_cast<T>(to_integer(round_real(static_cast<double>(v) * static_cast<double>(power_of_two(c.in[0].exponent)),
                                                    rounding::half_up),
                                         std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
      };
      const T least = bound(low), most = bound(high);
      const T* x = c.in[0].template as<T>();
      T* y = c.out[0].template as<T>();
      for (std::size_t i = 0; i < c.in[0].size(); ++i) y[i] = std::clamp(x[i], least, most);
    });
  }
};
static_assert(operator_like<clip>);

inline constexpr clip relu6{0, 6};

}  // namespace lnn
