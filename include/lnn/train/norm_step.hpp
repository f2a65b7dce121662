// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>
#include <vector>

#include "../core/planes.hpp"
#include "../grad/tape.hpp"
#include "../op/pointwise.hpp"
#include "../quant/clamp.hpp"
#include "clamp_step.hpp"
#include "weights.hpp"

namespace lnn::detail {

/// A layer with a batch norm behind it, trained as the pair that it will be on the chip (quantization.md 7, ConvBN):
///
///   y0 = op(x; w, b), per channel: mean mu, v_u = S2 / (M - 1), v_b = S2 / M with S2 = sum (y0 - mu)^2
///   bn = gamma * (y0 - mu) / sqrt(v_b + eps) + beta
///   w~ = clamp(w * f), b~ = clamp((b - mu) * f + beta) with f = gamma / sqrt(v_u + eps)
///   y  = 0.1 * bn + 0.9 * op(x; w~, b~);  running = (1 - m) * running + m * (mu, v_u)
///
/// y is clamped to the activation limit and, where a relu is fused, at 0; no gradient passes outside.
/// While no clamp of a weight bites, op(x; w~, b~) = f * (y0 - mu) + beta, so the second product is computed only when one does.
/// In evaluation y = op(x; w~, b~) with the running statistics.
template <class Op, class Kernels>
struct norm_step final : tape_step {
  static constexpr double share = 0.1;  ///< of the batch norm in y

  norm_step(pool& w, const Op& what, variable<float>& from, variable<float>& to, layer_weights own, float m, clamps bounds,
            bool relu, variable<float>& dw, variable<float>* db, variable<float>& dg, variable<float>& dbe)
      : workers(w), op(what), x(from), y(to), p(std::move(own)), momentum(m), limits(bounds), grad_w(dw), grad_b(db),
        grad_gamma(dg), grad_beta(dbe), y0(to.dims()), dy0(to.dims()), y1(to.dims()),
        dw1(p.weight.dims), db1(p.gamma.dims), channel(p.gamma.size()) {
    constexpr float far = std::numeric_limits<float>::infinity();
    open = {relu ? 0.0F : bounds.activation ? -*bounds.activation : -far, bounds.activation ? *bounds.activation : far};
  }

  void forward(bool training) override {
    const planes all = planes::of(y0.dims());
    if (!training) {
      p.fold();
      clip();
      product(p.folded_weight.flatten(), p.folded_bias.flatten(), y.value);
      const planes whole{1, 0, y.value.size()};
      return Kernels::clipped_affine(whole, 1.0F, 0.0F, open, y.value.data, y.value.data);
    }
    product(p.weight, p.bias, y0.flatten());
    const double count = static_cast<double>(all.samples * all.plane);
    workers.run(static_cast<int>(channel.size()), [&](int ch) {
      const auto c = static_cast<std::size_t>(ch);
      const auto [sum, squares] = Kernels::moments(all, y0.data() + c * all.plane);
      statistics& k = channel[c];
      k.mean = sum / count;
      const double spread = std::max(squares - sum * k.mean, 0.0);
      k.inverse_u = Kernels::inverse_root(spread / std::max(count - 1, 1.0) + static_cast<double>(p.eps));
      k.inverse_b = Kernels::inverse_root(spread / count + static_cast<double>(p.eps));
      const double m = static_cast<double>(momentum);
      p.mean[c] = static_cast<float>((1 - m) * static_cast<double>(p.mean[c]) + m * k.mean);
      p.var[c] = static_cast<float>((1 - m) * static_cast<double>(p.var[c]) + m * spread / std::max(count - 1, 1.0));
    });
    fold_batch();
    cut = clip();
    if (cut) product(p.folded_weight.flatten(), p.folded_bias.flatten(), y1.flatten());
    workers.run(static_cast<int>(channel.size()), [&](int ch) {
      const auto c = static_cast<std::size_t>(ch);
      const statistics& k = channel[c];
      const double g = static_cast<double>(p.gamma[c]);
      // y = a * y0 + o (+ 0.9 * y1)
      const double a = share * g * k.inverse_b + (cut ? 0 : (1 - share) * g * k.inverse_u);
      const double o = (cut ? share : 1.0) * static_cast<double>(p.beta[c]) - k.mean * a;
      float* to = y.value.data + c * all.plane;
      constexpr float far = std::numeric_limits<float>::infinity();
      const value_bounds<float> now = cut ? value_bounds<float>{-far, far} : open;
      Kernels::clipped_affine(all, static_cast<float>(a), static_cast<float>(o), now, y0.data() + c * all.plane, to);
      if (cut)
        for (std::size_t n = 0; n < all.samples; ++n)
          for (std::size_t i = n * all.stride; i < n * all.stride + all.plane; ++i)
            to[i] = std::clamp(to[i] + static_cast<float>(1 - share) * y1[c * all.plane + i], open.low, open.high);
    });
  }

