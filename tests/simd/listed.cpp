// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/luna/kernels.hpp>
#include <lnn/luna/pool.hpp>
#include <lnn/simd/pool_s8.hpp>
#include <lnn/simd/softmax_s8.hpp>
#include <lnn/simd/table_s8.hpp>
#include <vector>

namespace test_listed {

using namespace lnn::simd;

namespace {

int pick(lnn::random& draw, int least, int most) { return least + static_cast<int>(draw.below(static_cast<std::uint32_t>(most - least + 1))); }

std::vector<std::int8_t> bytes(lnn::random& draw, std::size_t n, bool extreme = false) {
  std::vector<std::int8_t> v(n);
  for (auto& x : v) x = extreme ? static_cast<std::int8_t>(draw.below(2) ? -128 : 127) : static_cast<std::int8_t>(draw.below(256));
  return v;
}

int made = 0, short_ones = 0;  // average pools that have a form, and one of 16 bits

void check_pool(lnn::random& draw, int trial, const lnn::window2& w, int channels) {
  CAPTURE(w.in.h);
  CAPTURE(w.in.w);
  CAPTURE(w.kernel.h);
  CAPTURE(w.kernel.w);
  CAPTURE(channels);
  const auto deep = static_cast<std::size_t>(channels);
  const auto x = bytes(draw, w.in_size() * deep, trial % 5 == 0);
  std::vector<std::int8_t> greatest(w.out_size() * deep), y(greatest.size()), averages(greatest.size());
  lnn::luna::max_pixels<lnn::luna::kernels>(w, channels, x.data(), greatest.data());
  std::vector<std::int32_t> sums(greatest.size());
  lnn::luna::sum_pixels<lnn::luna::kernels>(w, channels, x.data(), sums.data());
  const int area = trial % 3 == 0 ? pick(draw, 1, 40) : static_cast<int>(w.taps()), q_x = pick(draw, 0, 9), q_o = trial % 4 == 0 ? q_x : pick(draw, 0, 9), bits = trial % 2 == 0 ? 16 : 32;
  for (std::size_t i = 0; i < sums.size(); ++i) averages[i] = lnn::saturate<std::int8_t>(lnn::luna::average(sums[i], area, q_x, q_o, bits));
  const detail::average_end end(area, static_cast<int>(w.taps()), q_x, q_o, bits);
  made += end.possible(), short_ones += end.scale != 0;
  const int cut = pick(draw, 0, w.out.h);
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    const auto check = [&](const pool_s8& pool, const std::vector<std::int8_t>& wanted) {
      std::fill(y.begin(), y.end(), std::int8_t{});
      pool.run(x.data(), y.data(), 0, cut);
      pool.run(x.data(), y.data(), cut, w.out.h);
      CHECK(y == wanted);
    };
    check(pool_s8::greatest(path, w, channels), greatest);
    if (end.possible()) check(pool_s8::average(path, w, channels, end), averages);
  }
}

}  // namespace

TEST_CASE("table: every byte finds its value on every instruction set") {
  lnn::random draw(71);
  std::int8_t values[256];
  for (int trial = 0; trial < 60; ++trial) {
    for (auto& v : values) v = static_cast<std::int8_t>(draw.below(256));
    const std::size_t n = trial < 40 ? static_cast<std::size_t>(pick(draw, 0, 200)) : 1024;
    auto x = bytes(draw, n);
    for (std::size_t i = 0; n == 1024 && i < 256; ++i) x[i] = static_cast<std::int8_t>(i);
    for (isa path : all_isas) {
      if (!supported(path)) continue;
      CAPTURE(name_of(path));
      table_s8 table;
      table.prepare(path, values);
      std::vector<std::int8_t> y(n), wanted(n);
      for (std::size_t i = 0; i < n; ++i) wanted[i] = values[x[i] + 128];
      table.run(n, x.data(), y.data());
      CHECK(y == wanted);
    }
  }
}

TEST_CASE("pools with channels innermost: equal to the reference on every instruction set") {
  lnn::random draw(72);
  for (int trial = 0; trial < 400; ++trial) {
    const auto extent = [&](int most) { return lnn::extent2{pick(draw, 1, most), pick(draw, 1, most)}; };
    const auto w = lnn::window2::over(extent(12), extent(4), extent(3), {pick(draw, 0, 3), pick(draw, 0, 3), pick(draw, 0, 3), pick(draw, 0, 3)}, {1, 1}, draw.below(2) == 1);
    if (w.out.h <= 0 || w.out.w <= 0) continue;
    check_pool(draw, trial, w, pick(draw, 1, trial % 3 == 0 ? 200 : 40));
  }
  check_pool(draw, 5, lnn::window2::over({30, 31}, {30, 31}, {1, 1}, 0), 70);
  CHECK(made > 250);
  CHECK(short_ones > 100);
}

TEST_CASE("softmax of bytes: equal to the reference on every instruction set") {
  lnn::random draw(73);
  for (int trial = 0; trial < 400; ++trial) {
    const auto unit = draw.below(2) ? lnn::curves::stepped : lnn::curves::fused;
    const int q = pick(draw, 2, trial % 4 == 0 ? 25 : 7), q_o = pick(draw, 0, 15);
    const auto n = static_cast<std::size_t>(pick(draw, 1, trial % 10 == 0 ? 1200 : 70));
    REQUIRE(softmax_s8::covers(unit, q, q_o));
    const auto x = bytes(draw, 3 * n, trial % 7 == 0);
    std::vector<std::int8_t> y(x.size()), wanted(x.size());
    for (std::size_t row = 0; row < 3; ++row) {
      std::vector<std::int32_t> e(n);
      for (std::size_t i = 0; i < n; ++i) e[i] = lnn::saturate<std::int32_t>(lnn::rescale(x[row * n + i], q, lnn::luna::softmax_input));
      lnn::luna::softmax(unit, e.data(), n, e.data());
      for (std::size_t i = 0; i < n; ++i) wanted[row * n + i] = lnn::saturate<std::int8_t>(lnn::rescale(e[i], lnn::luna::softmax_output, q_o));
    }
    for (isa path : all_isas) {
      if (!supported(path)) continue;
      CAPTURE(name_of(path));
      CAPTURE(n);
      CAPTURE(q);
      softmax_s8 layer;
      layer.prepare(path, unit, q, q_o);
      layer.run(3, n, x.data(), y.data());
      CHECK(y == wanted);
    }
  }
  CHECK_FALSE(softmax_s8::covers(lnn::curves::narrow, 4, 7));
  CHECK_FALSE(softmax_s8::covers(lnn::curves::fused, 1, 7));
}

}  // namespace test_listed
