// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "../core/error.hpp"
#include "../core/parallel.hpp"
#include "../tensor/tensor.hpp"

namespace lnn {

/// Stochastic gradient descent: v = momentum * v + (g + weight_decay * w);  w -= rate * v
/// (nesterov: w -= rate * (g + weight_decay * w + momentum * v)).
struct sgd {
  float momentum = 0.9F;
  float weight_decay = 0;
  bool nesterov = false;
};

/// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019).
struct adam {
  float beta1 = 0.9F, beta2 = 0.999F, eps = 1e-8F;
  float weight_decay = 0;
};

/// Changes parameters along their gradients.  Its memory is kept by parameter name, so it survives the change of
/// stage, rewrites of the network, and checkpoints.
class optimizer {
 public:
  struct slot {
    std::string name;
    tensor<float> first, second;  ///< momentum; for Adam the two moments
  };

  optimizer(const sgd& rule = {}) : rule_(rule) {}
  optimizer(const adam& rule) : rule_(rule) {}

  /// Call once per step, before update.
  void begin_step() { ++steps_; }

  /// Moves one parameter.  `decay` false: no weight decay (biases, normalizations).
  void update(std::string_view name, flat<float> w, flat<const float> g, float rate, bool decay) {
    slot& s = find(name, w.dims);
    if (const sgd* r = std::get_if<sgd>(&rule_)) {
      const float l2 = decay ? r->weight_decay : 0;
      for (std::size_t i = 0; i < w.size(); ++i) {
        const float d = g[i] + l2 * w[i];
        s.first[i] = r->momentum * s.first[i] + d;
        w[i] -= rate * (r->nesterov ? d + r->momentum * s.first[i] : s.first[i]);
      }
      return;
    }
    const adam& r = std::get<adam>(rule_);
    if (s.second.size() != w.size()) s.second = tensor<float>(w.dims);
    const double n = static_cast<double>(steps_);
    const float fix1 = static_cast<float>(1 / (1 - std::pow(static_cast<double>(r.beta1), n)));
    const float fix2 = static_cast<float>(1 / (1 - std::pow(static_cast<double>(r.beta2), n)));
    const float l2 = decay ? r.weight_decay : 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      s.first[i] = r.beta1 * s.first[i] + (1 - r.beta1) * g[i];
      s.second[i] = r.beta2 * s.second[i] + (1 - r.beta2) * g[i] * g[i];
      w[i] -= rate * (s.first[i] * fix1 / (std::sqrt(s.second[i] * fix2) + r.eps) + l2 * w[i]);
    }
  }

  [[nodiscard]] std::int64_t steps() const { return steps_; }
  [[nodiscard]] bool is_adam() const { return rule_.index() == 1; }
  /// For checkpoints.
  [[nodiscard]] const std::vector<slot>& slots() const { return slots_; }
  void restore(std::int64_t steps, std::vector<slot> slots) {
    steps_ = steps;
    slots_ = std::move(slots);
  }

 private:
  slot& find(std::string_view name, const shape& dims) {
    for (slot& s : slots_)
      if (s.name == name) {
        if (!(s.first.dims() == dims))
          fail("optimizer: parameter ", name, " is ", dims, " but its memory is ", s.first.dims(), "; start a new optimizer");
        return s;
      }
    slots_.push_back({std::string(name), tensor<float>(dims), {}});
    return slots_.back();
  }

  std::variant<sgd, adam> rule_;
  std::int64_t steps_ = 0;
  std::vector<slot> slots_;
};

}  // namespace lnn
