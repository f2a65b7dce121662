// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace lnn {

/// Element types that a tensor can have at run time.
enum class dtype : std::uint8_t { int4, int8, int16, int32, int64, float32, float64 };

[[nodiscard]] constexpr int bits_of(dtype t) {
  constexpr int bits[] = {4, 8, 16, 32, 64, 32, 64};
  return bits[static_cast<int>(t)];
}
[[nodiscard]] constexpr std::size_t bytes_of(dtype t, std::size_t elements) {
  return (elements * static_cast<std::size_t>(bits_of(t)) + 7) / 8;
}
[[nodiscard]] constexpr std::string_view name_of(dtype t) {
  constexpr std::string_view names[] = {"int4", "int8", "int16", "int32", "int64", "float32", "float64"};
  return names[static_cast<int>(t)];
}
[[nodiscard]] constexpr dtype integer_of(int bits) {
  return bits <= 4 ? dtype::int4 : bits <= 8 ? dtype::int8 : bits <= 16 ? dtype::int16 : bits <= 32 ? dtype::int32 : dtype::int64;
}

namespace detail {
template <class T> inline constexpr dtype dtype_of = dtype::int8;
template <> inline constexpr dtype dtype_of<std::int16_t> = dtype::int16;
template <> inline constexpr dtype dtype_of<std::int32_t> = dtype::int32;
template <> inline constexpr dtype dtype_of<std::int64_t> = dtype::int64;
template <> inline constexpr dtype dtype_of<float> = dtype::float32;
template <> inline constexpr dtype dtype_of<double> = dtype::float64;
}  // namespace detail

template <class T>
inline constexpr dtype dtype_of = detail::dtype_of<std::remove_const_t<T>>;

}  // namespace lnn
