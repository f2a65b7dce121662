// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/add.hpp"
#include "../luna/requantize.hpp"
#include "broadcast.hpp"
#include "pointwise.hpp"

namespace lnn {

/// a + b, shapes equal or broadcast.
struct add {
  [[nodiscard]] constexpr bool operator==(const add&) const = default;
  static constexpr std::string_view name = "add";
  static constexpr std::string_view onnx_names[] = {"QAdd", "iqAdd"};
  static constexpr std::string_view arithmetic =
      "y = S(S(R(a, q_a - q_o)) + S(R(b, q_b - q_o)))";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::at_most_min;
  static constexpr bool trains_with_relu = true, overwrites_gradients = true;
  static constexpr auto fields = field_list();

  [[nodiscard]] constexpr int inputs() const { return 2; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const broadcast2 b(in[0], in[1]);
    if (!b.fits()) found.same(limit::add::shapes, in[0], in[1]);
    return b.fits() ? b.out() : shape{};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("iqAdd"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::add::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::add::rules};

  template <class Call>
  void forward(const Call& c) const {
    broadcast2(c.in[0].dims, c.in[1].dims).walk([&](auto y, auto a, auto b, auto n, auto step_a, auto step_b) {
      if (step_a == 1 && step_b == 1) {
        detail::each_piece(c.workers, n, [&](std::size_t first, std::size_t last) {
          Call::kernels::sum_of(c.in[0].data + a + first, c.in[1].data + b + first, c.out[0].data + y + first, last - first, c.relu);
        });
        return;
      }
      for (std::size_t i = 0; i < n; ++i) {
        const auto sum = c.in[0][a + i * step_a] + c.in[1][b + i * step_b];
        c.out[0][y + i] = c.relu && !(sum > 0) ? 0 : sum;
      }
    });
  }
  template <class Call>
  void backward(const Call& c) const {
    for (std::size_t k = 0; k < 2; ++k)
      if (c.is_fresh(k) && !overwrites(c, k)) std::fill(c.grad_in[k].begin(), c.grad_in[k].end(), 0);
    broadcast2(c.in[0].dims, c.in[1].dims).walk([&](auto y, auto a, auto b, auto n, auto step_a, auto step_b) {
      const auto back = [&](std::size_t k, std::size_t at, std::size_t step) {
        const auto& to = c.grad_in[k];
        const auto *out = c.out[0].data + y, *dy = c.grad_out[0].data + y;
        if (!to) return;
        if (step == 1)
          detail::each_piece(c.workers, n, [&](std::size_t first, std::size_t last) {
            auto* dx = to.data + at + first;
            if (c.relu) Call::kernels::relu_backward(out + first, dy + first, dx, last - first, overwrites(c, k));
            else if (overwrites(c, k)) std::copy(dy + first, dy + last, dx);
            else Call::kernels::accumulate(dy + first, dx, last - first);
          });
        else
          for (std::size_t i = 0; i < n; ++i)
            if (!c.relu || out[i] > 0) to[at + i * step] += dy[i];
      };
      back(0, a, step_a);
      back(1, b, step_b);
    });
  }
  /// y = S(S(R(a, q_a - q_o)) + S(R(b, q_b - q_o))): each operand is brought to the output's grid by itself, then
  /// they are added with saturation (luna_ops.md 3.10).
  template <class Call>
  void integer(const Call& c) const {
    if (c.in[1].type == dtype::float32) return add_real(c);
    const int q_a = c.in[0].exponent, q_b = c.in[1].exponent, q_o = c.out[0].exponent, fine = std::max(q_a, q_b);
    with_element(c.out[0].type, [&](auto element) {
      using T = decltype(element);
      T* out = c.out[0].template as<T>();
      const bool bytes = sizeof(T) == 1 && bits_of(c.in[0].type) == 8 && bits_of(c.in[1].type) == 8;
      broadcast2(c.in[0].dims, c.in[1].dims).walk([&](auto y, auto a, auto b, auto n, auto step_a, auto step_b) {
        detail::each_piece(c.workers, n, [&](std::size_t first, std::size_t last) {
          if constexpr (sizeof(T) == 1)
            if (bytes && step_a == 1 && step_b == 1 &&
                Call::kernels::add_s8(last - first, c.in[0].template as<T>() + a + first, q_a,
                                      c.in[1].template as<T>() + b + first, q_b, out + y + first, q_o, c.watch, y + first))
              return;
          for (std::size_t i = first; i < last; ++i) {
            const std::int64_t left = c.in[0].at(a + i * step_a), right = c.in[1].at(b + i * step_b);
            out[y + i] = saturate<T>(std::int64_t{saturate<T>(rescale(left, q_a, q_o))} +
                                     saturate<T>(rescale(right, q_b, q_o)));
            if (!c.watch) continue;
            const std::int64_t exact = rescale(left, q_a, fine) + rescale(right, q_b, fine);
            c.watch->record(y + i, &exact, 1, fine, fine - q_o);
          }
        });
      });
    });
  }

 private:
  /// True when a fresh gradient is written in whole, each element once, in rows.
  template <class Call>
  static bool overwrites(const Call& c, std::size_t k) {
    return c.is_fresh(k) && c.in[0].dims == c.in[1].dims;
  }
  /// VENUS takes a real scalar as second operand: y = S(R(a + k, q_a - q_o)) with k = b * 2^q_a cut to 8 bits
  /// (luna_ops.md 3.10).
  template <class Call>
  void add_real(const Call& c) const {
    if (c.in[1].size() != 1) fail("add: a real operand must be a scalar, not ", c.in[1].dims);
    const int q_a = c.in[0].exponent, q_o = c.out[0].exponent;
    const double real = static_cast<double>(*c.in[1].template as<const float>());
    const std::int64_t k = to_integer(real * static_cast<double>(power_of_two(q_a)), -128, 127);
    with_element(c.out[0].type, [&](auto element) {
      using T = decltype(element);
      for (std::size_t i = 0; i < c.out[0].size(); ++i)
        c.out[0].template as<T>()[i] = saturate<T>(rescale(c.in[0].at(i) + k, q_a, q_o));
    });
  }
};
static_assert(operator_like<add>);

}  // namespace lnn
