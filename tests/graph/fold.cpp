// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/graph/fold.hpp>
#include <vector>

namespace test_fold {

namespace {

using lnn::flat;
using lnn::tensor;

/// Loss = sum(r * folded weight) + sum(s * folded bias), in double.
struct textbook {
  std::vector<double> w, b, gamma, beta, mean, var, r, s;
  double eps;
  [[nodiscard]] double loss() const {
    double sum = 0;
    const std::size_t each = r.size() / gamma.size();
    for (std::size_t i = 0; i < r.size(); ++i) {
      const std::size_t c = i / each;
      sum += r[i] * (w.empty() ? 1 : w[i]) * gamma[c] / std::sqrt(var[c] + eps);
    }
    for (std::size_t c = 0; c < gamma.size(); ++c)
      sum += s[c] * (((b.empty() ? 0 : b[c]) - mean[c]) * gamma[c] / std::sqrt(var[c] + eps) + beta[c]);
    return sum;
  }
};
std::vector<double> wide(const tensor<float>& t) { return {t.begin(), t.end()}; }

void check(bool with_weight, bool with_bias) {
  lnn::random draw(3);
  const auto noise = [&](const lnn::shape& dims, float low = -1, float high = 1) {
    tensor<float> t(dims);
    for (float& v : t) v = draw.uniform(low, high);
    return t;
  };
  const lnn::shape dims = with_weight ? lnn::shape{3, 2, 2, 2} : lnn::shape{3};
  tensor<float> w = noise(dims), b = noise({3}), gamma = noise({3}), beta = noise({3}), mean = noise({3}), var = noise({3}, 0.1F, 2);
  tensor<float> fw(dims), fb({3}), r = noise(dims), s = noise({3}), dw(dims), db({3}), dgamma({3}), dbeta({3});
  const lnn::channel_affine a{gamma.flatten(), beta.flatten(), mean.flatten(), var.flatten(), 0.01F};
  const flat<const float> own_w = with_weight ? w.flatten() : flat<float>{}, own_b = with_bias ? b.flatten() : flat<float>{};
  a.fold(own_w, own_b, fw.flatten(), fb.flatten());
  a.fold_backward(own_w, own_b, r.flatten(), s.flatten(), with_weight ? dw.flatten() : flat<float>{},
                  with_bias ? db.flatten() : flat<float>{}, dgamma.flatten(), dbeta.flatten());
  textbook t{with_weight ? wide(w) : std::vector<double>{}, with_bias ? wide(b) : std::vector<double>{}, wide(gamma), wide(beta),
             wide(mean), wide(var), wide(r), wide(s), static_cast<double>(0.01F)};
  double loss = 0;
  for (std::size_t i = 0; i < fw.size(); ++i) loss += static_cast<double>(r[i]) * static_cast<double>(fw[i]);
  for (std::size_t i = 0; i < 3; ++i) loss += static_cast<double>(s[i]) * static_cast<double>(fb[i]);
  CHECK(loss == doctest::Approx(t.loss()).epsilon(1e-5));
  const auto compare = [&](std::vector<double> textbook::*which, const tensor<float>& got) {
    for (std::size_t i = 0; i < (t.*which).size(); ++i) {
      const double keep = (t.*which)[i];
      (t.*which)[i] = keep + 1e-6;
      const double up = t.loss();
      (t.*which)[i] = keep - 1e-6;
      const double down = t.loss();
      (t.*which)[i] = keep;
      CHECK(static_cast<double>(got[i]) == doctest::Approx((up - down) / 2e-6).epsilon(1e-4).scale(1));
    }
  };
  compare(&textbook::w, dw);
  compare(&textbook::b, db);
  compare(&textbook::gamma, dgamma);
  compare(&textbook::beta, dbeta);
}

}  // namespace

TEST_CASE("fold: values and gradients, with and without weight and bias") {
  check(true, true);
  check(true, false);
  check(false, false);
}

}  // namespace test_fold
