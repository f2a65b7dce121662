// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../limit/linear.hpp"
#include "../luna/requantize.hpp"
#include "../luna/task.hpp"
#include "contract.hpp"
#include "pointwise.hpp"

namespace lnn {

/// Fully connected layer y = x * weight^T + bias: x [..., in], weight [out, in], bias [out] -> [..., out].
struct linear {
  int out = 1;
  bool bias = true;

  [[nodiscard]] constexpr bool operator==(const linear&) const = default;
  static constexpr std::string_view name = "linear";
  static constexpr std::string_view onnx_names[] = {"QLinear", "LinearInt"};
  static constexpr std::string_view arithmetic =
      "venus: y = S_out(R(S32(sum x * w) + bias, q_x + q_w - q_o)); arcs, venusA: y = S_out(R(sum x * w + bias, q_x + q_w - q_o))";
  static constexpr std::string_view evidence = "recorded simulator cases on venus, arcs, venusA";
  static constexpr grid grid_rule = grid::at_most_sum;
  static constexpr bool relu_can_be_fused = true, batch_norm_can_be_folded = true, overwrites_gradients = true;
  static constexpr auto fields = field_list(field{"out", &linear::out, "output features", true},
                                            field{"bias", &linear::bias, "has a bias", true});

  // --- shapes
  static constexpr rule input_rank{"linear.input_rank", "rank of the input", "", "put a flatten before it",
                                   "输入的维数", "在前面加一个 flatten"};
  static constexpr rule attributes{"linear.attributes", "output features", "", "use values of 1 and above",
                                   "输出特征数", "取不小于 1 的值"};

  [[nodiscard]] constexpr int inputs() const { return 1; }
  [[nodiscard]] constexpr shape result(std::span<const shape> in, verdict& found) const {
    found.at_least(input_rank, in[0].rank(), 1);
    found.at_least(attributes, out, 1);
    if (in[0].rank() < 1 || out < 1) return {};
    shape y = in[0];
    y[y.rank() - 1] = out;
    return y;
  }
  [[nodiscard]] constexpr parameter_list parameters(std::span<const shape> in) const {
    parameter_list p{{"weight", role::weight, {out, features(in[0])}}};
    if (bias) p.push_back({"bias", role::bias, {out}});
    return p;
  }

  // --- hardware
  [[nodiscard]] constexpr limit::facts facts(const layer_tensors& t) const {
    limit::facts f = t.facts("LinearInt");
    f.weight = t.parameters[0];
    if (t.parameters.size() > 1) f.bias = t.parameters[1];
    f.options.dma_prefetch = false;  // a choice of whoever packs
    return f;
  }
  constexpr void check(const layer_tensors& t, const chip& on, verdict& found) const {
    limit::linear::check(facts(t), on, found);
  }

  static constexpr const rule* shape_rules[] = {&input_rank, &attributes};
  static constexpr auto rules = joined(shape_rules, limit::linear::rules);

  // --- arithmetic
  template <class Call>
  void forward(const Call& c) const {
    using T = typename Call::scalar;
    using K = typename Call::kernels;
    const int in = features(c.in[0].dims);
    const std::size_t n = rows(c.in[0].dims);
    // Cut by the larger factor: a thread then meets its own part of it again, of the weight the part that it has updated.
    const bool by_output = at(out) > n;
    c.workers.shares(by_output ? at(out) : n, [&](std::size_t first, std::size_t last) {
      const std::size_t row = by_output ? 0 : first, o = by_output ? first : 0;
      const std::size_t high = by_output ? n : last - first, wide = by_output ? last - first : at(out);
      T* y = c.out[0].data + row * at(out) + o;
      for (std::size_t r = 0; r < high; ++r)
        if (bias) std::copy_n(c.in[2].data + o, wide, y + r * at(out));
        else std::fill_n(y + r * at(out), wide, T{});
      K::gemm(false, true, static_cast<int>(high), static_cast<int>(wide), in, c.in[0].data + row * at(in), in, c.in[1].data + o * at(in), in,
              true, y, out);
    });
  }

  template <class Call>
  void backward(const Call& c) const {
    using K = typename Call::kernels;
    const int in = features(c.in[0].dims), n = static_cast<int>(rows(c.in[0].dims));
    const auto* dy = c.grad_out[0].data;
    if (c.grad_in[0])
      c.workers.shares(at(n), [&](std::size_t first, std::size_t last) {
        K::gemm(false, false, static_cast<int>(last - first), in, out, dy + first * at(out), out, c.in[1].data, in, !c.is_fresh(0),
                c.grad_in[0].data + first * at(in), in);
      });
    // the weight's gradient is cut by its own rows, so nothing is summed twice
    if (c.grad_in[1])
      c.workers.shares(at(out), [&](std::size_t first, std::size_t last) {
        K::gemm(true, false, static_cast<int>(last - first), in, n, dy + first, out, c.in[0].data, in, !c.is_fresh(1),
                c.grad_in[1].data + first * at(in), in);
      });
    if (!bias || !c.grad_in[2]) return;
    if (c.is_fresh(2)) std::fill(c.grad_in[2].begin(), c.grad_in[2].end(), 0);
    for (int r = 0; r < n; ++r) K::accumulate(dy + at(r) * at(out), c.grad_in[2].data, at(out));
  }

  /// y = S_out(R(sum (+) bias, q_x + q_w - q_o)); how sum and bias meet is the chip's (luna_ops.md 3.4).
  template <class Call>
  void integer(const Call& c) const {
    Call::kernels::multiply(task(c), requantizer(c), c.workers);
  }

  /// The integer product of a call, and how it ends.
  template <class Call>
  [[nodiscard]] luna::product task(const Call& c) const {
    return {.rows = static_cast<int>(rows(c.in[0].dims)),
            .in = features(c.in[0].dims),
            .out = out,
            .x = c.in[0],
            .weight = c.in[1],
            .bias = c.in.size() > 2 ? c.in[2].template as<std::int32_t>() : nullptr};
  }
  template <class Call>
  [[nodiscard]] luna::requantizer requantizer(const Call& c) const {
    return {.out = c.out[0],
            .shift = c.in[0].exponent + c.in[1].exponent - c.out[0].exponent,
            .relu = c.relu,
            .rule = c.in.size() > 2 ? c.on.linear.sum : accumulator::exact,
            .watch = c.watch};
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }
  static constexpr int features(const shape& x) { return x[x.rank() - 1]; }
  static constexpr std::size_t rows(const shape& x) { return x.span(0, x.rank() - 1); }
};
static_assert(operator_like<linear>);

}  // namespace lnn
