// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/core/random.hpp>
#include <lnn/simd/im2col.hpp>
#include <vector>

namespace test_im2col {

namespace {

using lnn::window2;

window2 random_window(lnn::random& draw) {
  const auto one_to = [&](std::uint32_t n) { return 1 + static_cast<int>(draw.below(n)); };
  const auto pad = [&] { return static_cast<int>(draw.below(4)); };
  for (;;) {
    const window2 w = window2::over({one_to(20), one_to(20)}, {one_to(5), one_to(5)}, {one_to(3), one_to(3)},
                                    {pad(), pad(), pad(), pad()}, {one_to(3), one_to(3)}, draw.below(2) == 1);
    if (w.out.h > 0 && w.out.w > 0) return w;
  }
}

/// The input under tap (p, q) of output (i, j), or -1 in the padding.
int met(const window2& w, int p, int q, int i, int j) {
  const int y = i * w.stride.h - w.pad.top + p * w.dilation.h,
            x = j * w.stride.w - w.pad.left + q * w.dilation.w;
  return y < 0 || x < 0 || y >= w.in.h || x >= w.in.w ? -1 : y * w.in.w + x;
}

template <class Use>
void each_entry(const window2& w, int channels, Use use) {
  std::size_t at = 0;
  for (int c = 0; c < channels; ++c)
    for (int p = 0; p < w.kernel.h; ++p)
      for (int q = 0; q < w.kernel.w; ++q)
        for (int i = 0; i < w.out.h; ++i)
          for (int j = 0; j < w.out.w; ++j, ++at) {
            const int from = met(w, p, q, i, j);
            use(at, from < 0 ? -1 : c * w.in.h * w.in.w + from);
          }
}

}  // namespace

TEST_CASE("im2col: every entry is the input that its output meets under its tap") {
  lnn::random draw(3);
  for (int trial = 0; trial < 300; ++trial) {
    const window2 w = trial == 0 ? window2::over({5, 4}, {3, 2}, {1 << 28, 1 << 28}, 1) : random_window(draw);  // a stride beyond all
    const int channels = 1 + static_cast<int>(draw.below(4));
    const std::size_t in = w.in_size() * static_cast<std::size_t>(channels);
    const std::size_t out = w.out_size() * w.taps() * static_cast<std::size_t>(channels);
    std::vector<std::int8_t> image(in), columns(out, 99);
    for (auto& x : image) x = static_cast<std::int8_t>(draw.below(256));
    std::vector<float> widened(out, 99);
    lnn::simd::im2col(w, channels, image.data(), columns.data());
    lnn::simd::im2col(w, channels, image.data(), widened.data());
    int wrong = 0;
    each_entry(w, channels, [&](std::size_t at, int from) {
      const int wanted = from < 0 ? 0 : image[static_cast<std::size_t>(from)];
      wrong += columns[at] != wanted || widened[at] != static_cast<float>(wanted);
    });
    CHECK(wrong == 0);
  }
}

TEST_CASE("im2col and col2im: several images in one matrix are the images one by one") {
  lnn::random draw(5);
  for (int trial = 0; trial < 100; ++trial) {
    const window2 w = random_window(draw);
    const int channels = 1 + static_cast<int>(draw.below(3)), images = 1 + static_cast<int>(draw.below(4));
    const std::size_t each = w.in_size() * static_cast<std::size_t>(channels) + draw.below(5), rows = w.taps() * static_cast<std::size_t>(channels),
                      out = w.out_size(), wide = out * static_cast<std::size_t>(images);
    std::vector<float> image(each * static_cast<std::size_t>(images)), columns(rows * wide), single(rows * out), back(image.size());
    for (float& x : image) x = static_cast<float>(draw.below(64));
    std::vector<float> back_single(image.size());
    lnn::simd::im2col(w, channels, image.data(), columns.data(), images, static_cast<std::ptrdiff_t>(each));
    lnn::simd::col2im(w, channels, columns.data(), back.data(), images, static_cast<std::ptrdiff_t>(each));
    for (std::size_t k = 0; k < static_cast<std::size_t>(images); ++k) {
      lnn::simd::im2col(w, channels, image.data() + k * each, single.data());
      for (std::size_t r = 0; r < rows; ++r)
        REQUIRE(std::equal(single.begin() + static_cast<std::ptrdiff_t>(r * out), single.begin() + static_cast<std::ptrdiff_t>((r + 1) * out),
                           columns.begin() + static_cast<std::ptrdiff_t>(r * wide + k * out)));
      lnn::simd::col2im(w, channels, single.data(), back_single.data() + k * each);
    }
    CHECK(back == back_single);
  }
}

TEST_CASE("col2im: the adjoint of im2col") {
  lnn::random draw(4);
  for (int trial = 0; trial < 300; ++trial) {
    const window2 w = random_window(draw);
    const int channels = 1 + static_cast<int>(draw.below(4));
    const auto n = static_cast<std::size_t>(channels);
    std::vector<double> image(w.in_size() * n), columns(w.out_size() * w.taps() * n), back(image.size(), 5.0),
        there(columns.size());
    for (double& x : image) x = draw.below(64);
    for (double& x : columns) x = draw.below(64);
    lnn::simd::im2col(w, channels, image.data(), there.data());
    lnn::simd::col2im(w, channels, columns.data(), back.data());
    double left = 0, right = 0;  // <im2col(x), y> = <x, col2im(y)>, exactly in these integers
    for (std::size_t i = 0; i < columns.size(); ++i) left += there[i] * columns[i];
    for (std::size_t i = 0; i < image.size(); ++i) right += image[i] * (back[i] - 5.0);
    CHECK(left == right);
  }
}

}  // namespace test_im2col
