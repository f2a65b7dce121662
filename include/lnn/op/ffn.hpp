// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../limit/feed_forward.hpp"
#include "../luna/requantize.hpp"
#include "../luna/task.hpp"
#include "pointwise.hpp"

namespace lnn {

/// Feed-forward layer: two linear ones with a relu between them, x [..., in] -> [..., out].
///   h = max(x * fc1_weight^T + fc1_bias, 0), y = h * fc2_weight^T + fc2_bias
struct ffn {
  int hidden = 1, out = 1;
  int middle = 4;

  [[nodiscard]] constexpr bool operator==(const ffn&) const = default;
  static constexpr std::string_view name = "ffn";
  static constexpr std::string_view onnx_names[] = {"FFNInt"};
  static constexpr std::string_view arithmetic =
      "h = max(S8(R(sum x * w1 + b1, q_x + q_w1 - middle_scale)), 0); "
      "y = S_out(R(sum h * w2 + b2, middle_scale + q_w2 - q_o))";
  static constexpr std::string_view evidence = "formula only; primitives compared";
  static constexpr grid grid_rule = grid::at_most;
  static constexpr auto fields =
      field_list(field{"hidden", &ffn::hidden, "features between the two layers", true},
                 field{"out", &ffn::out, "output features", true},
                 field{"middle_scale", &ffn::middle, "exponent of the 8-bit values between the two layers"});

  static constexpr rule input_rank{"ffn.input_rank", "rank of the input", "", "put a flatten before it",
                                   "输入的维数", "在前面加一个 flatten"};
  static constexpr rule attributes{"ffn.attributes", "least of hidden and out", "",
                                   "use values of 1 and above", "hidden 与 out 中最小的",
                                   "取不小于 1 的值"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    found.at_least(input_rank, in[0].rank(), 1);
    found.at_least(attributes, std::min(hidden, out), 1);
    if (in[0].rank() < 1 || std::min(hidden, out) < 1) return {};
    shape y = in[0];
    y[y.rank() - 1] = out;
    return y;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    return {{"fc1_weight", role::weight, {hidden, features(in[0])}},
            {"fc1_bias", role::bias, {hidden}},
            {"fc2_weight", role::weight, {out, hidden}},
            {"fc2_bias", role::bias, {out}}};
  }
  [[nodiscard]] constexpr int bias_exponent(std::size_t parameter, const exponents& q) const {
    return parameter == 1 ? q.in[0] + q.parameters[0] : greatest_exponent(q);
  }
  [[nodiscard]] constexpr int greatest_exponent(const exponents& q) const { return middle + q.parameters[2]; }
  /// What the first weight's shape tells.
  constexpr void sized_by(std::span<const shape>, const shape& weight) {
    if (weight.rank() == 2) hidden = weight[0];
  }

  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const { return t.facts("FFNInt"); }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    const limit::facts f = facts(t);
    limit::feed_forward::check(f, on, found);
    for (const std::size_t weight : {0U, 2U})
      if (const int bits = t.parameters[weight].bits) found.one_of(limit::feed_forward::weight_bits, bits, {4, 8});
    limit::feed_forward::check_shift(f.in[0].scale, t.parameters[0].scale, middle, found);
    limit::feed_forward::check_shift(middle, t.parameters[2].scale, f.out.scale, found);
  }

  static constexpr const rule* all_rules[] = {
      &input_rank, &attributes, &limit::feed_forward::engine, &limit::feed_forward::bits,
      &limit::feed_forward::weight_bits, &limit::feed_forward::shift};
  static constexpr rule_list rules{all_rules};

