// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/quant/statistic.hpp>
#include <lnn/tensor/tensor.hpp>
#include <vector>

namespace test_statistic {

using lnn::reach_of;
using lnn::statistic;
using lnn::tensor;

TEST_CASE("statistic: the greatest magnitude") {
  const tensor<float> x({4}, {1, -5, 3, 0}), zero({3});
  CHECK(reach_of(x.flatten(), statistic::abs_max, false, 8) == 5);
  CHECK(reach_of(x.flatten(), statistic::abs_max, true, 8) == 3);
  CHECK(reach_of(zero.flatten(), statistic::abs_max, false, 8) == 1e-6F);
  CHECK(lnn::name_of(statistic::abs_max) == "abs_max");
  CHECK(lnn::name_of(statistic::w_like) == "w_like");
}

TEST_CASE("statistic: the tenth largest of more than eleven values") {
  lnn::random draw(4);
  for (const int n : {1, 5, 10, 11, 12, 13, 40, 500})
    for (const bool positive : {false, true})
      for (int round = 0; round < 3; ++round) {
        tensor<float> x({n});
        std::vector<float> sorted;
        for (float& v : x) {
          v = round == 2 ? static_cast<float>(draw.below(4)) - 1 : draw.uniform(-2, 2);  // also many equal ones
          sorted.push_back(positive ? std::max(v, 0.0F) : std::abs(v));
        }
        std::sort(sorted.rbegin(), sorted.rend());
        CHECK(reach_of(x.flatten(), statistic::top_10, positive, 8) == std::max(sorted[n > 11 ? 9 : 0], 1e-6F));
      }
  const tensor<float> zero({20});
  CHECK(reach_of(zero.flatten(), statistic::top_10, false, 8) == 1e-6F);
}

TEST_CASE("statistic: the grid that loses least") {
  lnn::random draw(5);
  for (const int bits : {4, 8})
    for (const float size : {0.01F, 0.7F, 30.0F}) {
      tensor<float> w({200});
      for (float& v : w) v = draw.uniform(-size, size) * draw.uniform();
      double least = INFINITY;
      int best = 0;
      const double low = -std::ldexp(1.0, bits - 1), high = -low - 1;
      for (int i = -10; i <= 9; ++i) {
        double loss = 0;
        for (const float v : w) {
          const double unit = std::ldexp(1.0, i), x = static_cast<double>(v);
          const double fq = std::clamp(std::nearbyint(x / unit), low, high) * unit;
          loss += (x - fq) * (x - fq);
        }
        if (loss < least) least = loss, best = i;
      }
      const float reach = reach_of(w.flatten(), statistic::w_like, false, bits);
      CHECK(static_cast<double>(reach) == std::ldexp(1.0, best + bits - 1));
      CHECK(lnn::exponent_for(lnn::log2_single(reach), bits) == std::clamp(-best, 0, 23));
    }
}

}  // namespace test_statistic
