// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "../core/shape.hpp"

namespace lnn {

/// A dimension that is known only when the network runs: any multiple of `factor` from `min` to `max`.
struct symbol {
  std::string name;
  int min = 1, max = 1, factor = 1;

  [[nodiscard]] bool takes(int value) const { return value >= min && value <= max && value % factor == 0; }
  friend bool operator==(const symbol&, const symbol&) = default;
};

/// How one dimension follows from the symbols of its model:
///   offset                                            without a symbol
///   scale * floor((T + add) / divisor) + offset       of one symbol T
///   scale * floor((T * U + add) / divisor) + offset   of two
struct extent {
  int first = -1, second = -1;  ///< places in frozen::symbols; -1: none
  int scale = 1, add = 0, divisor = 1, offset = 0;

  [[nodiscard]] static extent fixed(int value) { return {.offset = value}; }
  [[nodiscard]] bool is_fixed() const { return first < 0; }

  /// The dimension when symbol i has the value symbols[i].
  template <class Values>
  [[nodiscard]] long long at(const Values& symbols) const {
    if (is_fixed()) return offset;
    long long n = symbols[static_cast<std::size_t>(first)];
    if (second >= 0) n *= symbols[static_cast<std::size_t>(second)];
    n += add;
    const long long rest = n % divisor;
    return scale * ((n - (rest < 0 ? rest + divisor : rest)) / divisor) + offset;
  }
  friend bool operator==(const extent&, const extent&) = default;
};

/// A tensor's dimensions as they follow from the symbols; empty where none of them does.
using shape_form = std::vector<extent>;

}  // namespace lnn