  // --- arithmetic
  /// The values between the two layers, behind the relu.
  [[nodiscard]] constexpr std::size_t saved(std::span<const shape> in) const {
    return rows(in[0]) * at(hidden);
  }

  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const int in = features(c.in[0].dims);
    c.workers.shares(rows(c.in[0].dims), [&](std::size_t first, std::size_t last) {
      const int n = static_cast<int>(last - first);
      T* h = c.saved.empty() ? K::template scratch<T>(0, (last - first) * at(hidden))
                             : c.saved.data() + first * at(hidden);
      T* y = c.out[0].data + first * at(out);
      repeat(c.in[2].data, hidden, n, h);
      K::gemm(false, true, n, hidden, in, c.in[0].data + first * at(in), in, c.in[1].data, in, true, h,
              hidden);
      for (std::size_t i = 0; i < at(n) * at(hidden); ++i) h[i] = std::max(h[i], T{});
      repeat(c.in[4].data, out, n, y);
      K::gemm(false, true, n, out, hidden, h, hidden, c.in[3].data, hidden, true, y, out);
    });
  }

  static constexpr std::string_view inner_grids[] = {"middle_scale"};
  template <class Call, class Look>
  void look_inside(const Call& c, const Look& look) const {
    look(inner_grids[0], {c.saved.data(), {static_cast<int>(c.saved.size())}});
  }

  template <class Call>
  void backward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const int in = features(c.in[0].dims), n = static_cast<int>(rows(c.in[0].dims));
    const T *x = c.in[0].data, *dy = c.grad_out[0].data, *h = c.saved.data();
    T* dh = K::template scratch<T>(1, at(n) * at(hidden));
    c.workers.shares(at(n), [&](std::size_t first, std::size_t last) {
      const int some = static_cast<int>(last - first);
      T* d = dh + first * at(hidden);
      std::fill_n(d, (last - first) * at(hidden), T{});
      K::gemm(false, false, some, hidden, out, dy + first * at(out), out, c.in[3].data, hidden, true, d,
              hidden);
      for (std::size_t i = 0; i < (last - first) * at(hidden); ++i)
        if (!(h[first * at(hidden) + i] > 0)) d[i] = T{};
      if (c.grad_in[0])
        K::gemm(false, false, some, in, hidden, d, hidden, c.in[1].data, in, true,
                c.grad_in[0].data + first * at(in), in);
    });
    parameter_gradients<K>(c.workers, n, hidden, in, dh, x, c.grad_in[1], c.grad_in[2]);
    parameter_gradients<K>(c.workers, n, out, hidden, dy, h, c.grad_in[3], c.grad_in[4]);
  }

  /// Row by row two linear layers as arcs computes them, with an exact sum (luna_ops.md 3.22).
  template <class Call>
  void integer(const Call& c) const {
    const int in = features(c.in[0].dims), n = static_cast<int>(rows(c.in[0].dims));
    std::vector<std::int8_t> between(at(n) * at(hidden));
    const integer_view h{between.data(), dtype::int8, {n, hidden}, middle};
    Call::kernels::multiply(luna::product{.rows = n,
                                          .in = in,
                                          .out = hidden,
                                          .x = c.in[0],
                                          .weight = c.in[1],
                                          .bias = c.in[2].template as<std::int32_t>()},
                            luna::requantizer{.out = h,
                                              .shift = c.in[0].exponent + c.in[1].exponent - middle,
                                              .relu = true,
                                              .rule = accumulator::exact},
                            c.workers);
    Call::kernels::multiply(luna::product{.rows = n,
                                          .in = hidden,
                                          .out = out,
                                          .x = h,
                                          .weight = c.in[3],
                                          .bias = c.in[4].template as<std::int32_t>()},
                            luna::requantizer{.out = c.out[0],
                                              .shift = middle + c.in[3].exponent - c.out[0].exponent,
                                              .relu = c.relu,
                                              .rule = accumulator::exact,
                                              .watch = c.watch},
                            c.workers);
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
  static constexpr int features(const shape& x) { return x[x.rank() - 1]; }
  static constexpr std::size_t rows(const shape& x) { return x.span(0, x.rank() - 1); }
  template <class T>
  static void repeat(const T* bias, int n, int times, std::remove_const_t<T>* to) {
    for (int i = 0; i < times; ++i) std::copy_n(bias, n, to + at(i) * at(n));
  }
  /// dw [wide, deep] += dy^T * x and db [wide] += the columns' sums of dy [n, wide]; cut by the weight's
  /// rows.
  template <class K, class T, class Pool>
  static void parameter_gradients(Pool& workers, int n, int wide, int deep, const T* dy, const T* x,
                                  const flat<T>& dw, const flat<T>& db) {
    workers.shares(at(wide), [&](std::size_t first, std::size_t last) {
      if (dw)
        K::gemm(true, false, static_cast<int>(last - first), deep, n, dy + first, wide, x, deep, true,
                dw.data + first * at(deep), deep);
      for (std::size_t row = 0; db && row < at(n); ++row)
        for (std::size_t o = first; o < last; ++o) db[o] += dy[row * at(wide) + o];
    });
  }
};
static_assert(operator_like<ffn>);

}  // namespace lnn
