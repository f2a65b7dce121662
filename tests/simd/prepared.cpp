// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/parallel.hpp>
#include <lnn/core/random.hpp>
#include <lnn/luna/matrix.hpp>
#include <lnn/luna/spread.hpp>
#include <lnn/simd/channelwise_s8.hpp>
#include <lnn/simd/conv_s8.hpp>
#include <lnn/simd/transposed_s8.hpp>
#include <lnn/tensor/quantized.hpp>

namespace test_prepared {

using namespace lnn::simd;
using lnn::dtype;

namespace {

int pick(lnn::random& draw, int least, int most) {
  return least + static_cast<int>(draw.below(static_cast<std::uint32_t>(most - least + 1)));
}
std::size_t at(int i) { return static_cast<std::size_t>(i); }

std::vector<std::int8_t> bytes(lnn::random& draw, int n, int kind) {
  std::vector<std::int8_t> v(at(n));
  for (auto& x : v)
    x = kind == 0 ? std::int8_t{-128} : kind == 1 ? static_cast<std::int8_t>(draw.below(2) ? -128 : 127) : static_cast<std::int8_t>(draw.below(256));
  return v;
}
/// The same in four bits, one in a byte.
void narrow(std::vector<std::int8_t>& v) {
  for (auto& x : v) x = static_cast<std::int8_t>(x >> 4);
}
std::vector<std::int32_t> biases(lnn::random& draw, int n, bool wild) {
  std::vector<std::int32_t> v(at(n));
  for (auto& b : v) b = wild && draw.below(3) == 0 ? (draw.below(2) ? INT32_MAX : INT32_MIN) : static_cast<std::int32_t>(draw.next()) >> pick(draw, 8, 24);
  return v;
}

/// All that may follow a product; every form that the fused end does not cover comes up.
lnn::luna::requantizer any_end(lnn::random& draw, int trial) {
  constexpr dtype types[] = {dtype::int8, dtype::int8, dtype::int8, dtype::int8, dtype::int16, dtype::int32};
  constexpr lnn::accumulator rules[] = {lnn::accumulator::clamp_with_bias, lnn::accumulator::clamp_before_bias, lnn::accumulator::exact};
  lnn::luna::requantizer to;
  to.out.type = types[pick(draw, 0, 5)];
  to.shift = trial % 3 == 0 && to.out.type == dtype::int32 ? 0 : trial % 17 == 0 ? pick(draw, 28, 40) : trial % 13 == 0 ? -pick(draw, 1, 3) : pick(draw, 0, 14);
  to.relu = draw.below(3) == 0;
  to.slope = trial % 11 == 0 ? 3 : 0;
  to.rule = rules[pick(draw, 0, 2)];
  return to;
}

void check_dense(lnn::random& draw, int trial, int rows, int in, int out) {
  CAPTURE(rows);
  CAPTURE(in);
  CAPTURE(out);
  const int kind = trial % 8, gap = trial % 3;
  const bool four_bits = trial % 6 == 5;
  const auto x = bytes(draw, rows * (in + gap), kind);
  auto w = bytes(draw, out * in, kind);
  if (four_bits) narrow(w);
  const auto bias = biases(draw, out, trial % 5 == 0);
  lnn::luna::requantizer to = any_end(draw, trial);
  const std::int32_t* b = trial % 7 == 0 ? nullptr : bias.data();
  std::vector<std::int8_t> close;
  for (int r = 0; r < rows; ++r) close.insert(close.end(), x.begin() + r * (in + gap), x.begin() + r * (in + gap) + in);
  std::vector<std::int32_t> wanted(at(rows * out)), y(wanted.size());
  lnn::pool one(1);
  to.out.data = wanted.data();
  auto* const values = const_cast<std::int8_t*>(close.data());
  lnn::luna::multiply({.rows = rows, .in = in, .out = out, .x = {values, dtype::int8, {rows, in}, 0},
                       .weight = {const_cast<std::int8_t*>(w.data()), dtype::int8, {out, in}, 0}, .bias = b}, to, one);
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    static prepared_s8 layer;  // prepared again and again, as in training
    layer.prepare(path, out, 1, in, weight_grid::rows(w.data(), in), b, to, four_bits);
    std::fill(y.begin(), y.end(), 0);
    dense(layer, rows, x.data(), in + gap, y.data());
    CHECK(y == wanted);
    std::fill(y.begin(), y.end(), 0);
    const int shares = pick(draw, 2, 4);
    for (int i = 0; i < shares; ++i) dense(layer, rows, x.data(), in + gap, y.data(), layer.share(i, shares));
    CHECK(y == wanted);
  }
}

/// [n][c][pixels] to [n][pixels][c] and back.
template <class T>
std::vector<T> turned(const T* from, int outer, int inner) {
  std::vector<T> to(at(outer * inner));
  for (int i = 0; i < outer; ++i)
    for (int j = 0; j < inner; ++j) to[at(j * outer + i)] = from[at(i * inner + j)];
  return to;
}

/// Whether y [pixels][channels] holds the elements of wanted [channels][pixels].
bool same_turned(dtype type, const std::vector<std::int32_t>& y, int pixels, int channels, const std::vector<std::int32_t>& wanted) {
  bool same = false;
  lnn::with_element(type, [&](auto element) {
    using T = decltype(element);
    const auto back = turned(reinterpret_cast<const T*>(y.data()), pixels, channels);
    same = std::equal(back.begin(), back.end(), reinterpret_cast<const T*>(wanted.data()));
  });
  return same;
}

void check_conv(lnn::random& draw, int trial, const lnn::window2& window, int channels_in, int channels_out, int groups) {
  CAPTURE(window.in.h);
  CAPTURE(window.in.w);
  CAPTURE(window.kernel.h);
  CAPTURE(window.kernel.w);
  CAPTURE(window.stride.w);
  CAPTURE(window.dilation.w);
  CAPTURE(channels_in);
  CAPTURE(channels_out);
  CAPTURE(groups);
  const int in = window.in.h * window.in.w, out = window.out.h * window.out.w;
  const auto x = bytes(draw, channels_in * in, trial % 8);
  auto w = bytes(draw, channels_out * channels_in / groups * window.kernel.h * window.kernel.w, trial % 8);
  const bool four_bits = trial % 6 == 5;
  if (four_bits) narrow(w);
  const auto bias = biases(draw, channels_out, trial % 5 == 0);
  lnn::luna::requantizer to = any_end(draw, trial);
  lnn::luna::convolution task{.window = window, .channels_in = channels_in, .channels_out = channels_out, .groups = groups};
  task.x = {const_cast<std::int8_t*>(x.data()), dtype::int8, {1, channels_in, window.in.h, window.in.w}, 0};
  task.weight = {w.data(), four_bits ? dtype::int4 : dtype::int8, {channels_out, channels_in / groups, window.kernel.h, window.kernel.w}, 0};
  task.bias = trial % 7 == 0 ? nullptr : bias.data();
  std::vector<std::int32_t> wanted(at(channels_out * out));
  lnn::pool one(1);
  to.out.data = wanted.data();
  lnn::luna::convolve(task, to, one);
  const auto x_inner = turned(x.data(), channels_in, in);
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    const int cut = pick(draw, 0, window.out.h);
    const auto check = [&](auto& layer, const auto& in_shares) {
      layer.prepare(path, task, to);
      std::vector<std::int32_t> whole(wanted.size()), shared(wanted.size());
      layer.run(x_inner.data(), whole.data());
      in_shares(layer, shared.data());
      for (const auto& y : {whole, shared}) CHECK(same_turned(to.out.type, y, out, channels_out, wanted));
    };
    static conv_s8 general;
    static channelwise_s8 channelwise;
    check(general, [&](const conv_s8& layer, void* y) {
      layer.run(x_inner.data(), y, {0, cut});
      for (const int part : {0, 1}) layer.run(x_inner.data(), y, {cut, window.out.h, part, 2});
    });
    if (groups == channels_in && channels_in == channels_out)
      check(channelwise, [&](const channelwise_s8& layer, void* y) {
        layer.run(x_inner.data(), y, 0, cut);
        layer.run(x_inner.data(), y, cut, window.out.h);
      });
  }
}

