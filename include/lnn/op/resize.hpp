// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>

#include "../core/maths.hpp"
#include "../limit/layout.hpp"
#include "gathered.hpp"
#include "resampled.hpp"

namespace lnn {

/// How the places between elements get their values.
enum class sampling { nearest, linear, cubic };
inline constexpr std::string_view sampling_words[] = {"nearest", "linear", "cubic"};
constexpr std::span<const std::string_view> words_of(sampling) { return sampling_words; }

/// Where element i of the output lies in the input (ONNX Resize).
enum class coordinates { half_pixel, pytorch_half_pixel, align_corners, asymmetric };
inline constexpr std::string_view coordinates_words[] = {"half_pixel", "pytorch_half_pixel", "align_corners",
                                                         "asymmetric"};
constexpr std::span<const std::string_view> words_of(coordinates) { return coordinates_words; }

/// Which neighbour is the nearest one.
enum class nearest { round_prefer_floor, round_prefer_ceil, floor, ceil };
inline constexpr std::string_view nearest_words[] = {"round_prefer_floor", "round_prefer_ceil", "floor",
                                                     "ceil"};
constexpr std::span<const std::string_view> words_of(nearest) { return nearest_words; }

/// Another number of elements along every axis: in - [in * scale], or the given sizes.  The nearest element
/// only moves data; interpolation is float in the reference and has no integer arithmetic.
struct resize {
  sampling mode = sampling::nearest;
  real_list scales{};  ///< for every axis; none: sizes
  int_list sizes{};
  coordinates transformation = coordinates::half_pixel;
  nearest rounding = nearest::round_prefer_floor;
  float cubic_a = -0.75F;

  [[nodiscard]] constexpr bool operator==(const resize&) const = default;
  static constexpr std::string_view name = "resize";
  static constexpr std::string_view onnx_names[] = {"Resize"};
  static constexpr std::string_view arithmetic =
      "the same integers (nearest); interpolation: none";
  static constexpr std::string_view evidence = "moves data only; interpolation: training side only";
  static constexpr grid grid_rule = grid::keep;
  static constexpr auto fields = field_list(
      field{"mode", &resize::mode, "nearest, linear or cubic"},
      field{"scales", &resize::scales, "factor of every axis; none: sizes"},
      field{"sizes", &resize::sizes, "extent of every axis, where there are no scales"},
      field{"coordinate_transformation_mode", &resize::transformation,
            "half_pixel, pytorch_half_pixel, align_corners or asymmetric"},
      field{"nearest_mode", &resize::rounding, "round_prefer_floor, round_prefer_ceil, floor or ceil"},
      field{"cubic_coeff_a", &resize::cubic_a, "steepness of cubic interpolation"});
  static constexpr std::string_view constant_inputs[] = {"roi", "scales", "sizes"};

  static constexpr rule count{
      "resize.count", "numbers of scales or sizes", "", "give one for every axis",
      "scales 或 sizes 的个数", "为每个轴给出一个"};
  static constexpr rule extent{
      "resize.extent", "extent of an axis of the result", "", "leave at least one element",
      "结果某一轴的长度", "至少保留一个元素"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const int rank = in[0].rank();
    const auto given = static_cast<long long>(scales.empty() ? sizes.size() : scales.size());
    found.equal(count, given, rank);
    if (given != rank) return {};
    shape out;
    for (int a = 0; a < rank; ++a) {
      const auto i = static_cast<std::size_t>(a);
      const double by = scales.empty() ? 1 : static_cast<double>(scales[i]) * in[0][a];
      const int wanted = scales.empty() ? sizes[i] : by > 0 && by < 0x1p24 ? static_cast<int>(by) : 0;
      found.at_least(extent, wanted, 1);
      if (wanted < 1) return {};
      out.append(wanted);
    }
    return out;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("Resize");
    f.mode = word_of(mode);
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    const limit::facts f = facts(t);
    limit::check_supported(f.op, on, found);
    limit::resize::check(f, on, found);
  }

  static constexpr auto all_rules = joined({&count, &extent, &limit::unsupported}, limit::resize::rules);
  static constexpr rule_list rules{all_rules};

