// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>
#include <optional>
#include <vector>

#include "../luna/call.hpp"
#include "batch_factor.hpp"
#include "integer_edge.hpp"
#include "weights.hpp"

namespace lnn::detail {

/// One layer in quantization-aware training.  Forward is the chip's integer kernel on integer inputs; backward is the
/// float operator's, evaluated on the values that the integers stand for, with straight-through masks at the quantizers of
/// the output and of the parameters (quantization.md 3.2, 5).  What depends on the operator's type is left to
/// integer_step, so that the rest is compiled once.
template <class Kernels>
struct integer_layer : tape_step {
  integer_layer(integer_setting with, bool fused_relu, std::vector<integer_edge*> from, std::vector<integer_edge*> to)
      : set(with), relu(fused_relu), in(std::move(from)), out(std::move(to)) {
    const integer_edge& y = *out.front();  // the only one that can have a range of its own
    if (y.grid.entry >= 0) pass = tensor<std::uint8_t>(y.real->dims());
    if (set.learned() && y.grid.entry >= 0) exact = tensor<float>(y.real->dims());
    watch.pass = pass.data();
    watch.exact = exact.data();
  }

  void forward(bool training) override {
    if (!parts.empty()) quantize_parameters(training);
    std::vector<integer_view> views, made;
    for (integer_edge* e : in) views.push_back(e->access());
    for (quantized_part& p : parts) views.push_back(p.values.access());
    for (integer_edge* e : out) made.push_back(e->access());
    const bool watched = training && out.front()->grid.entry >= 0;
    if (watched) prepare_watch();
    integer(integer_call<Kernels>{views, made, *set.target, relu, watched ? &watch : nullptr, *set.workers});
    for (integer_edge* e : out) e->template renew<Kernels>(*set.shared);
    if (watched) observe();
  }

  void backward(bool training) override {
    bool wanted = false;
    for (const integer_edge* e : out) wanted |= e->real->grad && e->real->touched;
    if (!wanted) return;
    for (integer_edge* e : out) e->real->claim();
    for (const auto* edges : {&in, &out})
      for (integer_edge* e : *edges) e->template realize<Kernels>(*set.shared);
    unsigned fresh = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      variable<float>& x = *in[i]->real;
      if (!overwrites || std::count(in.begin(), in.end(), in[i]) > 1) x.claim();
      else if (x.begin() && x.grad) fresh |= 1U << i;
    }
    for (const quantized_part& p : parts)
      if (p.target) p.target->claim();
    for (variable<float>* v : {grad_gamma, grad_beta})
      if (v) v->claim();
    if (const integer_edge& y = *out.front(); y.grid.entry >= 0 && training) {
      if (set.learned()) learn();
      Kernels::mask(pass.data(), y.real->grad.data, y.real->grad.size());
    }
    std::vector<flat<const float>> values, made, given;
    std::vector<flat<float>> grads;
    for (integer_edge* e : in) {
      values.push_back(e->real->value);
      grads.push_back(e->real->grad);
    }
    for (quantized_part& p : parts) {
      p.begin(*set.shared);
      Kernels::dequantize(p.values.access(), p.real.data);
      if (overwrites) fresh |= 1U << values.size();
      else std::fill(p.grad.begin(), p.grad.end(), 0.0F);
      values.push_back(p.real);
      grads.push_back(p.grad);
    }
    for (const integer_edge* e : out) {
      made.push_back(e->real->value);
      given.push_back(e->real->grad);
    }
    if (alone) differentiate_affine(values, grads, given.front());
    else real_backward({.in = values,
                        .out = made,
                        .grad_out = given,
                        .grad_in = grads,
                        .saved = {},
                        .training = true,
                        .workers = *set.workers,
                        .fresh = fresh},
                       parts.size());
    if (!parts.empty()) quantizer_backward();
    for (const quantized_part& p : parts) p.end(*set.shared);
    for (integer_edge* e : out) {
      e->real->end();
      e->let_go(*set.shared);
    }
  }

