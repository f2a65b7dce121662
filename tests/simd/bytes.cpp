// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <lnn/core/random.hpp>
#include <lnn/fixed/round.hpp>
#include <lnn/fixed/saturate.hpp>
#include <lnn/simd/bytes.hpp>
#include <numeric>
#include <vector>

namespace test_bytes {

using lnn::simd::isa;

namespace {

/// What this machine can run.
std::vector<isa> paths() {
  std::vector<isa> all;
  std::ranges::copy_if(lnn::simd::all_isas, std::back_inserter(all), lnn::simd::supported);
  return all;
}

}  // namespace

TEST_CASE("rescale_s8: every byte, every shift, with and without relu, any length") {
  std::vector<std::int8_t> x(256);
  std::iota(x.begin(), x.end(), static_cast<std::int8_t>(-128));
  for (const int low : {-128, 0})
    for (int shift = -40; shift <= 40; ++shift)
      for (const std::size_t n : {std::size_t{256}, std::size_t{255}, std::size_t{17}, std::size_t{16}, std::size_t{1}, std::size_t{0}}) {
        std::vector<std::int8_t> wanted(n), y(n);
        const std::size_t from = 256 - n;
        for (std::size_t i = 0; i < n; ++i)
          wanted[i] = std::max(static_cast<std::int8_t>(low), lnn::saturate<std::int8_t>(lnn::rescale(x[from + i], shift, 0)));
        lnn::simd::rescale_s8(n, x.data() + from, shift, low, y.data());
        CAPTURE(shift);
        CAPTURE(n);
        REQUIRE(y == wanted);
        for (const isa path : paths()) {
          std::fill(y.begin(), y.end(), std::int8_t{1});
          lnn::simd::detail::run_on<lnn::simd::detail::rescale_s8_loop>(path, n, static_cast<const std::int8_t*>(x.data() + from), std::clamp(-shift, 0, 8),
                                                                       std::clamp(shift, 0, 9), low, y.data());
          REQUIRE(y == wanted);
        }
      }
}

TEST_CASE("bytes: sums and maxima of rows of any length") {
  lnn::random draw(5);
  for (std::size_t n = 0; n < 70; ++n)
    for (const isa path : paths()) {
      std::vector<std::int8_t> x(n), most(n);
      std::vector<std::int32_t> sum(n);
      for (std::size_t i = 0; i < n; ++i) {
        x[i] = static_cast<std::int8_t>(static_cast<int>(draw.below(256)) - 128);
        most[i] = static_cast<std::int8_t>(static_cast<int>(draw.below(256)) - 128);
        sum[i] = static_cast<std::int32_t>(draw.below(1000000)) - 500000;
      }
      auto larger = most;
      auto total = sum;
      for (std::size_t i = 0; i < n; ++i) larger[i] = std::max(larger[i], x[i]), total[i] += x[i];
      lnn::simd::detail::run_on<lnn::simd::detail::larger_bytes_loop>(path, n, static_cast<const std::int8_t*>(x.data()), most.data());
      lnn::simd::detail::run_on<lnn::simd::detail::add_bytes_loop>(path, n, static_cast<const std::int8_t*>(x.data()), sum.data());
      CHECK(most == larger);
      CHECK(sum == total);
    }
}

}  // namespace test_bytes
