// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <lnn/core/random.hpp>
#include <lnn/simd/depthwise.hpp>
#include <vector>

namespace test_depthwise {

namespace {

using namespace lnn::simd;
using lnn::image_stack, lnn::window2;

window2 random_window(lnn::random& draw) {
  const auto one_to = [&](std::uint32_t n) { return 1 + static_cast<int>(draw.below(n)); };
  const auto pad = [&] { return static_cast<int>(draw.below(4)); };
  for (;;) {
    const window2 w = window2::over({one_to(30), one_to(30)}, {one_to(5), one_to(5)}, {one_to(3), one_to(3)},
                                    {pad(), pad(), pad(), pad()}, {one_to(3), one_to(3)}, draw.below(2) == 1);
    if (w.out.h > 0 && w.out.w > 0) return w;
  }
}

/// Calls use(output, tap, input) for every product.
template <class Use>
void each_product(const window2& w, Use use) {
  for (int i = 0; i < w.out.h; ++i)
    for (int j = 0; j < w.out.w; ++j)
      for (int p = 0; p < w.kernel.h; ++p)
        for (int q = 0; q < w.kernel.w; ++q) {
          const int y = i * w.stride.h - w.pad.top + p * w.dilation.h,
                    x = j * w.stride.w - w.pad.left + q * w.dilation.w;
          if (y < 0 || x < 0 || y >= w.in.h || x >= w.in.w) continue;
          use(static_cast<std::size_t>(i * w.out.w + j), static_cast<std::size_t>(p * w.kernel.w + q),
              static_cast<std::size_t>(y * w.in.w + x));
        }
}

/// As random_window, but that the output has the size of the input.
window2 random_same_window(lnn::random& draw) {
  const auto one_to = [&](std::uint32_t n) { return 1 + static_cast<int>(draw.below(n)); };
  const lnn::extent2 kernel{one_to(6), one_to(6)}, dilation{one_to(3), one_to(3)};
  const lnn::extent2 reach{dilation.h * (kernel.h - 1), dilation.w * (kernel.w - 1)};
  const int top = one_to(static_cast<std::uint32_t>(reach.h + 1)) - 1, left = one_to(static_cast<std::uint32_t>(reach.w + 1)) - 1;
  return window2::over({one_to(30), one_to(30)}, kernel, {1, 1}, {top, left, reach.h - top, reach.w - left}, dilation);
}

template <class T>
void check_real(lnn::random& draw, const window2& window, double tolerance) {
  const auto numbers = [&](std::size_t n) {
    std::vector<T> v(n);
    for (T& e : v) e = draw.uniform(-1.0F, 1.0F);
    return v;
  };
  // images behind each other with a gap between them that nobody may touch
  const std::size_t images = 1 + draw.below(9), channels = 1 + draw.below(3);
  const std::size_t in = channels * window.in_size() + draw.below(3), out = channels * window.out_size() + draw.below(3);
  const image_stack stack{static_cast<int>(images), static_cast<std::ptrdiff_t>(in), static_cast<std::ptrdiff_t>(out)};
  const auto x = numbers(in * images), w = numbers(channels * window.taps()), gy = numbers(out * images), start = numbers(channels);
  const bool with_start = draw.below(2) == 1, fresh = draw.below(2) == 1;
  const auto gx_before = numbers(x.size()), gw_before = numbers(w.size());
  std::vector<double> y_wanted(gy.size(), 99), gx_wanted(gx_before.begin(), gx_before.end()), gw_wanted(gw_before.begin(), gw_before.end());
  for (std::size_t k = 0; k < images; ++k)
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t y0 = k * out + c * window.out_size(), x0 = k * in + c * window.in_size(), w0 = c * window.taps();
      std::fill_n(y_wanted.begin() + static_cast<std::ptrdiff_t>(y0), window.out_size(), with_start ? double{start[c]} : 0.0);
      if (fresh) std::fill_n(gx_wanted.begin() + static_cast<std::ptrdiff_t>(x0), window.in_size(), 0.0);
      each_product(window, [&](std::size_t to, std::size_t tap, std::size_t from) {
        y_wanted[y0 + to] += double{x[x0 + from]} * double{w[w0 + tap]};
        gx_wanted[x0 + from] += double{gy[y0 + to]} * double{w[w0 + tap]};
        gw_wanted[w0 + tap] += double{gy[y0 + to]} * double{x[x0 + from]};
      });
    }
  const auto near = [&](const std::vector<T>& got, const std::vector<double>& wanted) {
    for (std::size_t i = 0; i < got.size(); ++i)
      if (!(std::abs(got[i] - wanted[i]) <= tolerance)) return false;
    return true;
  };
  const int all = static_cast<int>(channels);
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    std::vector<T> y(gy.size(), 99), gx = gx_before, gw = gw_before;
    depthwise(path, window, all, stack, x.data(), w.data(), with_start ? start.data() : nullptr, y.data());
    depthwise_input_gradient(path, window, all, stack, gy.data(), w.data(), fresh, gx.data());
    depthwise_weight_gradient(path, window, all, stack, x.data(), gy.data(), gw.data());
    CHECK(near(y, y_wanted));
    CHECK(near(gx, gx_wanted));
    CHECK(near(gw, gw_wanted));
  }
}

