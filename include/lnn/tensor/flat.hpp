// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <type_traits>

#include "../core/shape.hpp"

namespace lnn {

/// Contiguous elements in C order and their shape, owned by somebody else: what operators and kernels work on.
/// Without data it stands for an absent optional tensor.
template <class T>
struct flat {
  T* data = nullptr;
  shape dims{};

  constexpr flat() = default;
  constexpr flat(T* d, const shape& s) : data(d), dims(s) {}
  constexpr flat(const flat<std::remove_const_t<T>>& other) requires std::is_const_v<T>
      : data(other.data), dims(other.dims) {}
  constexpr flat(const flat&) = default;
  constexpr flat& operator=(const flat&) = default;

  [[nodiscard]] constexpr explicit operator bool() const { return data != nullptr; }
  [[nodiscard]] constexpr std::size_t size() const { return data ? dims.size() : 0; }
  [[nodiscard]] constexpr T& operator[](std::size_t i) const { return data[i]; }
  [[nodiscard]] constexpr T* begin() const { return data; }
  [[nodiscard]] constexpr T* end() const { return data + size(); }
  [[nodiscard]] constexpr std::span<T> span() const { return {data, size()}; }
};

}  // namespace lnn
