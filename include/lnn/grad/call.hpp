// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <span>

#include "../tensor/flat.hpp"

namespace lnn {

class pool;

// What an operator is handed.  Calls carry the scalar type and the kernel path as types, so operator files include
// neither Eigen nor xsimd nor any fast kernel, and a test can run the same operator in double or on the reference path.

/// Forward, in real numbers.  `in`: activations, then parameters, as the operator declares them; an absent optional
/// parameter is an empty flat.  `out` is not cleared.
template <class Scalar, class Kernels>
struct forward_call {
  using scalar = Scalar;
  using kernels = Kernels;
  std::span<const flat<const Scalar>> in;
  std::span<const flat<Scalar>> out;
  std::span<const flat<Scalar>> state;  ///< running statistics: parameters that forward itself updates in training
  std::span<Scalar> saved;              ///< room of saved(shapes) numbers that backward will find again
  bool training;
  pool& workers;
  bool relu = false;  ///< max(., 0) behind the operator; asked only of operators that say trains_with_relu
};

/// Backward: adds d loss / d in to every non-empty `grad_in`; where bit i of `fresh` is set, grad_in[i] holds nothing
/// yet and is overwritten (asked only of operators that say overwrites_gradients).
template <class Scalar, class Kernels>
struct backward_call {
  using scalar = Scalar;
  using kernels = Kernels;
  std::span<const flat<const Scalar>> in, out, grad_out;
  std::span<const flat<Scalar>> grad_in;
  std::span<const Scalar> saved;
  bool training;
  pool& workers;
  bool relu = false;
  unsigned fresh = 0;

  [[nodiscard]] bool is_fresh(std::size_t i) const { return (fresh >> i & 1U) != 0; }
};

}  // namespace lnn
