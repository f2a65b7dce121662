// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
#include <optional>

#include "../tensor/quantized.hpp"
#include "message.hpp"

namespace lnn::onnx {

/// The library's element type of an ONNX one; unsigned bytes and truth values become wider or signed integers.
[[nodiscard]] inline std::optional<dtype> type_of(int onnx_type) {
  switch (onnx_type) {
    case message::TensorProto::FLOAT: return dtype::float32;
    case message::TensorProto::DOUBLE: return dtype::float64;
    case message::TensorProto::INT8:
    case message::TensorProto::BOOL: return dtype::int8;
    case message::TensorProto::INT16:
    case message::TensorProto::UINT8: return dtype::int16;
    case message::TensorProto::INT32:
    case message::TensorProto::UINT16: return dtype::int32;
    case message::TensorProto::INT64: return dtype::int64;
    default: return {};
  }
}
/// The ONNX type of integers and real numbers of the library; 4-bit elements are held one in a byte.
[[nodiscard]] inline int onnx_type_of(dtype t) {
  switch (t) {
    case dtype::int16: return message::TensorProto::INT16;
    case dtype::int32: return message::TensorProto::INT32;
    case dtype::int64: return message::TensorProto::INT64;
    case dtype::float32: return message::TensorProto::FLOAT;
    case dtype::float64: return message::TensorProto::DOUBLE;
    default: return message::TensorProto::INT8;
  }
}

namespace detail {

/// Dimensions of a tensor in a file, with at most as many elements as memory of 2 GiB holds.
inline shape dims_of(const message::TensorProto& t, std::string_view place) {
  shape dims;
  std::uint64_t size = 1;
  if (t.dims_size() > shape::max_rank)
    fail(place, ": tensor ", t.name(), " has ", t.dims_size(), " dimensions, expected at most ", shape::max_rank);
  for (const std::int64_t d : t.dims()) {
    if (d < 0 || d > std::numeric_limits<std::int32_t>::max())
      fail(place, ": tensor ", t.name(), " has a dimension of ", d, ", expected 0 to 2^31 - 1");
    dims.append(static_cast<int>(d));
    size *= static_cast<std::uint64_t>(d);
    if (size > std::uint64_t{1} << 28) fail(place, ": tensor ", t.name(), " of ", dims, "... has more than 2^28 elements");
  }
  return dims;
}

template <class To, class From>
void convert(const From& from, std::size_t have, std::size_t size, integer_tensor& to, std::string_view name, std::string_view place) {
  if (have != size) fail(place, ": tensor ", name, " is ", to.dims(), " but holds ", have, " elements; the file is damaged");
  for (std::size_t i = 0; i < size; ++i) to.as<To>()[i] = static_cast<To>(from[static_cast<int>(i)]);
}

}  // namespace detail

/// A constant of a file as it is: elements of its own type, exponent 0.
[[nodiscard]] inline integer_tensor constant_of(const message::TensorProto& t, std::string_view place) {
  const auto type = type_of(t.data_type());
  if (!type) fail(place, ": tensor ", t.name(), " has the element type ", t.data_type(), ", which is not supported; use int8, int16, int32, int64 or float");
  if (t.data_location() == message::TensorProto::EXTERNAL || t.external_data_size() > 0)
    fail(place, ": tensor ", t.name(), " lies in another file; save the model with its data inside");
  const shape dims = detail::dims_of(t, place);
  const std::size_t size = dims.size();
  const bool narrow = t.data_type() == message::TensorProto::UINT8, broad = t.data_type() == message::TensorProto::UINT16;
  if (t.has_raw_data()) {  // little-endian in every file
    const std::string& raw = t.raw_data();
    const std::size_t width = narrow ? 1 : broad ? 2 : bytes_of(*type, 1);
    if (raw.size() != size * width)
      fail(place, ": tensor ", t.name(), " is ", dims, " but holds ", raw.size(), " bytes, expected ", size * width, "; the file is damaged");
    integer_tensor out(*type, dims, 0);
    for (std::size_t i = 0; narrow && i < size; ++i) out.as<std::int16_t>()[i] = static_cast<unsigned char>(raw[i]);
    for (std::size_t i = 0; broad && i < size; ++i)
      out.as<std::int32_t>()[i] = static_cast<unsigned char>(raw[2 * i]) | static_cast<unsigned char>(raw[2 * i + 1]) << 8;
    if (!narrow && !broad) std::memcpy(out.access().data, raw.data(), out.empty() ? 0 : raw.size());
    return out;
  }
  const auto count = static_cast<std::size_t>(t.int32_data_size() + t.int64_data_size() + t.float_data_size() + t.double_data_size());
  if (count != size) fail(place, ": tensor ", t.name(), " is ", dims, " but holds ", count, " elements; the file is damaged");
  integer_tensor out(*type, dims, 0);
  const auto held = [&](auto&& from) { return static_cast<std::size_t>(from.size()); };
  switch (*type) {
    case dtype::float32: detail::convert<float>(t.float_data(), held(t.float_data()), size, out, t.name(), place); break;
    case dtype::float64: detail::convert<double>(t.double_data(), held(t.double_data()), size, out, t.name(), place); break;
    case dtype::int64: detail::convert<std::int64_t>(t.int64_data(), held(t.int64_data()), size, out, t.name(), place); break;
    case dtype::int32: detail::convert<std::int32_t>(t.int32_data(), held(t.int32_data()), size, out, t.name(), place); break;
    case dtype::int16: detail::convert<std::int16_t>(t.int32_data(), held(t.int32_data()), size, out, t.name(), place); break;
    default: detail::convert<std::int8_t>(t.int32_data(), held(t.int32_data()), size, out, t.name(), place); break;
  }
  return out;
}

/// A constant for a file; an exponent is not part of it.
inline void put_constant(message::TensorProto& to, std::string_view name, const integer_tensor& value) {
  to.set_name(std::string(name));
  to.set_data_type(onnx_type_of(value.type()));
  for (int d : value.dims()) to.add_dims(d);
  to.set_raw_data(value.as<char>(), value.byte_count());
}

}  // namespace lnn::onnx
