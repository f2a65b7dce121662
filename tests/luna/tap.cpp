// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>
#include <lnn/core/parallel.hpp>
#include <lnn/luna/tap.hpp>
#include <vector>

namespace test_tap {

TEST_CASE("values are recorded at their place, with the extremes of all") {
  std::uint8_t pass[4]{};
  float exact[4]{};
  lnn::tap t{.pass = pass, .exact = exact, .open = {-2, 2}};
  const std::int32_t values[] = {9, -9};
  t.record(1, values, 2, 2, 2);
  CHECK(exact[1] == 2.25F);
  CHECK(exact[2] == -2.25F);
  CHECK(exact[3] == 0.0F);
  CHECK(pass[1] == 1);
  CHECK(pass[2] == 1);  // -9 / 4 rounds to -2
  const std::int32_t large[] = {10, -11};
  t.record(2, large, 2, 2, 2);
  CHECK(pass[2] == 0);  // 10 / 4 rounds up to 3
  CHECK(pass[3] == 0);
  CHECK(t.highest == 2.5F);
  CHECK(t.lowest == -2.75F);
  t.reset();
  CHECK(t.highest == std::numeric_limits<float>::lowest());
}

TEST_CASE("recording nothing leaves the extremes, and both arrays may be absent") {
  lnn::tap t;
  const std::int64_t one = 4;
  t.record(0, &one, 0, 0, 0);
  CHECK(t.highest < t.lowest);
  t.record(0, &one, 1, 1, 1);
  CHECK(t.highest == 2.0F);
}

TEST_CASE("values that are no integers are recorded beside their rounded ones") {
  std::uint8_t pass[3]{};
  float exact[3]{};
  lnn::tap t{.pass = pass, .exact = exact, .open = {-2, 2}};
  const float values[] = {0.7F, -3.2F};
  const std::int64_t rounded[] = {1, -3};
  t.record_real(1, values, rounded, 2);
  CHECK(exact[1] == 0.7F);
  CHECK(exact[2] == -3.2F);
  CHECK(pass[1] == 1);
  CHECK(pass[2] == 0);
  CHECK(t.highest == 0.7F);
  CHECK(t.lowest == -3.2F);
  lnn::tap none;
  none.record_real(0, values, rounded, 0);
  CHECK(none.highest < none.lowest);
}

TEST_CASE("several threads find the same extremes") {
  lnn::tap t;
  lnn::pool workers(4);
  workers.run(1000, [&](int i) {
    const std::int32_t v = (i * 7919) % 1000 - 300;
    t.record(0, &v, 1, 0, 0);
  });
  CHECK(t.lowest == -300.0F);
  CHECK(t.highest == 699.0F);
}

}  // namespace test_tap
