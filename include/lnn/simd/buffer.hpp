// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "../core/array.hpp"

namespace lnn::simd::detail {

/// Memory that only grows, so that repeated work of one size allocates once.  Starts at a cache line; what it
/// holds is not kept when it grows.
template <class T>
class buffer {
 public:
  [[nodiscard]] T* reserve(std::size_t n) {
    if (n > size_) {
      memory_.reset();
      size_ = 0;
      memory_ = new_array<T>(n);
      size_ = n;
    }
    return memory_.get();
  }
  [[nodiscard]] T* data() { return memory_.get(); }
  [[nodiscard]] const T* data() const { return memory_.get(); }

 private:
  array_owner<T> memory_;
  std::size_t size_ = 0;
};

}  // namespace lnn::simd::detail
