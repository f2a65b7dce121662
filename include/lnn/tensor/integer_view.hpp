// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

#include "../core/error.hpp"
#include "dtype.hpp"

namespace lnn {

/// Integers and the power of two they count in (real = integer * 2^-exponent), owned by somebody else, with the
/// element type known at run time only.  Four-bit elements are
/// held one in a byte here (packing them is a matter of files), so int4 and int8 share their access.
struct integer_view {
  void* data = nullptr;
  dtype type = dtype::int8;
  shape dims{};
  int exponent = 0;

  [[nodiscard]] explicit operator bool() const { return data != nullptr; }
  [[nodiscard]] std::size_t size() const { return data ? dims.size() : 0; }
  template <class T>
  [[nodiscard]] T* as() const { return static_cast<T*>(data); }

  [[nodiscard]] std::int64_t at(std::size_t i) const {
    switch (type) {
      case dtype::int16: return as<std::int16_t>()[i];
      case dtype::int32: return as<std::int32_t>()[i];
      case dtype::int64: return as<std::int64_t>()[i];
      default: return as<std::int8_t>()[i];
    }
  }
};

/// Calls use(T{}) with the integer type that holds `type`: std::int8_t (also for int4), int16_t, int32_t or int64_t.
template <class Use>
decltype(auto) with_element(dtype type, Use&& use) {
  switch (type) {
    case dtype::int4:
    case dtype::int8: return use(std::int8_t{});
    case dtype::int16: return use(std::int16_t{});
    case dtype::int32: return use(std::int32_t{});
    case dtype::int64: return use(std::int64_t{});
    default: fail("quantized: ", name_of(type), " is no integer type");
  }
}

}  // namespace lnn
