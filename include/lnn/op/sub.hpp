// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/sub.hpp"
#include "../luna/subtract.hpp"
#include "pairwise.hpp"

namespace lnn {

/// a - b, shapes equal or broadcast.
struct sub {
  [[nodiscard]] constexpr bool operator==(const sub&) const = default;
  static constexpr std::string_view name = "sub";
  static constexpr std::string_view onnx_names[] = {"iqSub", "QSub"};
  static constexpr std::string_view arithmetic =
      "y = S(S(R(a, q_a - q_o)) - S(R(b, q_b - q_o)))";
  static constexpr std::string_view evidence = "formula only; primitives compared";
  static constexpr grid grid_rule = grid::at_most_min;
  static constexpr auto fields = field_list();

  [[nodiscard]] constexpr int inputs() const { return 2; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    const broadcast2 b(in[0], in[1]);
    if (!b.fits()) found.same(limit::sub::shapes, in[0], in[1]);
    return b.fits() ? b.out() : shape{};
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape>) const { return {}; }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("iqSub"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::sub::check(facts(t), on, found);
  }

  static constexpr rule_list rules{limit::sub::rules};

  template <class Call>
  void forward(const Call& c) const {
    const broadcast2 both(c.in[0].dims, c.in[1].dims);
    both.walk([&](auto y, auto a, auto b, auto n, auto step_a, auto step_b) {
      detail::each_piece(c.workers, n, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
          c.out[0][y + i] = c.in[0][a + i * step_a] - c.in[1][b + i * step_b];
      });
    });
  }
  template <class Call>
  void backward(const Call& c) const {
    const broadcast2 both(c.in[0].dims, c.in[1].dims);
    both.walk([&](auto y, auto a, auto b, auto n, auto step_a, auto step_b) {
      for (std::size_t i = 0; i < n; ++i) {
        if (c.grad_in[0]) c.grad_in[0][a + i * step_a] += c.grad_out[0][y + i];
        if (c.grad_in[1]) c.grad_in[1][b + i * step_b] -= c.grad_out[0][y + i];
      }
    });
  }
  /// luna::subtract, then the clamp of the difference.
  template <class Call>
  void integer(const Call& c) const {
    const int q_a = c.in[0].exponent, q_b = c.in[1].exponent, q_o = c.out[0].exponent,
              fine = std::max(q_a, q_b);
    detail::each_pair(c, [&](const std::int64_t* a, const std::int64_t* b, std::size_t y, std::size_t n) {
      auto* z = Call::kernels::template scratch<std::int64_t>(2, n);
      luna::subtract(a, q_a, b, q_b, z, q_o, bits_of(c.out[0].type), n);
      luna::store_row(z, n, c.out[0], y);
      if (!c.watch) return;
      for (std::size_t i = 0; i < n; ++i) z[i] = rescale(a[i], q_a, fine) - rescale(b[i], q_b, fine);
      c.watch->record(y, z, n, fine, fine - q_o);
    });
  }
};
static_assert(operator_like<sub>);

}  // namespace lnn
