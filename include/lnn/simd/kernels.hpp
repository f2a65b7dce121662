// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "integer.hpp"
#include "real.hpp"

namespace lnn::simd {

/// The fast path: the best instruction set that the machine has, chosen at run time.
struct kernels : real_kernels {
  static constexpr const char* name = "simd";
  static void convolve(const luna::convolution& c, const luna::requantizer& to, pool& workers) {
    simd::convolve(c, to, workers);
  }
  static void multiply(const luna::product& p, const luna::requantizer& to, pool& workers) {
    simd::multiply(p, to, workers);
  }
};

/// The reference path for integers, with the same real-number kernels: what the fast path must equal.
struct reference_kernels : real_kernels {
  static constexpr const char* name = "luna";
  static void convolve(const luna::convolution& c, const luna::requantizer& to, pool& workers) {
    luna::convolve(c, to, workers);
  }
  static void multiply(const luna::product& p, const luna::requantizer& to, pool& workers) {
    luna::multiply(p, to, workers);
  }
};

}  // namespace lnn::simd
