// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "../chip/chip.hpp"
#include "../tensor/integer_view.hpp"
#include "tap.hpp"

namespace lnn {

class pool;

/// The chip's own arithmetic.  `in`: activations, then quantized parameters (weight, bias); exponents are part of
/// the views.
template <class Kernels>
struct integer_call {
  using kernels = Kernels;
  std::span<const integer_view> in, out;
  const chip& on;
  bool relu;   ///< a relu is fused behind the operator
  tap* watch;  ///< what training wants to know, or null
  pool& workers;
};

}  // namespace lnn