/// `backward` leads from the outputs to the inputs.
void check_transposed(lnn::random& draw, int trial, const lnn::window2& backward, int deep, int wide, int groups) {
  CAPTURE(backward.in.h);
  CAPTURE(backward.in.w);
  CAPTURE(backward.kernel.h);
  CAPTURE(backward.kernel.w);
  CAPTURE(backward.stride.h);
  CAPTURE(backward.stride.w);
  CAPTURE(backward.pad.top);
  CAPTURE(backward.pad.left);
  CAPTURE(deep);
  CAPTURE(wide);
  CAPTURE(groups);
  const int taps = static_cast<int>(backward.taps()), channels_in = deep * groups, channels_out = wide * groups;
  const int in = backward.out.h * backward.out.w, out = backward.in.h * backward.in.w;
  const auto x = bytes(draw, channels_in * in, trial % 8);
  auto w = bytes(draw, channels_in * wide * taps, trial % 8);
  const auto bias = biases(draw, channels_out, trial % 5 == 0);
  lnn::luna::requantizer to = any_end(draw, trial);
  lnn::luna::convolution task{.window = lnn::luna::transposed(backward), .channels_in = channels_in, .channels_out = channels_out, .groups = groups};
  const auto plane = static_cast<int>(task.window.in_size());
  std::vector<std::int8_t> spread(at(channels_in * plane)), turned_w(w.size());
  for (int k = 0; k < channels_in; ++k) lnn::luna::spread_plane(backward.out, backward.stride, x.data() + k * in, spread.data() + k * plane);
  lnn::luna::turn_kernels(groups, deep, wide, taps, w.data(), turned_w.data());
  task.x = {spread.data(), dtype::int8, {1, channels_in, task.window.in.h, task.window.in.w}, 0};
  task.weight = {turned_w.data(), dtype::int8, {channels_out, deep, backward.kernel.h, backward.kernel.w}, 0};
  task.bias = trial % 7 == 0 ? nullptr : bias.data();
  std::vector<std::int32_t> wanted(at(channels_out * out));
  lnn::pool one(1);
  to.out.data = wanted.data();
  lnn::luna::convolve(task, to, one);
  task.window = backward;
  task.weight.data = w.data();
  const auto x_inner = turned(x.data(), channels_in, in);
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    CAPTURE(name_of(path));
    static transposed_s8 layer;
    layer.prepare(path, task, to);
    std::vector<std::int32_t> y(wanted.size());
    layer.run(x_inner.data(), y.data());
    CHECK(same_turned(to.out.type, y, out, channels_out, wanted));
  }
}

}  // namespace

