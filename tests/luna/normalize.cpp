// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/luna/normalize.hpp>
#include <vector>

#include "../wide.hpp"

namespace test_normalize {

namespace {

/// luna_ops.md 3.7 word for word, in 128 bits.
std::vector<wide::number> expected(const std::vector<std::int32_t>& x, int q_x, int bits) {
  const auto n = static_cast<wide::number>(x.size());
  wide::number sum = 0, squares = 0;
  for (const std::int32_t v : x) sum += v, squares += wide::number{v} * v;
  wide::number d = n * squares - sum * sum + lnn::luna::normal_epsilon(q_x, x.size());
  int q1 = 5;
  for (; d >= 1024; ++q1) d = wide::floor_div(d, 4);
  for (; d > 0 && d < 256; --q1) d *= 4;
  if (d <= 0) d = 256, q1 = 0;
  const auto table = std::min(32767.0, std::floor(32768 / std::sqrt(static_cast<double>(d) / 256)));
  std::vector<wide::number> y;
  for (const std::int32_t v : x)
    y.push_back(wide::clamp(wide::half_up((n * v - sum) * static_cast<int>(table), q1 + 4), bits));
  return y;
}

void check_row(const std::vector<std::int32_t>& x, int q_x) {
  for (const int bits : {16, 32}) {
    std::vector<std::int64_t> y(x.size());
    lnn::luna::normalize(x.data(), x.size(), q_x, bits, y.data());
    const auto wanted = expected(x, q_x, bits);
    for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(y[i] == wanted[i]);
  }
}

}  // namespace

TEST_CASE("normalized rows equal the definition, long ones too") {
  lnn::random draw(81);
  for (const std::size_t n : {1U, 2U, 3U, 16U, 100U, 256U, 1000U, 5000U})
    for (const int q : {0, 3, 7, 15})
      for (const std::uint32_t reach : {1U, 7U, 128U, 32768U}) {
        std::vector<std::int32_t> x(n);
        for (auto& v : x)
          v = static_cast<std::int32_t>(draw.below(2 * reach)) - static_cast<std::int32_t>(reach);
        check_row(x, q);
      }
}

TEST_CASE("constant rows become zero; rows whose products pass 32 bits keep their sign") {
  check_row(std::vector<std::int32_t>(64, 77), 5);
  std::vector<std::int64_t> y(300);
  const std::vector<std::int32_t> flat(300, -128);
  lnn::luna::normalize(flat.data(), 300, 7, 16, y.data());
  for (const std::int64_t v : y) CHECK(v == 0);
  // 4000 * (4000 * 2^14) is above 2^32: +-1 at exponent 10, but for the table's last bit
  std::vector<std::int32_t> x(4000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = i % 2 == 0 ? -128 : 127;
  y.resize(4000);
  lnn::luna::normalize(x.data(), 4000, 4, 16, y.data());
  CHECK(std::abs(static_cast<double>(y[0]) + 1024) <= 3);
  CHECK(std::abs(static_cast<double>(y[1]) - 1024) <= 3);
}

TEST_CASE("a lone outlier of a long row clamps at 16 bits, not at 32") {
  std::vector<std::int32_t> x(4000, 0);
  x[17] = 127;
  std::vector<std::int64_t> narrow(4000), wide_row(4000);
  lnn::luna::normalize(x.data(), 4000, 0, 16, narrow.data());
  lnn::luna::normalize(x.data(), 4000, 0, 32, wide_row.data());
  CHECK(narrow[17] == 32767);
  CHECK(wide_row[17] > 60000);
  check_row(x, 0);
}

TEST_CASE("epsilon on the grid of count^2 * variance") {
  CHECK(lnn::luna::normal_epsilon(4, 16) == 1);      // 0.655 + 0.5
  CHECK(lnn::luna::normal_epsilon(3, 16) == 0);      // 0.164 + 0.5
  CHECK(lnn::luna::normal_epsilon(6, 256) == 2684);  // 2684.35
  CHECK(lnn::luna::normal_epsilon(31, 65536) == std::int64_t{1} << 61);
}

}  // namespace test_normalize
