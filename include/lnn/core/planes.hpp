// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "shape.hpp"

namespace lnn {

/// One channel of a batch [samples, channels, ...]: `samples` planes of `plane` elements, `stride` elements apart.
struct planes {
  std::size_t samples, stride, plane;

  [[nodiscard]] static constexpr planes of(const shape& x) {
    const std::size_t each = x.span(2, x.rank());
    return {x.span(0, 1), x.span(1, 2) * each, each};
  }
};

/// One channel's planes in `count` images: consecutive images lie in_step elements apart before a layer, out_step behind.
struct image_stack {
  int count = 1;
  std::ptrdiff_t in_step = 0, out_step = 0;
};

/// Bounds outside of which a fused clamp (relu: low 0) keeps a value and stops a gradient.
template <class T>
struct value_bounds {
  T low, high;
};

}  // namespace lnn