TEST_CASE("dense: equal to the reference on every instruction set, for every tail and every end") {
  lnn::random draw(61);
  int trial = 0;
  for (int rows = 1; rows <= 31; ++rows)
    for (int out : {1, 7, 8, 16, 17, 33, 48, 64, 65, 112}) check_dense(draw, trial++, rows, pick(draw, 1, 20), out);
  for (; trial < 700; ++trial) check_dense(draw, trial, pick(draw, 1, 50), pick(draw, 1, 200), pick(draw, 1, 140));
  for (int in : {68, 132, 516, 1020})  // several blocks of rows, one copied while the one before is multiplied
    for (int rows : {29, 56, 61, 97, 300})
      for (int out : {3, 20, 40, 70, 140}) check_dense(draw, 3 * trial++, rows, in, out);
  check_dense(draw, 4, 60, 6000, 100);   // weights beyond the cache
  check_dense(draw, 8, 2, 70000, 3);     // the largest magnitudes
}

TEST_CASE("dense: weights of four bits stay packed") {
  for (isa path : all_isas) {
    if (!supported(path)) continue;
    prepared_s8 wide, narrow;
    const std::vector<std::int8_t> numbers(64 * 64, -8);
    const auto weight = weight_grid::rows(numbers.data(), 64);
    lnn::luna::requantizer to;
    to.out.type = dtype::int8;
    wide.prepare(path, 64, 1, 64, weight, nullptr, to);
    narrow.prepare(path, 64, 1, 64, weight, nullptr, to, true);
    CHECK(narrow.bytes() == 64 * 64 / 2);
    CHECK(wide.bytes() == (group_of(path) == 4 ? 64 * 64 : 2 * 64 * 64));
  }
}

TEST_CASE("dense: sums that may not fit 32 bits are refused") {
  prepared_s8 layer;
  lnn::luna::requantizer to;
  const std::int8_t zero = 0;
  CHECK_THROWS_WITH_AS(layer.prepare(isa::portable, 1, 2, 65536, {&zero, 0, 0, 0, 65536}, nullptr, to),
                       "prepare: a sum of 131072 products may not fit 32 bits; use fewer than 131072, or luna's kernels",
                       lnn::error);
}

