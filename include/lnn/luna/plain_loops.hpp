// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "../core/algorithm.hpp"
#include "gru.hpp"
#include "lstm.hpp"

namespace lnn::luna {

/// Loops that fast paths run in vectors.  Where one answers with a bool, operators run their own loop, which is the law, when a
/// path says no.
struct plain_loops {
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
  template <class Sums>
  static void lstm_step(curves unit, const Sums& sums, std::size_t hidden, int q_h, std::int32_t* cell, std::int8_t* state) {
    luna::lstm_step(unit, sums, hidden, q_h, cell, state);
  }
  template <class Sums>
  static void gru_step(curves unit, const Sums& sums, std::size_t hidden, int q_h, std::int8_t* state) {
    luna::gru_step(unit, sums, hidden, q_h, state);
  }
};

}  // namespace lnn::luna
