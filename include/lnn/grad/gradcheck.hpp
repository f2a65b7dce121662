// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

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
/// sum(y * r) with fixed random r.  One line for a user's own operator:
///
///     CHECK(lnn::gradcheck<lnn::simd::kernels>(my_op{}, {{2, 3, 8, 8}, {4, 3, 3, 3}}).within(1e-6));
///
/// Elements are uniform in [low, high] and differ from each other, so that maxima and kinks are not hit.  The error is
/// |analytic - numeric| / max(1, |analytic|, |numeric|).
template <class Kernels, class Op>
[[nodiscard]] gradient_report gradcheck(const Op& op, const std::vector<shape>& shapes, std::uint64_t seed = 1,
                                        bool training = true, double low = -1, double high = 1) {
  pool workers(1);
  basic_tape<double, Kernels> t(workers);
  t.training = training;
  random draw(seed);
  using var = typename basic_tape<double, Kernels>::var;
  std::vector<var*> in;
  for (const shape& s : shapes) {
    auto& v = t.make(s);
    const std::size_t n = v.value.size();
    std::vector<std::uint32_t> order(n);
    for (std::size_t i = 0; i < n; ++i) order[i] = static_cast<std::uint32_t>(i);
    draw.shuffle(std::span<std::uint32_t>(order.data(), n));
    for (std::size_t i = 0; i < n; ++i)
      v.value[i] = low + (high - low) * (order[i] + 0.25 + 0.5 * static_cast<double>(draw.uniform())) / static_cast<double>(n);
    in.push_back(&v);
  }
  auto& y = t.apply_list(op, in);
  std::vector<double> weight(y.value.size());
  for (double& w : weight) w = static_cast<double>(draw.uniform(-1, 1));
  const auto loss = [&] {
    // running statistics move with every forward pass; the loss does not depend on them in training
    t.forward();
    double sum = 0;
    for (std::size_t i = 0; i < weight.size(); ++i) sum += weight[i] * y.value[i];
    return sum;
  };
  struct seed_step final : tape_step {
    seed_step(var& v, const std::vector<double>& w) : out(v), r(w) {}
    void forward(bool) override {}
    void backward(bool) override { std::copy(r.begin(), r.end(), out.grad.begin()); }  // in place of all ones
    var& out;
    const std::vector<double>& r;
  };
  t.record(std::make_unique<seed_step>(y, weight));
  (void)loss();
  t.backward(y);
  std::vector<std::vector<double>> analytic;
  for (const auto* v : in) analytic.emplace_back(v->grad.begin(), v->grad.end());

  gradient_report report;
  std::size_t checked = in.size();
  if constexpr (requires { Op::states; })
    if (training) checked -= static_cast<std::size_t>(Op::states);
  for (std::size_t k = 0; k < checked; ++k)
    for (std::size_t i = 0; i < in[k]->value.size(); ++i) {
      double& at = in[k]->value[i];
      const double keep = at, step = 1e-5 * std::max(1.0, std::abs(keep));
      at = keep + step;
      const double up = loss();
      at = keep - step;
      const double down = loss();
      at = keep;
      const double numeric = (up - down) / (2 * step), exact = analytic[k][i];
      const double error = std::abs(numeric - exact) / std::max({1.0, std::abs(numeric), std::abs(exact)});
      if (!std::isnan(report.worst) && !(error <= report.worst)) report = {error, static_cast<int>(k), i};
    }
  return report;
}

}  // namespace lnn
