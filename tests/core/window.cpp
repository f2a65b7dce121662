// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/core/window.hpp>
#include <map>
#include <tuple>

namespace test_window {

using lnn::window2;

namespace {

/// (tap, output) -> input by the definition: input = output * stride - pad + tap * dilation.
using meeting = std::map<std::tuple<int, int>, int>;

meeting define(const window2& w) {
  meeting all;
  for (int p = 0; p < w.kernel.h; ++p)
    for (int q = 0; q < w.kernel.w; ++q)
      for (int i = 0; i < w.out.h; ++i)
        for (int j = 0; j < w.out.w; ++j) {
          const int row = i * w.stride.h - w.pad.top + p * w.dilation.h;
          const int column = j * w.stride.w - w.pad.left + q * w.dilation.w;
          if (row >= 0 && row < w.in.h && column >= 0 && column < w.in.w)
            all[{p * w.kernel.w + q, i * w.out.w + j}] = row * w.in.w + column;
        }
  return all;
}

meeting walked(const window2& w) {
  meeting all;
  w.walk([&](std::size_t tap, const window2::run& r) {
    for (std::size_t n = 0; n < r.n; ++n)
      all[{static_cast<int>(tap), static_cast<int>(r.y + n)}] = static_cast<int>(r.x + n * r.step);
  });
  return all;
}

}  // namespace

TEST_CASE("walking meets exactly the taps inside the image") {
  lnn::random draw(21);
  const auto pick = [&](int least, int most) {
    return least + static_cast<int>(draw.below(static_cast<std::uint32_t>(most - least + 1)));
  };
  for (int i = 0; i < 500; ++i) {
    const window2 w = window2::over(
        {pick(1, 9), pick(1, 9)}, {pick(1, 4), pick(1, 4)}, {pick(1, 4), pick(1, 4)},
        {pick(0, 4), pick(0, 4), pick(0, 4), pick(0, 4)}, {pick(1, 3), pick(1, 3)}, pick(0, 1) == 1);
    if (w.out.h < 1 || w.out.w < 1) continue;
    REQUIRE(walked(w) == define(w));
  }
}

TEST_CASE("positions: floor, ceil, and the last window that would start behind the image") {
  constexpr auto floor = [](int in, int k, int s, int pads) {
    return window2::positions(in, k, s, pads, 1, false, pads / 2);
  };
  constexpr auto ceil = [](int in, int k, int s, int pads) {
    return window2::positions(in, k, s, pads, 1, true, pads / 2);
  };
  static_assert(floor(7, 3, 2, 0) == 3 && ceil(7, 3, 2, 0) == 3);
  static_assert(floor(8, 3, 2, 0) == 3 && ceil(8, 3, 2, 0) == 4);
  static_assert(floor(2, 3, 1, 0) == 0 && floor(2, 3, 1, 2) == 2);
  // 5 wide with a padding of 1: a third window of 2 with stride 3 would start at 5, behind the last pixel
  static_assert(ceil(5, 2, 3, 2) == 2 && floor(5, 2, 3, 2) == 2);
  static_assert(window2::positions(1 << 20, 3, 1, 1 << 29, 1 << 28, false, 0) == 1 << 20);
}

TEST_CASE("settled: a single output has no stride, several keep theirs") {
  const auto far = lnn::window2::over({5, 9}, {3, 3}, {1 << 28, 2}, 0).settled();
  CHECK(far.stride == lnn::extent2{1, 2});
  CHECK(far.out == lnn::extent2{1, 4});
  CHECK(lnn::window2::over({9, 5}, {3, 3}, {3, 7}, 0).settled().stride == lnn::extent2{3, 1});
}

TEST_CASE("a single tap in place is a pointwise window") {
  CHECK(window2::over({5, 5}, {1, 1}, {1, 1}, 0).pointwise());
  CHECK_FALSE(window2::over({5, 5}, {1, 1}, {2, 1}, 0).pointwise());
  CHECK_FALSE(window2::over({5, 5}, {1, 1}, {1, 1}, 1).pointwise());
  CHECK_FALSE(window2{.in = {5, 5}, .out = {5, 6}}.pointwise());  // as a transposed convolution may ask
}

TEST_CASE("a window that is the whole input, and those that are not") {
  CHECK(window2::over({5, 4}, {5, 4}, {1, 1}, 0).whole());
  CHECK(window2::over({5, 4}, {5, 4}, {9, 9}, {0, 0, 1, 1}).whole());  // padding that no window reaches
  CHECK_FALSE(window2::over({5, 4}, {5, 3}, {1, 9}, 0).whole());
  CHECK_FALSE(window2::over({5, 4}, {5, 4}, {1, 1}, 1).whole());
  CHECK_FALSE(window2::over({5, 4}, {5, 4}, {9, 9}, 1).whole());
}

}  // namespace test_window
