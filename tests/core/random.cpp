// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <lnn/core/random.hpp>
#include <numeric>
#include <vector>

namespace test_random {

using generator = lnn::random;

namespace {

using words4 = std::array<std::uint32_t, 4>;
using words2 = std::array<std::uint32_t, 2>;

/// Philox4x32-10 as the publication has it: two multiplications, then the words change places.
words4 philox(words4 counter, words2 key) {
  for (int round = 0; round < 10; ++round) {
    const auto [c0, c1, c2, c3] = counter;
    const std::uint64_t a = 0xD2511F53ULL * c0, b = 0xCD9E8D57ULL * c2;
    const auto high = [](std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); };
    counter = {high(b) ^ c1 ^ key[0], static_cast<std::uint32_t>(b), high(a) ^ c3 ^ key[1],
               static_cast<std::uint32_t>(a)};
    key = {key[0] + 0x9E3779B9U, key[1] + 0xBB67AE85U};
  }
  return counter;
}

constexpr std::uint32_t ones = 0xffffffffU;

}  // namespace

// Known-answer vectors of Philox4x32-10 from the Random123 publication.
TEST_CASE("known answers") {
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == words4{0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U});
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        words4{0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU});
  CHECK(philox({0x243f6a88U, 0x85a308d3U, 0x13198a2eU, 0x03707344U}, {0xa4093822U, 0x299f31d0U}) ==
        words4{0xd16cfe09U, 0x94fdccebU, 0x5001e420U, 0x24126ea1U});
  generator r(0, 0);
  for (const std::uint32_t word : {0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U})
    CHECK(r.next() == word);
}

TEST_CASE("seed is the key, stream the upper half of the counter, position / 4 the lower") {
  generator draw(11);
  const auto wide = [&] { return static_cast<std::uint64_t>(draw.next()) << 32 | draw.next(); };
  const auto low = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t seed = wide(), stream = wide(), index = wide() >> 2;
    const words4 expected =
        philox({low(index), low(index >> 32), low(stream), low(stream >> 32)}, {low(seed), low(seed >> 32)});
    generator r = generator::from_state({seed, stream, index * 4});
    for (const std::uint32_t word : expected) REQUIRE(r.next() == word);
  }
}

TEST_CASE("the state continues where it stopped") {
  generator a(42, 3);
  for (int i = 0; i < 7; ++i) a.next();
  generator b = generator::from_state(a.state());
  for (int i = 0; i < 20; ++i) REQUIRE(a.next() == b.next());
}

TEST_CASE("numbers of a range are spread evenly and stay inside") {
  generator r(1);
  int seen[10]{};
  for (int i = 0; i < 100000; ++i) ++seen[r.below(10)];
  for (const int n : seen) CHECK((n > 9500 && n < 10500));
  double sum = 0;
  for (int i = 0; i < 100000; ++i) {
    const float u = r.uniform();
    REQUIRE(u >= 0.0F);
    REQUIRE(u < 1.0F);
    sum += static_cast<double>(u);
  }
  CHECK(sum / 100000 == doctest::Approx(0.5).epsilon(0.01));
}

TEST_CASE("shuffling keeps every item, and works in constants") {
  std::vector<int> v(100);
  std::iota(v.begin(), v.end(), 0);
  generator(5).shuffle(std::span(v));
  CHECK(v[0] + v[1] + v[2] != 3);
  std::vector<int> sorted = v;
  std::sort(sorted.begin(), sorted.end());
  for (int i = 0; i < 100; ++i) REQUIRE(sorted[static_cast<std::size_t>(i)] == i);
  static_assert(generator(0, 0).next() == 0x6627e8d5U);
}

}  // namespace test_random
