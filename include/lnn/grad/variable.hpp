// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/algorithm.hpp"
#include "gradient_memory.hpp"

namespace lnn {

/// A tensor in a computation and the gradient of the loss with respect to it.  The elements are its own or those of
/// a tensor that lives elsewhere (a parameter, a batch of data).
template <class T>
struct variable {
  flat<T> value;
  flat<T> grad;  ///< empty: nobody wants it
  tensor<T> own_value, own_grad;
  bool touched = false;  ///< something was added to grad in the present backward pass
  gradient_memory<T>* lender = nullptr;  ///< whose memory grad is in from its first use in a pass to its last
  int room = no_room;

  [[nodiscard]] const shape& dims() const { return value.dims; }
  /// Makes grad ready to be written; true when nothing is there yet.
  bool begin() {
    if (touched) return false;
    touched = true;
    if (lender && grad) grad.data = lender->data(room = lender->take(dims().size(), room));
    return true;
  }
  /// Makes grad ready to be added to: zero, unless something is there already.
  void claim() {
    if (begin()) std::fill(grad.begin(), grad.end(), T{});
  }
  /// The step that made the value has read the gradient, and nobody else will.
  void end() {
    if (lender && grad && touched) lender->give(room);
  }
};

}  // namespace lnn
