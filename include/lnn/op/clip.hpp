// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/algorithm.hpp"
#include "../fixed/round.hpp"
#include "pointwise.hpp"

namespace lnn {

/// clamp(x, low, high) in real units, any shape; keeps the exponent.  relu6 is clip{0, 6}; the primitive
/// relux of ARCS and VENUSA is clip{0, high} with a shift.
struct clip {
  float low = 0, high = 6;

  [[nodiscard]] constexpr bool operator==(const clip&) const = default;
  static constexpr std::string_view name = "clip";
  static constexpr std::string_view onnx_names[] = {"Clip", "iqClamp"};
  static constexpr std::string_view arithmetic =
      "y = clamp(R(x, q_x - q_o), low * 2^q_o, high * 2^q_o)";
  static constexpr std::string_view evidence = "formula only: the chip's Clip compares raw integers";
  static constexpr grid grid_rule = grid::keep;
  static constexpr bool moves_grid = true;
  static constexpr auto fields =
      field_list(field{"min", &clip::low, "least value"}, field{"max", &clip::high, "greatest value"});

  static constexpr std::string_view constant_inputs[] = {"min", "max"};

  static constexpr rule order{"clip.order", "low above high", "", "exchange them", "下界大于上界", "交换两者"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    found.never(order, !(low <= high));
    return in[0];
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("Clip"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::check_supported(facts(t).op, on, found);
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
  /// The bounds on the output's grid: low * 2^q and high * 2^q, rounded to nearest, within the type.  The
  /// exponents are equal but where a file says otherwise (iqClamp of linger 1.x).
  template <class Call>
  void integer(const Call& c) const {
    const int shift = c.in[0].exponent - c.out[0].exponent;
    with_element(c.out[0].type, [&](auto element) {
      using T = decltype(element);
      const auto bound = [&](float v) {
        const double on_grid = static_cast<double>(v) * static_cast<double>(power_of_two(c.out[0].exponent));
        return to_integer(round_real(on_grid, rounding::half_up), std::numeric_limits<T>::min(),
                          std::numeric_limits<T>::max());
      };
      const std::int64_t least = bound(low), most = bound(high);
      const bool same = c.in[0].type == c.out[0].type;  // nearly always; otherwise elements are read one by one
      const T* x = c.in[0].template as<T>();
      T* y = c.out[0].template as<T>();
      detail::each_piece(c.workers, c.in[0].size(), [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
          y[i] = static_cast<T>(
              std::clamp(rescale(same ? std::int64_t{x[i]} : c.in[0].at(i), shift, 0), least, most));
      });
    });
  }
};
static_assert(operator_like<clip>);

inline constexpr clip relu6{0, 6};

}  // namespace lnn
