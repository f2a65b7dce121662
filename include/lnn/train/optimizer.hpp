// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "../core/error.hpp"
#include "../core/maths.hpp"
#include "../core/parallel.hpp"
#include "../simd/kernels.hpp"
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

  /// Moves one parameter.  `decay` false: no weight decay (biases, normalizations).  Of a large one each thread moves the part
  /// whose gradient it has computed.
  void update(std::string_view name, flat<float> w, flat<const float> g, float rate, bool decay, pool* workers = nullptr) {
    slot& s = find(name, w.dims);
    if (is_adam() && s.second.size() != w.size()) s.second = tensor<float>(w.dims);
    constexpr std::size_t line = 16, least = 32768;  // elements
    if (!workers || w.size() < least) return update(s, 0, w.size(), w, g, rate, decay);
    workers->shares(w.size() / line, [&](std::size_t first, std::size_t last) {
      update(s, first * line, last == w.size() / line ? w.size() : last * line, w, g, rate, decay);
    });
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
  void update(slot& s, std::size_t first, std::size_t last, const flat<float>& w, const flat<const float>& g, float rate, bool decay) const {
    const std::size_t n = last - first;
    if (const sgd* r = std::get_if<sgd>(&rule_))
      return simd::kernels::sgd(n, rate, r->momentum, decay ? r->weight_decay : 0, r->nesterov, g.data + first, s.first.data() + first,
                                w.data + first);
    const adam& r = std::get<adam>(rule_);
    const double count = static_cast<double>(steps_);
    const double beta1 = static_cast<double>(r.beta1), beta2 = static_cast<double>(r.beta2);
    const simd::adam_constants now{.rate = static_cast<double>(rate),
                                   .beta1 = beta1,
                                   .beta2 = beta2,
                                   .epsilon = static_cast<double>(r.eps),
                                   .decay = decay ? static_cast<double>(r.weight_decay) : 0,
                                   .correction1 = 1 - maths::pow(beta1, count),
                                   .correction2 = 1 - maths::pow(beta2, count)};
    simd::kernels::adam(n, now, g.data + first, s.first.data() + first, s.second.data() + first, w.data + first);
  }
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
