// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "matrix.hpp"
#include "plain_loops.hpp"
#include "scratch.hpp"

namespace lnn::luna {

/// The reference path: every integer product as the specification reads.  A kernel path is a type with these names;
/// simd::kernels is the fast one and must equal this one bit for bit.
struct kernels : plain_loops {
  static constexpr const char* name = "luna";

  template <class Pool>
  static void convolve(const convolution& c, const requantizer& to, Pool& workers) { luna::convolve(c, to, workers); }
  template <class Pool>
  static void multiply(const product& p, const requantizer& to, Pool& workers) { luna::multiply(p, to, workers); }
  template <class T>
  [[nodiscard]] static T* scratch(int slot, std::size_t n) { return luna::scratch<T>(slot, n); }
};

}  // namespace lnn::luna
