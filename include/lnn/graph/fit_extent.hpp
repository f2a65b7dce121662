// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>

#include "../core/maths.hpp"
#include "extent.hpp"

namespace lnn {

/// A dimension seen at certain values of the symbols.
struct extent_sample {
  std::vector<int> symbols;
  int dim = 0;
};

namespace detail {

/// The form with these symbols that gives every sample; the one with the least divisor.
inline std::optional<extent> fit_with(std::span<const extent_sample> samples, int first, int second) {
  const auto base = [&](const extent_sample& s) {
    const long long t = s.symbols[static_cast<std::size_t>(first)];
    return second < 0 ? t : t * s.symbols[static_cast<std::size_t>(second)];
  };
  const auto [low, high] = std::minmax_element(samples.begin(), samples.end(), [&](const auto& a, const auto& b) { return base(a) < base(b); });
  const long long width = base(*high) - base(*low), rise = high->dim - low->dim;
  if (width == 0) return {};
  constexpr int greatest_divisor = 64;  // strides and pools of a network together
  for (int divisor = 1; divisor <= greatest_divisor; ++divisor) {
    const long long slope = maths::llround(static_cast<double>(rise) * divisor / static_cast<double>(width));
    for (long long scale = slope - 1; scale <= slope + 1; ++scale) {
      if (scale == 0 || scale > (1 << 28) || scale < -(1 << 28)) continue;
      for (int add = 0; add < divisor; ++add) {
        extent x{.first = first, .second = second, .scale = static_cast<int>(scale), .add = add, .divisor = divisor, .offset = 0};
        const long long offset = low->dim - x.at(low->symbols);
        if (offset > (1 << 28) || offset < -(1 << 28)) continue;
        x.offset = static_cast<int>(offset);
        if (std::all_of(samples.begin(), samples.end(), [&](const extent_sample& s) { return x.at(s.symbols) == s.dim; })) return x;
      }
    }
  }
  return {};
}

}  // namespace detail

/// How a dimension follows from the symbols, if one of extent's forms gives every sample; nothing otherwise.
[[nodiscard]] inline std::optional<extent> fit_extent(std::span<const extent_sample> samples) {
  if (std::all_of(samples.begin(), samples.end(), [&](const extent_sample& s) { return s.dim == samples[0].dim; })) return extent::fixed(samples[0].dim);
  const int symbols = static_cast<int>(samples[0].symbols.size());
  for (int i = 0; i < symbols; ++i)
    if (const auto x = detail::fit_with(samples, i, -1)) return x;
  for (int i = 0; i < symbols; ++i)
    for (int k = i; k < symbols; ++k)
      if (const auto x = detail::fit_with(samples, i, k)) return x;
  return {};
}

}  // namespace lnn
