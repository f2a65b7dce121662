// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

#include "../fixed/saturate.hpp"
#include "../tensor/integer_view.hpp"

namespace lnn::luna {

/// n elements of a tensor, `step` apart from element `first` on, widened to 64 bits.
inline void load_row(const integer_view& from, std::size_t first, std::size_t step, std::size_t n,
                     std::int64_t* to) {
  with_element(from.type, [&](auto element) {
    const auto* x = from.as<const decltype(element)>() + first;
    for (std::size_t i = 0; i < n; ++i) to[i] = x[i * step];
  });
}

/// n numbers into the elements from `first` on, clamped to the tensor's type.
inline void store_row(const std::int64_t* from, std::size_t n, const integer_view& to, std::size_t first) {
  with_element(to.type, [&](auto element) {
    using T = decltype(element);
    T* y = to.as<T>() + first;
    for (std::size_t i = 0; i < n; ++i) y[i] = saturate<T>(from[i]);
  });
}

}  // namespace lnn::luna