TEST_CASE("convolution with channels innermost: equal to the reference on every instruction set") {
  lnn::random draw(62);
  for (int trial = 0; trial < 500; ++trial) {
    const auto extent = [&](int most) { return lnn::extent2{pick(draw, 1, most), pick(draw, 1, most)}; };
    const auto window = lnn::window2::over(extent(20), extent(4), extent(3),
                                           {pick(draw, 0, 2), pick(draw, 0, 2), pick(draw, 0, 2), pick(draw, 0, 2)}, extent(2), draw.below(2) == 1);
    if (window.out.h <= 0 || window.out.w <= 0) continue;
    const int groups = trial % 4 == 0 ? pick(draw, 2, 3) : 1;
    check_conv(draw, trial, window, groups * pick(draw, 1, trial % 9 == 0 ? 40 : 9), groups * pick(draw, 1, trial % 6 == 0 ? 100 : 20), groups);
  }
  check_conv(draw, 3, lnn::window2::over({7, 7}, {3, 3}, {1, 1}, 1), 64, 96, 1);
  check_conv(draw, 4, lnn::window2::over({28, 28}, {1, 1}, {1, 1}, 0), 20, 70, 1);
  check_conv(draw, 5, lnn::window2::over({40, 640}, {3, 3}, {2, 1}, 1), 13, 5, 1);  // several bands
  check_conv(draw, 6, lnn::window2::over({32, 32}, {3, 3}, {1, 1}, 1), 3, 64, 1);
  for (int groups : {1, 16}) check_conv(draw, 7, lnn::window2::over({5, 5}, {3, 3}, {1 << 28, 1 << 28}, 1), 16, 16, groups);  // one window
}

TEST_CASE("transposed convolution with channels innermost: equal to the reference on every instruction set") {
  lnn::random draw(64);
  int made = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const auto extent = [&](int most) { return lnn::extent2{pick(draw, 1, most), pick(draw, 1, most)}; };
    lnn::window2 w{.kernel = extent(5), .stride = extent(4), .dilation = {1, 1}, .pad = {pick(draw, 0, 3), pick(draw, 0, 3), 0, 0}, .out = extent(9)};
    const auto size = [&](int n, int kernel, int stride, int cut) { return (n - 1) * stride + kernel - cut - pick(draw, 0, 2) + pick(draw, 0, 3); };
    w.in = {size(w.out.h, w.kernel.h, w.stride.h, w.pad.top), size(w.out.w, w.kernel.w, w.stride.w, w.pad.left)};
    if (w.in.h < 1 || w.in.w < 1) continue;
    check_transposed(draw, trial, w, pick(draw, 1, trial % 9 == 0 ? 40 : 9), pick(draw, 1, trial % 6 == 0 ? 100 : 20), trial % 4 == 0 ? pick(draw, 2, 3) : 1);
    ++made;
  }
  CHECK(made > 300);
  transposed_s8 layer;
  CHECK_THROWS_WITH_AS(layer.prepare(isa::portable, {.window = {.dilation = {2, 1}}}, {}), "transposed convolution: its taps lie apart; use luna's kernels", lnn::error);
}

TEST_CASE("depthwise convolution with channels innermost: equal to the reference on every instruction set") {
  lnn::random draw(63);
  for (int trial = 0; trial < 400; ++trial) {
    const auto extent = [&](int most) { return lnn::extent2{pick(draw, 1, most), pick(draw, 1, most)}; };
    const auto kernel = trial % 2 == 0 ? lnn::extent2{pick(draw, 3, 4), 3} : extent(6);
    const auto window = lnn::window2::over(extent(14), kernel, extent(3), {pick(draw, 0, 2), pick(draw, 0, 2), pick(draw, 0, 2), pick(draw, 0, 2)},
                                           trial % 3 == 0 ? extent(2) : lnn::extent2{1, 1}, draw.below(2) == 1);
    if (window.out.h <= 0 || window.out.w <= 0) continue;
    const int channels = trial % 4 == 0 ? 1 << pick(draw, 0, 6) : pick(draw, 1, 150);
    check_conv(draw, trial, window, channels, channels, channels);
  }
  for (int stride : {2, 3}) check_conv(draw, 3, lnn::window2::over({2, 2}, {3, 3}, {stride, stride}, 1), 144, 144, 144);  // one window, which never steps
  lnn::luna::convolution task{.channels_in = 4, .channels_out = 8, .groups = 4};
  channelwise_s8 layer;
  CHECK_THROWS_WITH_AS(layer.prepare(isa::portable, task, {}), "depthwise: 4 groups of 4 to 8 channels; use conv_s8", lnn::error);
}

}  // namespace test_prepared
