// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../grad/tape.hpp"
#include "../luna/call.hpp"
#include "batch_factor.hpp"
#include "grids.hpp"
#include "weights.hpp"

namespace lnn::detail {

/// An edge of a network in quantization-aware training: integers, and the same values as real numbers for the gradient.
struct integer_edge {
  integer_tensor values;
  variable<float>* real = nullptr;
  edge_grid grid;

  [[nodiscard]] integer_view access() {
    if (grid.type == dtype::float32) return {real->value.data, dtype::float32, real->dims(), 0};
    integer_view v = values.access();
    v.exponent = grid.exponent;
    return v;
  }
};

/// What all steps of the quantized program share.
struct integer_setting {
  pool* workers;
  const chip* target;
  scales* grids;

  [[nodiscard]] scale* entry(int i) const { return i < 0 ? nullptr : &grids->entries()[static_cast<std::size_t>(i)]; }
  [[nodiscard]] bool learned() const { return grids->policy.method == range_method::tqt; }

  /// Gradient of an edge's learned range (quantization.md 3.2): the sum of g * d output / d learned, where exact(i) is
  /// what was quantized, or 0.
  template <class Exact>
  [[nodiscard]] float slope_sum(const integer_edge& e, const Exact& exact) const {
    const scale& s = *entry(e.grid.entry);
    double sum = 0;
    if (!std::get<tqt>(s.range).learns(s.bits)) return 0;
    for (std::size_t i = 0; i < e.real->grad.size(); ++i) {
      const float x = exact(i), fq = static_cast<float>(quantize(x, e.grid.exponent, s.bits, rounding::half_up)) *
                                     power_of_two(-e.grid.exponent);
      sum += static_cast<double>(e.real->grad[i] * tqt::slope(x, fq, passes(x, e.grid.exponent, s.bits, rounding::half_up)));
    }
    return static_cast<float>(sum);
  }
};

/// A learned range is a parameter of one number with a gradient.
struct learned_range {
  float gradient = 0;
};

/// One layer in quantization-aware training.  Forward is the chip's integer kernel on integer inputs; backward is the
/// float operator's, evaluated on the values that the integers stand for, with straight-through masks at the output's,
/// the weight's and the bias's quantizers (quantization.md 3.2, 5).  What depends on the operator's type is left to
/// integer_step, so that the rest is compiled once.
template <class Kernels>
struct integer_layer : tape_step {
  integer_layer(integer_setting with, bool fused_relu, std::vector<integer_edge*> from, integer_edge& to)
      : set(with), relu(fused_relu), in(std::move(from)), out(to) {
    if (out.grid.entry >= 0) pass = tensor<std::uint8_t>(out.real->dims());
    if (set.learned() && out.grid.entry >= 0) exact = tensor<float>(out.real->dims());
    watch.pass = pass.data();
    watch.exact = exact.data();
  }

  void forward(bool training) override {
    if (weights.has_value()) quantize_parameters(training);
    std::vector<integer_view> views;
    for (integer_edge* e : in) views.push_back(e->access());
    if (weights) {
      views.push_back(weight.access());
      if (!bias.empty()) views.push_back(bias.access());
    }
    const bool watched = training && out.grid.entry >= 0;
    if (watched) prepare_watch();
    const integer_view y = out.access();
    integer(integer_call<Kernels>{{views.data(), views.size()}, {&y, 1}, *set.target, relu, watched ? &watch : nullptr, *set.workers});
    if (out.grid.type != dtype::float32) Kernels::dequantize(y, out.real->value.data);
    if (watched) observe();
  }

  void backward(bool training) override {
    variable<float>& y = *out.real;
    if (!y.grad || !y.touched) return;
    for (integer_edge* e : in) e->real->claim();
    for (variable<float>* v : {grad_w, grad_b, grad_gamma, grad_beta})
      if (v) v->claim();
    if (out.grid.entry >= 0 && training) {
      if (set.learned()) learn();
      Kernels::mask(pass.data(), y.grad.data, y.grad.size());
    }
    std::vector<flat<const float>> values;
    std::vector<flat<float>> grads;
    for (integer_edge* e : in) {
      values.push_back(e->real->value);
      grads.push_back(e->real->grad);
    }
    if (weights) {
      real_weight_grad.fill(0);
      real_bias_grad.fill(0);
      values.push_back(real_weight.flatten());
      grads.push_back(real_weight_grad.flatten());
      values.push_back(real_bias.flatten());
      grads.push_back(real_bias_grad.flatten());
    }
    const flat<const float> value = y.value, dy = y.grad;
    const std::span<const flat<const float>> from(values.data(), values.size());
    const std::span<const flat<float>> into(grads.data(), grads.size());
    if (alone) differentiate_affine(from, into, dy);
    else real_backward({from, {&value, 1}, {&dy, 1}, into, {}, true, *set.workers}, !bias.empty());
    if (weights) quantizer_backward();
  }