void check_integer(lnn::random& draw, const window2& window, bool extreme) {
  std::vector<std::int8_t> x(window.in_size()), w(window.taps());
  for (auto& e : x) e = extreme ? -128 : static_cast<std::int8_t>(draw.below(256));
  for (auto& e : w) e = extreme ? -128 : static_cast<std::int8_t>(draw.below(256));
  std::vector<std::int32_t> wanted(window.out_size());
  each_product(window,
               [&](std::size_t out, std::size_t tap, std::size_t in) { wanted[out] += x[in] * w[tap]; });
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    std::vector<std::int32_t> acc(wanted.size(), 99);
    depthwise_s8(path, window, x.data(), w.data(), acc.data());
    CHECK(acc == wanted);
  }
}

void check_all(lnn::random& draw, const window2& w) {
  CAPTURE(w.in.h);
  CAPTURE(w.in.w);
  CAPTURE(w.kernel.h);
  CAPTURE(w.kernel.w);
  CAPTURE(w.stride.h);
  CAPTURE(w.stride.w);
  CAPTURE(w.dilation.h);
  CAPTURE(w.dilation.w);
  check_integer(draw, w, false);
  check_integer(draw, w, true);
  check_real<float>(draw, w, 2e-4);
  check_real<double>(draw, w, 1e-11);
}

}  // namespace

TEST_CASE("depthwise: forward and both gradients equal the textbook for any window") {
  lnn::random draw(11);
  for (int trial = 0; trial < 400; ++trial) check_all(draw, random_window(draw));
  for (int trial = 0; trial < 200; ++trial) check_all(draw, random_same_window(draw));
  for (int stride : {1, 2}) {
    check_all(draw, window2::over({28, 28}, {3, 3}, {stride, stride}, 1));
    check_all(draw, window2::over({56, 56}, {5, 5}, {stride, stride}, 2));
    check_all(draw, window2::over({7, 7}, {12, 12}, {stride, stride}, 6));
    check_all(draw, window2::over({1, 100}, {1, 9}, {1, stride}, {0, 4}));
  }
}

TEST_CASE("depthwise: a plane at either end of its memory is enough, and an infinite neighbour does not matter") {
  const window2 window = window2::over({5, 5}, {3, 3}, {1, 1}, 1);
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    std::vector<float> x(75, INFINITY), w(9, 1.0F), y(75, 7.0F), gw(9, 0.0F);
    std::fill_n(x.begin() + 25, 25, 1.0F);
    depthwise(path, window, 1, {1, 25, 25}, x.data() + 25, w.data(), nullptr, y.data() + 25);
    CHECK(std::count(y.begin(), y.end(), 7.0F) == 50);
    CHECK(y[25] == 4.0F);
    CHECK(y[26] == 6.0F);
    CHECK(y[31] == 9.0F);
    CHECK(y[49] == 4.0F);
    std::vector<float> gy(75, INFINITY);
    std::fill_n(gy.begin() + 25, 25, 1.0F);
    depthwise_weight_gradient(path, window, 1, {1, 25, 25}, x.data() + 25, gy.data() + 25, gw.data());
    CHECK(gw == std::vector<float>{16, 20, 16, 20, 25, 20, 16, 20, 16});
    depthwise_input_gradient(path, window, 1, {1, 25, 25}, gy.data() + 25, w.data(), false, y.data() + 25);
    CHECK(std::count(y.begin(), y.end(), 7.0F) == 50);
    CHECK(y[37] == 18.0F);
  }
}

}  // namespace test_depthwise
