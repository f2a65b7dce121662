// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <chrono>
#include <lnn/core/clock.hpp>
#include <thread>

namespace test_clock {

TEST_CASE("monotonic_seconds: counts the seconds of a steady clock") {
  using clock = std::chrono::steady_clock;
  const auto before = clock::now();
  const double start = lnn::monotonic_seconds();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const double here = lnn::monotonic_seconds() - start;
  const double around = std::chrono::duration<double>(clock::now() - before).count();
  CHECK(here >= 0.02);
  CHECK(here <= around + 1e-6);
}

}  // namespace test_clock