  /// Gives the layer its parameters and their gradients (variables of the tape; `bias` and the norm's may be null).
  void attach(layer_weights own, int weight_entry, variable<float>* dw, variable<float>* db, variable<float>* dgamma,
              variable<float>* dbeta) {
    weights = std::move(own);
    weight_scale = weight_entry;
    grad_w = dw;
    grad_b = db;
    grad_gamma = dgamma;
    grad_beta = dbeta;
    weights->fold();
    const shape dims = weights->used_weight().dims;
    weight = integer_tensor(integer_of(set.entry(weight_entry)->bits), dims, 0);
    real_weight = tensor<float>(dims);
    real_weight_grad = tensor<float>(dims);
    if (weights->used_bias()) {
      bias = integer_tensor(dtype::int32, weights->used_bias().dims, 0);
      real_bias = tensor<float>(bias.dims());
      real_bias_grad = tensor<float>(bias.dims());
    }
  }

  /// Before the scales of a step are settled: folds, and shows the weight to its range.  The factor of a batch norm that
  /// stands alone is known only in the middle of the step, so its range counts from the next step on, as an output's.
  void observe_weight() {
    if (!weights || alone) return;
    weights->fold();
    show_weight();
  }

  learned_range weight_range, out_range;

 protected:
  virtual void integer(const integer_call<Kernels>& c) const = 0;
  /// The operator's own backward; `with_bias` says whether the layer has a bias, be it one from a folded batch norm.
  virtual void real_backward(const backward_call<float, Kernels>& c, bool with_bias) const = 0;

  const batch_norm* alone = nullptr;  ///< the operator, where it is a batch norm

 private:
  static constexpr double least_variance = 1e-5;  // quantization.md 5.2

  void show_weight() {
    const flat<const float> w = weights->used_weight();
    set.entry(weight_scale)->observe(Kernels::max_magnitude(w.data, w.size()));
  }
  void quantize_parameters(bool training) {
    if (!training) weights->fold();
    if (alone && training) {
      batch.observe(in[0]->real->value, *weights, alone->momentum, least_variance, *set.workers);
      show_weight();
    }
    const int q_w = set.entry(weight_scale)->exponent;
    weight.set_exponent(q_w);
    quantize_weight(weights->used_weight(), weight.access());
    Kernels::dequantize(weight.access(), real_weight.data());
    if (bias.empty()) return;
    bias.set_exponent(in[0]->grid.exponent + q_w);
    quantize_bias(weights->used_bias(), bias.access());
    Kernels::dequantize(bias.access(), real_bias.data());
  }

  void prepare_watch() {
    watch.reset();
    watch.open = integer_range::of(bits_of(out.grid.type));
    const clamps& limits = set.grids->policy.limits;
    if (weights && limits.activation) {  // beyond the clamp of the constrained stage no gradient flows either
      const auto edge = static_cast<std::int64_t>(*limits.activation * power_of_two(out.grid.exponent));
      watch.open = {std::max(watch.open.low, -edge), std::min(watch.open.high, edge)};
    }
    if (relu) watch.open.low = 1;
  }
  void observe() {
    float reach = out.grid.positive ? watch.highest : std::max(watch.highest, -watch.lowest);
    const clamps& limits = set.grids->policy.limits;
    if (weights && limits.activation) reach = std::min(reach, *limits.activation);
    set.entry(out.grid.entry)->observe(reach);
  }
  void learn() {
    const clamps& limits = set.grids->policy.limits;
    const float limit = weights && limits.activation ? *limits.activation : std::numeric_limits<float>::infinity();
    out_range.gradient = set.slope_sum(out, [&](std::size_t i) {
      return relu && out.real->value[i] <= 0 ? 0.0F : std::clamp(exact[i], -limit, limit);
    });
  }

  /// Backward of y = factor * x + offset.
  static void differentiate_affine(std::span<const flat<const float>> values, std::span<const flat<float>> grads,
                                   const flat<const float>& dy) {
    const shape x = values[0].dims;
    const std::size_t channels = static_cast<std::size_t>(x[1]), plane = x.span(2, x.rank());
    for (std::size_t piece = 0; piece < static_cast<std::size_t>(x[0]) * channels; ++piece) {
      const std::size_t c = piece % channels, at = piece * plane;
      if (grads[0]) Kernels::add_combination(values[1][c], dy.data + at, 0.0F, values[0].data + at, 0.0F, grads[0].data + at, plane);
      grads[1][c] += static_cast<float>(Kernels::dot(dy.data + at, values[0].data + at, plane));
      grads[2][c] += static_cast<float>(Kernels::sum(dy.data + at, plane));
    }
  }

