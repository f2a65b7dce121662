// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "../core/maths.hpp"
#include "../core/parallel.hpp"
#include "../core/planes.hpp"
#include "weights.hpp"

namespace lnn::detail {

/// A batch norm that stands alone, as the factor and the offset that a batch gives it (quantization.md 5.2, 7).  Per
/// channel, with the batch's mean and biased variance:
///
///   factor = gamma / sqrt(var + eps), offset = beta - mean * factor
///   running = (1 - momentum) * running + momentum * (mean, var)
template <class Kernels>
class batch_factor {
 public:
  /// Writes factor and offset of the batch x [n, c, ...] into the folded tensors of `p` and moves the running
  /// statistics.  Variances below `least` count as `least` and carry no gradient.
  void observe(flat<const float> x, layer_weights& p, float momentum, double least, pool& workers) {
    const std::size_t channels = p.gamma.size();
    const planes all = planes::of(x.dims);
    const double count = static_cast<double>(all.samples * all.plane), m = static_cast<double>(momentum);
    channel_.resize(channels);
    workers.run(static_cast<int>(channels), [&](int ch) {
      const auto c = static_cast<std::size_t>(ch);
      const auto [sum, squares] = Kernels::moments(all, x.data + c * all.plane);
      statistics& k = channel_[c];
      k.mean = sum / count;
      const double var = squares / count - k.mean * k.mean;
      k.moves = var > least;
      k.inverse = 1 / maths::sqrt(std::max(var, least) + static_cast<double>(p.eps));
      p.mean[c] = static_cast<float>((1 - m) * static_cast<double>(p.mean[c]) + m * k.mean);
      p.var[c] = static_cast<float>((1 - m) * static_cast<double>(p.var[c]) + m * std::max(var, least));
      const double factor = static_cast<double>(p.gamma[c]) * k.inverse;
      p.folded_weight[c] = static_cast<float>(factor);
      p.folded_bias[c] = static_cast<float>(static_cast<double>(p.beta[c]) - k.mean * factor);
    });
  }

  /// From the gradients of factor and offset to gamma, beta and, through the statistics, x; adds to every target that is
  /// there.
  void backward(flat<const float> x, const layer_weights& p, flat<const float> dfactor, flat<const float> doffset,
                flat<float> dx, flat<float> dgamma, flat<float> dbeta, pool& workers) const {
    const std::size_t channels = channel_.size(), plane = x.dims.span(2, x.dims.rank());
    const auto samples = static_cast<std::size_t>(x.dims[0]);
    const double count = static_cast<double>(samples * plane);
    workers.run(static_cast<int>(channels), [&](int ch) {
      const auto c = static_cast<std::size_t>(ch);
      const statistics& k = channel_[c];
      const double gamma = static_cast<double>(p.gamma[c]), db = static_cast<double>(doffset[c]);
      const double df = static_cast<double>(dfactor[c]) - k.mean * db;  // the offset holds the factor as well
      if (dgamma) dgamma[c] += static_cast<float>(df * k.inverse);
      if (dbeta) dbeta[c] += doffset[c];
      if (!dx) return;
      const double dmean = -gamma * k.inverse * db;
      const double dvar = k.moves ? -0.5 * gamma * k.inverse * k.inverse * k.inverse * df : 0;
      const double along = 2 * dvar / count, all = dmean / count - along * k.mean;
      for (std::size_t n = 0; n < samples; ++n) {
        const std::size_t at = (n * channels + c) * plane;
        Kernels::add_combination(static_cast<float>(along), x.data + at, 0.0F, x.data + at, static_cast<float>(all),
                                 dx.data + at, plane);
      }
    });
  }

 private:
  struct statistics {
    double mean = 0, inverse = 1;
    bool moves = true;  ///< the variance was above its limit
  };
  std::vector<statistics> channel_;
};

}  // namespace lnn::detail
