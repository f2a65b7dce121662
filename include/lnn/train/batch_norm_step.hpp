// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../grad/tape.hpp"
#include "../quant/clamp.hpp"
#include "batch_factor.hpp"
#include "clamp_step.hpp"

namespace lnn::detail {

/// A batch norm that stands alone in the constrained stage (quantization.md 7, CBatchNorm): factor and offset of the
/// batch, or of the running statistics in evaluation, both clamped; y = factor * x + offset.
template <class Kernels>
struct batch_norm_step final : tape_step {
  batch_norm_step(pool& w, variable<float>& from, variable<float>& to, layer_weights own, float m, clamps bounds,
                  variable<float>& dg, variable<float>& dbe)
      : workers(w), x(from), y(to), p(std::move(own)), momentum(m), limits(bounds), grad_gamma(dg), grad_beta(dbe),
        dfactor(p.gamma.dims), doffset(p.gamma.dims) {}

  void forward(bool training) override {
    if (training) batch.observe(x.value, p, momentum, 0, workers);
    else p.fold();
    clamp_values(p.folded_weight, limits.folded_limit(p.folded_weight.flatten()), factor_cut);
    clamp_values(p.folded_bias, limits.bias, offset_cut);
    each_plane([&](std::size_t c, std::size_t at, std::size_t plane) {
      Kernels::affine(p.folded_weight[c], p.folded_bias[c], x.value.data + at, y.value.data + at, plane);
    });
  }

  void backward(bool training) override {
    if (!training || !y.touched) return;  // evaluation is not differentiated
    for (variable<float>* v : {&x, &grad_gamma, &grad_beta}) v->claim();
    dfactor.fill(0);
    doffset.fill(0);
    each_plane([&](std::size_t c, std::size_t at, std::size_t plane) {
      if (!factor_cut[c]) dfactor[c] += static_cast<float>(Kernels::dot(y.grad.data + at, x.value.data + at, plane));
      if (!offset_cut[c]) doffset[c] += static_cast<float>(Kernels::sum(y.grad.data + at, plane));
      if (x.grad)
        Kernels::add_combination(p.folded_weight[c], y.grad.data + at, 0.0F, x.value.data + at, 0.0F, x.grad.data + at,
                                 plane);
    });
    batch.backward(x.value, p, dfactor.flatten(), doffset.flatten(), x.grad, grad_gamma.grad, grad_beta.grad, workers);
    y.end();
  }

 private:
  /// visit(channel, first element, elements) for every plane, channels in any thread.
  template <class Visit>
  void each_plane(const Visit& visit) {
    const std::size_t channels = p.gamma.size(), plane = x.dims().span(2, x.dims().rank());
    const auto samples = static_cast<std::size_t>(x.dims()[0]);
    workers.run(static_cast<int>(channels), [&](int ch) {
      const auto c = static_cast<std::size_t>(ch);
      for (std::size_t n = 0; n < samples; ++n) visit(c, (n * channels + c) * plane, plane);
    });
  }

  pool& workers;
  variable<float>&x, &y;
  layer_weights p;
  float momentum;
  clamps limits;
  variable<float>&grad_gamma, &grad_beta;
  batch_factor<Kernels> batch;
  tensor<float> dfactor, doffset;
  std::vector<unsigned char> factor_cut, offset_cut;
};

}  // namespace lnn::detail