  /// Gives the layer its parameters and their gradients (variables of the tape; those of the norm may be null).
  void attach(layer_weights own, std::vector<quantized_part> with, variable<float>* dgamma, variable<float>* dbeta) {
    weights = std::move(own);
    parts = std::move(with);
    grad_gamma = dgamma;
    grad_beta = dbeta;
    weights->fold();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const shape dims = weights->used(i).dims;
      const int entry = parts[i].entry;
      parts[i].values = integer_tensor(entry < 0 ? dtype::int32 : integer_of(set.entry(entry)->bits), dims, 0);
    }
  }

  /// Before the scales of a step are settled: folds, and shows the weights to their ranges.  The factor of a batch norm
  /// that stands alone is known only in the middle of the step, so its range counts from the next step on, as an output's.
  void observe_weight() {
    if (parts.empty() || alone) return;
    weights->fold();
    show_weights();
  }

  std::vector<quantized_part> parts;  ///< in the order of parts_of
  learned_range out_range;

 protected:
  virtual void integer(const integer_call<Kernels>& c) const = 0;
  /// The operator's own backward; a bias among the parts may come from a folded batch norm.
  virtual void real_backward(const backward_call<float, Kernels>& c, std::size_t part_count) = 0;
  virtual int derived_exponent(std::size_t part, const exponents& q) const = 0;

  const batch_norm* alone = nullptr;  ///< the operator, where it is a batch norm
  bool overwrites = false;            ///< the operator's backward overwrites gradients that hold nothing yet

 private:
  static constexpr double least_variance = 1e-5;  // quantization.md 5.2

  void show_weights() {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].entry < 0) continue;
      const flat<const float> w = weights->used(i);
      set.entry(parts[i].entry)->observe(Kernels::max_magnitude(w.data, w.size()));
    }
  }
  void quantize_parameters(bool training) {
    if (!training) weights->fold();
    if (alone && training) {
      in[0]->template realize<Kernels>(*set.shared);
      batch.observe(in[0]->real->value, *weights, alone->momentum, least_variance, *set.workers);
      in[0]->let_go(*set.shared);
      show_weights();
    }
    list<int, 16> q_in;
    list<int, most_parameters> q_part;
    for (const integer_edge* e : in) q_in.push_back(e->grid.exponent);
    for (const quantized_part& p : parts) q_part.push_back(p.entry < 0 ? 0 : set.entry(p.entry)->exponent);
    const exponents q{{q_in.data(), q_in.size()}, {q_part.data(), q_part.size()}};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      quantized_part& p = parts[i];
      p.values.set_exponent(p.entry < 0 ? derived_exponent(i, q) : q_part[i]);
      if (p.entry < 0) quantize_bias(weights->used(i), p.values.access());
      else Kernels::quantize_weight(weights->used(i).data, p.values.access());
    }
  }

  void prepare_watch() {
    const edge_grid& y = out.front()->grid;
    watch.reset();
    watch.open = integer_range::of(bits_of(y.type));
    const clamps& limits = set.grids->policy.limits;
    if (!parts.empty() && limits.activation) {  // beyond the clamp of the constrained stage no gradient flows either
      const auto edge = static_cast<std::int64_t>(*limits.activation * power_of_two(y.exponent));
      watch.open = {std::max(watch.open.low, -edge), std::min(watch.open.high, edge)};
    }
    if (relu) watch.open.low = 1;
  }
  void observe() {
    const edge_grid& y = out.front()->grid;
    float reach = y.positive ? watch.highest : std::max(watch.highest, -watch.lowest);
    const clamps& limits = set.grids->policy.limits;
    if (!parts.empty() && limits.activation) reach = std::min(reach, *limits.activation);
    set.entry(y.entry)->observe(reach);
  }
  void learn() {
    const integer_edge& y = *out.front();
    const clamps& limits = set.grids->policy.limits;
    const float limit = !parts.empty() && limits.activation ? *limits.activation : std::numeric_limits<float>::infinity();
    out_range.gradient = set.slope_sum(y, [&](std::size_t i) {
      return relu && y.real->value[i] <= 0 ? 0.0F : std::clamp(exact[i], -limit, limit);
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

  /// From the quantized parts to the parameters: straight through inside the ranges, then through the fold.
  void quantizer_backward() {
    for (std::size_t k = 0; k < parts.size(); ++k) {
      quantized_part& p = parts[k];
      const flat<const float> w = weights->used(k);
      if (p.entry < 0) {
        Kernels::straight_through(w.data, p.values.exponent(), 32, p.grad.data, w.size());
        continue;
      }
      const scale& s = *set.entry(p.entry);
      double learned = 0;
      if (set.learned() && std::get<tqt>(s.range).learns(s.bits))
        for (std::size_t i = 0; i < w.size(); ++i)
          learned += static_cast<double>(p.grad[i] * tqt::slope(w[i], p.real[i], passes(w[i], s.exponent, s.bits, rounding::half_even)));
      p.range.gradient = static_cast<float>(learned);
      Kernels::straight_through(w.data, s.exponent, s.bits, p.grad.data, w.size());
    }
    const auto grad = [](variable<float>* v) { return v ? v->grad : flat<float>{}; };
    if (alone)
      batch.backward(in[0]->real->value, *weights, parts[0].grad, parts[1].grad, in[0]->real->grad,
                     grad(grad_gamma), grad(grad_beta), *set.workers);
    else if (weights->folded())
      weights->affine().fold_backward(weights->weight, weights->bias, parts[0].grad, parts[1].grad,
                                      grad(parts[0].target), grad(parts[1].target), grad(grad_gamma), grad(grad_beta));
    else
      for (quantized_part& p : parts) Kernels::accumulate(p.grad.data, p.target->grad.data, p.grad.size());
  }

  integer_setting set;
  bool relu;
  std::vector<integer_edge*> in, out;
  tap watch;
  tensor<std::uint8_t> pass;
  tensor<float> exact;

  std::optional<layer_weights> weights;
  batch_factor<Kernels> batch;  ///< of a batch norm that stands alone
  variable<float>*grad_gamma = nullptr, *grad_beta = nullptr;
};

}  // namespace lnn::detail
