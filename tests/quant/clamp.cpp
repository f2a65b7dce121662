// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/quant/clamp.hpp>
#include <lnn/tensor/tensor.hpp>

namespace test_clamp {

TEST_CASE("clamp: a factor of the mean magnitude comes first, a fixed limit first for folded weights") {
  const lnn::tensor<float> w({4}, {1, -1, 3, -3}), none({0});
  const auto view = w.flatten();
  lnn::clamps c;
  CHECK(*c.activation == 8);
  CHECK_FALSE(c.bias.has_value());
  CHECK(*c.weight_limit(view) == 14);  // 7 * mean |w|
  CHECK(*c.folded_limit(view) == 14);
  c.weight = 0.5F;
  CHECK(*c.weight_limit(view) == 14);
  CHECK(*c.folded_limit(view) == 0.5F);
  c.weight_factor.reset();
  CHECK(*c.weight_limit(view) == 0.5F);
  c.weight.reset();
  CHECK_FALSE(c.weight_limit(view).has_value());
  CHECK_FALSE(c.folded_limit(view).has_value());
  CHECK(lnn::clamps::mean_magnitude(view) == 2);
  CHECK(lnn::clamps::mean_magnitude(none.flatten()) == 0);
}

}  // namespace test_clamp