  /// From the quantized weight and bias to the parameters: straight through inside the ranges, then through the fold.
  void quantizer_backward() {
    const flat<const float> w = weights->used_weight(), b = weights->used_bias();
    scale& s = *set.entry(weight_scale);
    double learned = 0;
    const bool learns = set.learned() && std::get<tqt>(s.range).learns(s.bits);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const bool within = passes(w[i], s.exponent, s.bits, rounding::half_even);
      if (learns) learned += static_cast<double>(real_weight_grad[i] * tqt::slope(w[i], real_weight[i], within));
      if (!within) real_weight_grad[i] = 0;
    }
    weight_range.gradient = static_cast<float>(learned);
    for (std::size_t i = 0; i < b.size(); ++i)
      if (!passes(b[i], bias.exponent(), 32, rounding::half_even)) real_bias_grad[i] = 0;
    const auto grad = [](variable<float>* v) { return v ? v->grad : flat<float>{}; };
    if (alone)
      batch.backward(in[0]->real->value, *weights, real_weight_grad.flatten(), real_bias_grad.flatten(), in[0]->real->grad,
                     grad(grad_gamma), grad(grad_beta), *set.workers);
    else if (weights->folded())
      weights->affine().fold_backward(weights->weight, weights->bias, real_weight_grad.flatten(), real_bias_grad.flatten(),
                                      grad(grad_w), grad(grad_b), grad(grad_gamma), grad(grad_beta));
    else {
      Kernels::accumulate(real_weight_grad.data(), grad_w->grad.data, real_weight_grad.size());
      if (grad_b) Kernels::accumulate(real_bias_grad.data(), grad_b->grad.data, real_bias_grad.size());
    }
  }

  integer_setting set;
  bool relu;
  std::vector<integer_edge*> in;
  integer_edge& out;
  tap watch;
  tensor<std::uint8_t> pass;
  tensor<float> exact;

  std::optional<layer_weights> weights;
  batch_factor<Kernels> batch;  ///< of a batch norm that stands alone
  int weight_scale = -1;
  variable<float>*grad_w = nullptr, *grad_b = nullptr, *grad_gamma = nullptr, *grad_beta = nullptr;
  integer_tensor weight, bias;
  tensor<float> real_weight, real_bias, real_weight_grad, real_bias_grad;
};

/// The layer of one type of operator.
template <class Op, class Kernels>
struct integer_step final : integer_layer<Kernels> {
  integer_step(integer_setting with, const Op& what, bool fused_relu, std::vector<integer_edge*> from, integer_edge& to)
      : integer_layer<Kernels>(with, fused_relu, std::move(from), to), op(what) {
    if constexpr (std::is_same_v<Op, batch_norm>) this->alone = &op;
  }

  void integer(const integer_call<Kernels>& c) const override { op.integer(c); }
  void real_backward(const backward_call<float, Kernels>& c, [[maybe_unused]] bool with_bias) const override {
    if constexpr (std::is_same_v<Op, batch_norm>) {
      // integer_layer does it: in integers the layer is a factor and an offset
    } else if constexpr (requires { op.bias; }) {
      auto whole = op;
      whole.bias = with_bias;
      auto used = c;
      used.in = c.in.first(with_bias ? 3 : 2);
      used.grad_in = c.grad_in.first(with_bias ? 3 : 2);
      whole.backward(used);
    } else {
      op.backward(c);
    }
  }

 private:
  Op op;
};

/// The network's input onto its grid, as the chip's Quant does.
template <class Kernels>
struct input_step final : tape_step {
  input_step(integer_setting with, variable<float>& from, integer_edge& to) : set(with), x(from), out(to) {}
  void forward(bool training) override {
    const integer_view from{x.value.data, dtype::float32, x.dims(), 0}, to = out.access();
    watch.reset();
    quant{}.integer(integer_call<Kernels>{{&from, 1}, {&to, 1}, *set.target, false, training ? &watch : nullptr, *set.workers});
    Kernels::dequantize(to, out.real->value.data);
    if (training) set.entry(out.grid.entry)->observe(std::max(watch.highest, -watch.lowest));
  }
  void backward(bool) override {
    if (set.learned() && out.real->touched) range.gradient = set.slope_sum(out, [&](std::size_t i) { return x.value[i]; });
  }

  learned_range range;

 private:
  integer_setting set;
  variable<float>& x;
  integer_edge& out;
  tap watch;
};

}  // namespace lnn::detail
