// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/simd/kernels.hpp>
#include <lnn/train/clamp_step.hpp>

namespace test_clamp_step {

TEST_CASE("clamp_step: values, and a gradient of one up to and with the bounds") {
  using lnn::tensor;
  lnn::pool workers(1);
  lnn::basic_tape<float, lnn::simd::kernels> t(workers);
  auto& x = t.make({6});
  const float values[] = {-3, -2, -1.5F, 0, 2, 2.5F};
  std::copy_n(values, 6, x.value.data);
  std::optional<float> limit = 2.0F;
  int asked = 0;
  auto& y = lnn::detail::clamp_on(t, x, [&](lnn::flat<const float> v) {
    CHECK(v.data == x.value.data);
    ++asked;
    return limit;
  });
  CHECK(y.value[0] == -2);
  CHECK(y.value[2] == -1.5F);
  CHECK(y.value[5] == 2);
  for (int round = 0; round < 2; ++round) t.backward(y);
  const float expected[] = {0, 1, 1, 1, 1, 0};
  for (std::size_t i = 0; i < 6; ++i) CHECK(x.grad[i] == expected[i]);
  limit.reset();  // asked anew at every pass
  t.forward();
  CHECK(asked == 2);
  CHECK(y.value[0] == -3);
  t.backward(y);
  CHECK(x.grad[5] == 1);

  auto& data = t.input({2});
  auto& z = lnn::detail::clamp_on(t, data, [](lnn::flat<const float>) { return std::optional<float>(1.0F); });
  CHECK_FALSE(z.grad);
  tensor<float> w({3}, {-2, 0.5F, 2});
  std::vector<unsigned char> cut;
  CHECK(lnn::detail::clamp_values(w, 1.0F, cut));
  CHECK(w == tensor<float>({3}, {-1, 0.5F, 1}));
  CHECK(cut == std::vector<unsigned char>{1, 0, 1});
  CHECK_FALSE(lnn::detail::clamp_values(w, 1.0F, cut));
  CHECK_FALSE(lnn::detail::clamp_values(w, {}, cut));
  CHECK(cut == std::vector<unsigned char>{0, 0, 0});
}

}  // namespace test_clamp_step
