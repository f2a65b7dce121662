// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstddef>

namespace lnn::luna {

/// What fast paths do in vectors of bytes: operators ask, and run their own loop, which is the law, where a path says no.
struct plain_bytes {
  template <class... Arguments>
  static bool add_s8(const Arguments&...) {
    return false;
  }
  template <class... Arguments>
  static bool rescale_s8(const Arguments&...) {
    return false;
  }
  template <class... Arguments>
  static bool quantize(const Arguments&...) {
    return false;
  }
  /// sum += x, most = max(most, x), element by element.
  template <class T, class Sum>
  static void add_row(std::size_t n, const T* x, Sum* sum) {
    for (std::size_t i = 0; i < n; ++i) sum[i] += x[i];
  }
  /// most[i] = max(most[i], x[i * step]).
  template <class T>
  static void larger_run(std::size_t n, const T* x, std::size_t step, T* most) {
    for (std::size_t i = 0; i < n; ++i) most[i] = std::max(most[i], x[i * step]);
  }
  template <class T>
  static void larger_row(std::size_t n, const T* x, T* most) {
    for (std::size_t i = 0; i < n; ++i) most[i] = std::max(most[i], x[i]);
  }
};

}  // namespace lnn::luna
