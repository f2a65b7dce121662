// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstdlib>

#include "../core/algorithm.hpp"
#include "../core/random.hpp"
#include "dataset.hpp"

namespace lnn {

namespace detail {
/// Whether pixel (x, y), counted from the centre of the figure, belongs to figure `kind` of radius r.
[[nodiscard]] constexpr bool in_figure(int kind, int x, int y, int r) {
  const int ax = x < 0 ? -x : x, ay = y < 0 ? -y : y, far = std::max(ax, ay), square = x * x + y * y;
  const auto band = [](int v) { return (v + 64) % 6 < 3; };  // stripes three pixels wide
  switch (kind) {
    case 0: return far <= r && band(y);                                            // stripes, lying
    case 1: return far <= r && band(x);                                            // stripes, upright
    case 2: return far <= r && band(x + y);                                        // stripes, slanted
    case 3: return far <= r && band(x) != band(y);                                 // checkerboard
    case 4: return square <= r * r;                                                // disc
    case 5: return square <= r * r && square >= (r - 3) * (r - 3);                 // ring
    case 6: return far <= r && far >= r - 2;                                       // frame
    case 7: return (ax <= 1 || ay <= 1) && far <= r;                               // cross
    case 8: return (std::min(ax > ay ? ax - ay : ay - ax, far) <= 1) && far <= r;  // diagonal cross
    default: return y >= -r && y <= r && 2 * ax <= y + r;                          // triangle
  }
}
}  // namespace detail

/// Generated grey images of 28 x 28 pixels in ten classes of figures with random place, size, brightness and
/// noise, for when no data are at hand.  Sample i has class i mod 10 and is a pure function of (seed, first +
/// i); only integers are used, so every platform makes the same bytes.
[[nodiscard]] inline dataset synthetic_images(std::size_t samples, std::uint64_t seed = 1,
                                              std::size_t first = 0) {
  constexpr int side = 28;
  dataset out;
  out.sample = {1, side, side};
  out.class_names = {"lying stripes", "upright stripes", "slanted stripes", "checkerboard",   "disc",
                     "ring",          "frame",           "cross",           "diagonal cross", "triangle"};
  out.labels.reserve(samples);
  out.pixels.reserve(samples * out.sample.size());
  for (std::size_t i = 0; i < samples; ++i) {
    random draw(seed, first + i);
    const auto between = [&](int low, int high) {
      return low + static_cast<int>(draw.below(static_cast<std::uint32_t>(high - low + 1)));
    };
    const int kind = static_cast<int>((first + i) % 10);
    const int radius = between(6, 10), cx = between(radius, side - 1 - radius),
              cy = between(radius, side - 1 - radius);
    const int ground = between(0, 80), figure = ground + between(50, 130), noise = between(10, 45);
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) {
        const int value = detail::in_figure(kind, x - cx, y - cy, radius) ? figure : ground;
        const int grain = between(-noise, noise) + between(-noise, noise);
        out.pixels.push_back(static_cast<std::uint8_t>(std::clamp(value + grain, 0, 255)));
      }
    out.labels.push_back(kind);
  }
  return out;
}

/// Generated training and test images that share no sample.
[[nodiscard]] inline train_test synthetic(std::size_t train, std::size_t test, std::uint64_t seed = 1) {
  return {synthetic_images(train, seed), synthetic_images(test, seed, (train + 9) / 10 * 10)};
}

}  // namespace lnn
