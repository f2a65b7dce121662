// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "integer.hpp"
#include "real.hpp"

namespace lnn::simd {

/// The fast path: the best instruction set that the machine has, chosen at run time.  Like its sisters it is a template
/// on the pool only so that nothing is compiled before it is called.
struct kernels : real_kernels {
  static constexpr const char* name = "simd";
  template <class Pool>
  static void convolve(const luna::convolution& c, const luna::requantizer& to, Pool& workers) {
    simd::convolve(c, to, workers);
  }
  template <class Pool>
  static void multiply(const luna::product& p, const luna::requantizer& to, Pool& workers) {
    simd::multiply(p, to, workers);
  }
};

/// The reference path for integers, with the same real-number kernels: what the fast path must equal.
struct reference_kernels : real_kernels {
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