  template <class Call>
  void forward(const Call& c) const {
    compute(c.in[0].dims, c.out[0].dims, c.in[0].data, c.out[0].data);
  }
  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    if (!c.grad_in[0]) return;
    const shape &x = c.in[0].dims, &y = c.grad_out[0].dims;
    if (mode == sampling::nearest)
      return detail::gather_back(places(x, y), c.grad_out[0].data, c.grad_in[0].data);
    resampled<T>(x, y, [&](int a) {
      return taps(a, x, y);
    }).add_adjoint(c.grad_out[0].data, c.grad_in[0].data);
  }
  /// The engine itself resizes real numbers only (luna_ops.md 3.26); those may be interpolated here as well.
  template <class Call>
  void integer(const Call& c) const {
    const integer_view &x = c.in[0], &y = c.out[0];
    require_type(name, y, x.type);
    if (x.type == dtype::float32)
      return compute(x.dims, y.dims, x.template as<const float>(), y.template as<float>());
    if (mode != sampling::nearest) fail("resize: no chip interpolates integers; use mode nearest");
    detail::gather_integers(name, places(x.dims, y.dims), x, y, 0);
  }

 private:
  template <class T>
  void compute(const shape& x, const shape& y, const T* from, T* to) const {
    if (mode == sampling::nearest) return detail::gather<T>(places(x, y), from, to, T{});
    resampled<T>(x, y, [&](int a) { return taps(a, x, y); }).apply(from, to);
  }
  [[nodiscard]] double scale_of(int axis, const shape& x, const shape& y) const {
    return scales.empty() ? static_cast<double>(y[axis]) / x[axis]
                          : static_cast<double>(scales[static_cast<std::size_t>(axis)]);
  }
  /// Where element i of the output lies along an axis of the input.
  [[nodiscard]] double source(int i, int axis, const shape& x, const shape& y) const {
    const double scale = scale_of(axis, x, y);
    switch (transformation) {
      case coordinates::asymmetric: return i / scale;
      case coordinates::align_corners:
        return y[axis] == 1 ? 0 : static_cast<double>(i) * (x[axis] - 1) / (y[axis] - 1);
      case coordinates::pytorch_half_pixel:
        if (y[axis] == 1) return 0;
        break;
      case coordinates::half_pixel: break;
    }
    return (i + 0.5) / scale - 0.5;
  }
  [[nodiscard]] gathered places(const shape& x, const shape& y) const {
    return {x, y, [&](int axis, int i) {
              const double at = source(i, axis, x, y);
              const double to = rounding == nearest::floor               ? maths::floor(at)
                                : rounding == nearest::ceil              ? maths::ceil(at)
                                : rounding == nearest::round_prefer_ceil ? maths::floor(at + 0.5)
                                                                         : maths::ceil(at - 0.5);
              return std::clamp(static_cast<int>(to), 0, x[axis] - 1);
            }};
  }
  /// Elements and factors that make up every element along an axis; places outside of it are its edge.
  [[nodiscard]] tap_list taps(int axis, const shape& x, const shape& y) const {
    tap_list all;
    if (x[axis] == y[axis] && scale_of(axis, x, y) == 1) return all;
    const int last = x[axis] - 1;
    for (int i = 0; i < y[axis]; ++i) {
      const double at = source(i, axis, x, y), down = maths::floor(at), rest = at - down;
      const int first = static_cast<int>(down);
      const auto add = [&](int place, double factor) {
        all.push_back({i, std::clamp(place, 0, last), factor});
      };
      if (mode == sampling::linear) {
        add(first, 1 - rest);
        add(first + 1, rest);
      } else {
        for (int k = -1; k <= 2; ++k) add(first + k, cubic(std::abs(rest - k)));
      }
    }
    return all;
  }
  /// Keys' cubic of the distance d to an element.
  [[nodiscard]] double cubic(double d) const {
    const auto a = static_cast<double>(cubic_a);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
  }
};
static_assert(operator_like<resize>);

}  // namespace lnn
