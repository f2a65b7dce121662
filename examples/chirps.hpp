// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/core/random.hpp>
#include <lnn/train/dataset.hpp>

/// What the examples about sounds learn from: generated spectra of tones that rise, fall or turn round while they sound.
namespace chirps {

constexpr int steps = 24, bands = 8, classes = 4;

/// Sample i is a chirp of class i mod 4 with random onset, length, range and noise; a pure function of (seed, i).
inline lnn::dataset make(std::size_t samples, std::uint64_t seed) {
  lnn::dataset out;
  out.sample = {1, steps, bands};
  out.class_names = {"rises", "falls", "rises and falls", "falls and rises"};
  for (std::size_t i = 0; i < samples; ++i) {
    lnn::random draw(seed, i);
    const auto between = [&](int low, int high) { return low + static_cast<int>(draw.below(static_cast<std::uint32_t>(high - low + 1))); };
    const int kind = static_cast<int>(i % classes), length = between(12, 20), onset = between(0, steps - length);
    const int low = between(0, 2), reach = between(4, bands - 1 - low);
    for (int t = 0; t < steps; ++t) {
      const int at = t - onset, half = length / 2;
      const int up = kind < 2 ? reach * at / (length - 1) : reach * (at < half ? at : length - 1 - at) / half;
      const int tone = kind % 2 == 0 ? low + up : low + reach - up;
      for (int band = 0; band < bands; ++band) {
        const int level = at < 0 || at >= length ? 0 : band == tone ? 150 : band == tone - 1 || band == tone + 1 ? 60 : 0;
        out.pixels.push_back(static_cast<std::uint8_t>(level + between(0, 50) + between(0, 50)));
      }
    }
    out.labels.push_back(kind);
  }
  return out;
}

struct sets {
  lnn::dataset train = make(4000, 1), test = make(1000, 2);
};

}  // namespace chirps
