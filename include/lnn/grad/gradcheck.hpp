// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <vector>

#include "../core/algorithm.hpp"
#include "../core/maths.hpp"
#include "../core/random.hpp"
#include "tape.hpp"

namespace lnn {

/// What gradcheck found: the largest relative error and where it was.
struct gradient_report {
  double worst = 0;
  int input = -1;           ///< which input (activations, then parameters)
  std::size_t element = 0;  ///< which element of it
  [[nodiscard]] bool within(double tolerance) const { return worst <= tolerance; }
};

/// Compares an operator's backward with central differences of its forward, in double precision, for the loss
/// sum(y * r) over all outputs with fixed random r.  One line for a user's own operator:
///
///     CHECK(lnn::gradcheck<lnn::simd::kernels>(my_op{}, {{2, 3, 8, 8}, {4, 3, 3, 3}}).within(1e-6));
///
/// Elements are uniform in [low, high] and differ from each other, so that maxima and kinks are not hit.  The error is
/// |analytic - numeric| / max(1, |analytic|, |numeric|).  Inputs that are indices get legal ones and are not checked.
template <class Kernels, class Op>
[[nodiscard]] gradient_report gradcheck(const Op& op, const std::vector<shape>& shapes, std::uint64_t seed = 1,
                                        bool training = true, double low = -1, double high = 1) {
  pool workers(1);
  basic_tape<double, Kernels> t(workers);
  t.training = training;
  random draw(seed);
  using var = typename basic_tape<double, Kernels>::var;
  std::vector<var*> in;
  const auto is_index = [&](std::size_t i) {
    if constexpr (requires { op.indices(); }) return (op.indices() >> i & 1U) != 0;
    else if constexpr (requires { Op::index_inputs; }) return (Op::index_inputs >> i & 1U) != 0;
    else return false;
  };
  for (const shape& s : shapes) {
    auto& v = t.make(s, !is_index(in.size()));
    const std::size_t n = v.value.size();
    if constexpr (requires { op.index_limit(std::span<const shape>(shapes)); })
      if (is_index(in.size())) {
        const auto places = static_cast<std::size_t>(op.index_limit(std::span<const shape>(shapes)));
        for (std::size_t i = 0; i < n; ++i) v.value[i] = static_cast<double>((i * 7 + seed) % places);
        in.push_back(&v);
        continue;
      }
    std::vector<std::uint32_t> order(n);
    for (std::size_t i = 0; i < n; ++i) order[i] = static_cast<std::uint32_t>(i);
    draw.shuffle(std::span<std::uint32_t>(order.data(), n));
    for (std::size_t i = 0; i < n; ++i)
      v.value[i] = low + (high - low) * (order[i] + 0.25 + 0.5 * static_cast<double>(draw.uniform())) / static_cast<double>(n);
    in.push_back(&v);
  }
  const std::vector<var*> out = t.apply_list(op, in);
  std::vector<std::vector<double>> weight;
  for (const var* y : out) {
    weight.emplace_back(y->value.size());
    for (double& w : weight.back()) w = static_cast<double>(draw.uniform(-1, 1));
  }
  const auto loss = [&] {
    // running statistics move with every forward pass; the loss does not depend on them in training
    t.forward();
    double sum = 0;
    for (std::size_t k = 0; k < out.size(); ++k)
      for (std::size_t i = 0; i < weight[k].size(); ++i) sum += weight[k][i] * out[k]->value[i];
    return sum;
  };
  struct seed_step final : tape_step {
    seed_step(const std::vector<var*>& v, const std::vector<std::vector<double>>& w) : to(v), r(w) {}
    void forward(bool) override {}
    void backward(bool) override {  // in place of all ones
      for (std::size_t k = 0; k < to.size(); ++k) {
        to[k]->claim();
        std::copy(r[k].begin(), r[k].end(), to[k]->grad.begin());
      }
    }
    const std::vector<var*>& to;
    const std::vector<std::vector<double>>& r;
  };
  t.record(make_owner<seed_step>(out, weight));
  (void)loss();
  t.backward(*out.front());
  std::vector<std::vector<double>> analytic;
  for (const auto* v : in) analytic.emplace_back(v->grad.begin(), v->grad.end());

  gradient_report report;
  std::size_t checked = in.size();
  if constexpr (requires { Op::states; })
    if (training) checked -= static_cast<std::size_t>(Op::states);
  for (std::size_t k = 0; k < checked; ++k)
    for (std::size_t i = 0; i < in[k]->value.size() && !is_index(k); ++i) {
      double& at = in[k]->value[i];
      const double keep = at, step = 1e-5 * std::max(1.0, std::abs(keep));
      at = keep + step;
      const double up = loss();
      at = keep - step;
      const double down = loss();
      at = keep;
      const double numeric = (up - down) / (2 * step), exact = analytic[k][i];
      const double error = std::abs(numeric - exact) / std::max({1.0, std::abs(numeric), std::abs(exact)});
      if (!maths::isnan(report.worst) && !(error <= report.worst)) report = {error, static_cast<int>(k), i};
    }
  return report;
}

}  // namespace lnn