  void backward(bool training) override {
    if (!training || !y.touched) return;  // evaluation is not differentiated
    for (variable<float>* v : {&x, &grad_w, grad_b, &grad_gamma, &grad_beta})
      if (v) v->claim();
    const planes all = planes::of(y0.dims());
    const std::size_t channels = channel.size();
    const double count = static_cast<double>(all.samples * all.plane);
    const std::size_t each = p.weight.size() / channels;
    if (cut) {  // through op(x; w~, b~)
      for (std::size_t i = 0; i < y1.size(); ++i)
        y1[i] = y.value[i] > open.low && y.value[i] < open.high ? static_cast<float>(1 - share) * y.grad[i] : 0;
      dw1.fill(0);
      db1.fill(0);
      back(p.folded_weight.flatten(), p.folded_bias.flatten(), y1.flatten(), dw1.flatten(), db1.flatten());
      for (std::size_t i = 0; i < dw1.size(); ++i)
        if (weight_cut[i]) dw1[i] = 0;
      for (std::size_t c = 0; c < channels; ++c)
        if (bias_cut[c]) db1[c] = 0;
    }
    workers.run(static_cast<int>(channels), [&](int ch) {
      const auto c = static_cast<std::size_t>(ch);
      const statistics& k = channel[c];
      const std::size_t first = c * all.plane;
      const auto [sum, product_sum] = Kernels::gated_sums(all, open, y.value.data + first, y.grad.data + first, y0.data() + first);
      const double along = product_sum - k.mean * sum;  // sum of g * (y0 - mu)
      const double g = static_cast<double>(p.gamma[c]);
      const double f = g * k.inverse_u, mean_b = p.bias ? static_cast<double>(p.bias[c]) - k.mean : -k.mean;
      double dgamma = share * along * k.inverse_b, dbeta = share * sum;
      // gradient of the scale of each branch; dy0 = a * dy + b * y0 + o
      double a = share * g * k.inverse_b, dmean = -share * g * k.inverse_b * sum;
      double dvar_b = -0.5 * share * g * along * k.inverse_b * k.inverse_b * k.inverse_b, df = 0;
      if (cut) {
        df = static_cast<double>(db1[c]) * mean_b;
        for (std::size_t i = c * each; i < (c + 1) * each; ++i) {
          df += static_cast<double>(dw1[i]) * static_cast<double>(p.weight[i]);
          grad_w.grad[i] += static_cast<float>(static_cast<double>(dw1[i]) * f);
        }
        if (grad_b) grad_b->grad[c] += static_cast<float>(static_cast<double>(db1[c]) * f);
        dbeta += static_cast<double>(db1[c]);
        dmean -= static_cast<double>(db1[c]) * f;
      } else {
        df = (1 - share) * along;
        dbeta += (1 - share) * sum;
        dmean -= (1 - share) * f * sum;
        a += (1 - share) * f;
      }
      dgamma += df * k.inverse_u;
      const double dvar_u = -0.5 * df * g * k.inverse_u * k.inverse_u * k.inverse_u;
      grad_gamma.grad[c] += static_cast<float>(dgamma);
      grad_beta.grad[c] += static_cast<float>(dbeta);
      const double b = 2 * (dvar_b / count + dvar_u / std::max(count - 1, 1.0));
      const double o = dmean / count - b * k.mean;
      Kernels::gated_combination(all, open, y.value.data + first, static_cast<float>(a), y.grad.data + first,
                                 static_cast<float>(b), y0.data() + first, static_cast<float>(o), true, dy0.data() + first);
    });
    back(p.weight, p.bias, dy0.flatten(), grad_w.grad, grad_b ? grad_b->grad : flat<float>{});
    y.end();
  }

 private:
  struct statistics {
    double mean = 0, inverse_u = 1, inverse_b = 1;
  };

  void product(flat<const float> w, flat<const float> b, flat<float> to) {
    const flat<const float> in[] = {x.value, w, b};
    auto wide = op;
    wide.bias = static_cast<bool>(b);
    wide.forward(forward_call<float, Kernels>{{in, wide.bias ? 3U : 2U}, {&to, 1}, {}, {}, true, workers});
  }
  void back(flat<const float> w, flat<const float> b, flat<const float> dy, flat<float> dw, flat<float> db) {
    const flat<const float> in[] = {x.value, w, b};
    const flat<float> grads[] = {x.grad, dw, db};
    const flat<const float> out = y.value;
    auto wide = op;
    wide.bias = static_cast<bool>(b);
    const std::size_t n = wide.bias ? 3 : 2;
    wide.backward(backward_call<float, Kernels>{{in, n}, {&out, 1}, {&dy, 1}, {grads, n}, {}, true, workers});
  }
  void fold_batch() {
    const std::size_t channels = channel.size(), each = p.weight.size() / channels;
    for (std::size_t c = 0; c < channels; ++c) {
      const double f = static_cast<double>(p.gamma[c]) * channel[c].inverse_u;
      const double b = p.bias ? static_cast<double>(p.bias[c]) : 0.0;
      for (std::size_t i = c * each; i < (c + 1) * each; ++i)
        p.folded_weight[i] = static_cast<float>(static_cast<double>(p.weight[i]) * f);
      p.folded_bias[c] = static_cast<float>((b - channel[c].mean) * f + static_cast<double>(p.beta[c]));
    }
  }
  /// Clamps the folded weight and bias; true when anything was outside.
  bool clip() {
    const bool w = clamp_values(p.folded_weight, limits.folded_limit(p.folded_weight.flatten()), weight_cut);
    const bool b = clamp_values(p.folded_bias, limits.bias, bias_cut);
    return w || b;
  }

  pool& workers;
  Op op;
  variable<float>&x, &y;
  layer_weights p;
  float momentum;
  clamps limits;
  variable<float>& grad_w;
  variable<float>* grad_b;
  variable<float>&grad_gamma, &grad_beta;
  tensor<float> y0, dy0, y1, dw1, db1;
  std::vector<statistics> channel;
  value_bounds<float> open{};  ///< where y is not clamped
  std::vector<unsigned char> weight_cut, bias_cut;
  bool cut = false;
};

}  // namespace lnn::detail
