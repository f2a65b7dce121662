// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <lnn/lnn.hpp>

int main() {
  lnn::tensor<float> values({2, 2}, {0.25F, -0.5F, 1.0F, 3.0F});
  const auto q = lnn::quantized<std::int8_t>::from(values.flatten(), 6);
  lnn::pool(2).run(2, [](int) {});
  std::printf("lnn %d.%d.%d: %d %d %d %d\n", LNN_VERSION_MAJOR, LNN_VERSION_MINOR, LNN_VERSION_PATCH,
              q.values[0], q.values[1], q.values[2], q.values[3]);
  return q.values == lnn::tensor<std::int8_t>({2, 2}, {16, -32, 64, 127}) ? 0 : 1;
}
