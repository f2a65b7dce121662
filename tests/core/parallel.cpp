// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <atomic>
#include <lnn/core/parallel.hpp>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace test_parallel {

TEST_CASE("every piece runs exactly once, with any number of threads") {
  for (const int threads : {1, 2, 3, 5}) {
    lnn::pool workers(threads);
    CHECK(workers.threads() == threads);
    for (const int pieces : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> seen(static_cast<std::size_t>(pieces));
      workers.run(pieces, [&](int i) { ++seen[static_cast<std::size_t>(i)]; });
      for (const auto& n : seen) REQUIRE(n == 1);
    }
  }
}

TEST_CASE("ranges cover everything without overlap") {
  lnn::pool workers(3);
  for (const std::size_t n : {0U, 1U, 7U, 100U}) {
    std::vector<std::atomic<int>> seen(n);
    workers.ranges(n, 8, [&](int, std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) ++seen[i];
    });
    for (const auto& times : seen) REQUIRE(times == 1);
  }
}

TEST_CASE("a piece's exception comes back, and the pool goes on") {
  lnn::pool workers(3);
  for (int round = 0; round < 20; ++round)
    CHECK_THROWS_WITH_AS(workers.run(50,
                                     [](int i) {
                                       if (i == 17) throw std::runtime_error("piece 17");
                                     }),
                         "piece 17", std::runtime_error);
  std::atomic<int> done{0};
  workers.run(50, [&](int) { ++done; });
  CHECK(done == 50);
}

TEST_CASE("shares cover everything once, in one part for each thread") {
  for (const int threads : {1, 2, 5}) {
    lnn::pool workers(threads);
    for (const std::size_t n : {0U, 1U, 3U, 64U}) {
      std::vector<int> times(n);
      std::atomic<int> parts{0};
      workers.shares(n, [&](std::size_t first, std::size_t last) {
        ++parts;
        for (; first < last; ++first) ++times[first];
      });
      CHECK(times == std::vector<int>(n, 1));
      CHECK(parts == std::min(threads, static_cast<int>(n)));
    }
  }
}

TEST_CASE("work within work runs in the calling thread") {
  lnn::pool workers(3);
  std::atomic<int> done{0};
  workers.run(8, [&](int) { workers.run(8, [&](int) { ++done; }); });
  CHECK(done == 64);
}

TEST_CASE("many short rounds end") {
  lnn::pool workers(4);
  long long sum = 0;
  for (int round = 0; round < 5000; ++round) {
    int part[4]{};
    workers.run(4, [&](int i) { part[i] = i + round; });
    sum += std::accumulate(part, part + 4, 0LL);
  }
  CHECK(sum == 4LL * 5000 * 4999 / 2 + 6LL * 5000);
}

}  // namespace test_parallel
