// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../luna/kernels.hpp"
#include "kernels.hpp"

namespace lnn::simd {

/// The reference path for integers, with the same real-number kernels: what the fast path must equal.
struct reference_kernels : real_kernels, luna::plain_loops {
  static constexpr const char* name = "luna";
  template <class Pool>
  static void convolve(const luna::convolution& c, const luna::requantizer& to, Pool& workers) {
    luna::convolve(c, to, workers);
  }
  template <class Pool>
  static void multiply(const luna::product& p, const luna::requantizer& to, Pool& workers) {
    luna::multiply(p, to, workers);
  }
};

}  // namespace lnn::simd
