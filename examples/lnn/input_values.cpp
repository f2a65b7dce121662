// SPDX-License-Identifier: Apache-2.0
#include "input_values.hpp"

#include <cstring>
#include <lnn/fixed/round.hpp>
#include <lnn/fixed/saturate.hpp>

#include "tensor_file.hpp"

namespace tool {
namespace {

template <class T>
T element(const std::vector<std::uint8_t>& bytes, std::size_t i) {
  T v;
  std::memcpy(&v, bytes.data() + i * sizeof(T), sizeof(T));
  return v;
}

/// Real numbers onto the input's grid, as the chip's Quant does.
value quantized(const tensor_file& from, const wanted_input& to) {
  value v{to.name, to.type, from.dims, to.exponent, std::vector<std::uint8_t>(lnn::bytes_of(to.type, from.dims.size()))};
  const lnn::integer_range range = lnn::integer_range::of(lnn::bits_of(to.type));
  const float scale = lnn::power_of_two(to.exponent);
  lnn::with_element(to.type, [&](auto one) {
    using T = decltype(one);
    for (std::size_t i = 0; i < from.dims.size(); ++i) {
      const double q = lnn::round_real(element<float>(from.bytes, i) * scale, lnn::rounding::half_up);
      const T whole = static_cast<T>(lnn::to_integer(q, range.low, range.high));
      std::memcpy(v.bytes.data() + i * sizeof(T), &whole, sizeof(T));
    }
  });
  return v;
}
/// Integers on the grid that the network quantizes to, as the real numbers it takes.
value dequantized(const tensor_file& from, const wanted_input& to) {
  value v{to.name, to.type, from.dims, 0, std::vector<std::uint8_t>(4 * from.dims.size())};
  const float unit = lnn::power_of_two(-*to.quantized_at);
  for (std::size_t i = 0; i < from.dims.size(); ++i) {
    const float real = static_cast<float>(element<std::int8_t>(from.bytes, i)) * unit;
    std::memcpy(v.bytes.data() + 4 * i, &real, 4);
  }
  return v;
}

}  // namespace

std::string counted(std::size_t n, const char* what) { return lnn::sentence(n, " ", what, n == 1 ? "" : "s"); }

void require_files(const std::string& network, const std::vector<std::string>& files, std::size_t inputs) {
  if (files.size() != inputs)
    lnn::fail(network, ": ", counted(files.size(), "input file"), ", the network has ", counted(inputs, "input"), "; name them with --input in their order");
}

value input_value(const std::string& path, const wanted_input& to) {
  tensor_file from = read_tensor(path);
  const std::size_t elements = to.dims.size();
  const auto fits = [&](lnn::dtype t) { return from.has_header ? from.type == t : from.bytes.size() == lnn::bytes_of(t, elements); };
  const bool smaller = from.has_header && to.varies && from.dims.rank() == to.dims.rank();
  const bool turned = from.dims.rank() == to.dims.rank() && from.dims != to.dims;  // as many elements in another order of axes
  if (from.has_header && (from.dims.size() != elements || turned) && !smaller)
    lnn::fail(path, ": ", from.dims, ", but input ", to.name, " takes ", to.dims);
  if (!smaller) from.dims = to.dims;
  if (fits(to.type)) return {to.name, to.type, from.dims, to.exponent, std::move(from.bytes)};
  const bool integers = to.type <= lnn::dtype::int64, places = to.exponent == 0 && (to.type == lnn::dtype::int32 || to.type == lnn::dtype::int64);
  if (places)
    for (const lnn::dtype t : {lnn::dtype::int64, lnn::dtype::int32})
      if (fits(t)) {  // places count the same in any width
        const lnn::integer_view v{from.bytes.data(), t, from.dims, 0};
        value out{to.name, to.type, from.dims, 0, std::vector<std::uint8_t>(lnn::bytes_of(to.type, from.dims.size()))};
        lnn::with_element(to.type, [&](auto one) {
          using T = decltype(one);
          for (std::size_t i = 0; i < from.dims.size(); ++i) {
            const T n = static_cast<T>(v.at(i));
            std::memcpy(out.bytes.data() + i * sizeof(T), &n, sizeof(T));
          }
        });
        return out;
      }
  if (integers && fits(lnn::dtype::float32)) return quantized(from, to);
  if (to.type == lnn::dtype::float32 && to.quantized_at && fits(lnn::dtype::int8)) return dequantized(from, to);
  lnn::fail(path, ": ", from.bytes.size(), " bytes", from.has_header ? lnn::sentence(" of ", name_of(from.type)) : "", ", but input ", to.name, " takes ", to.dims, " of ",
            name_of(to.type), ", ", lnn::bytes_of(to.type, elements), " bytes", to.varies && !from.has_header ? "; give tensors of other sizes as .npy" : "");
}

}  // namespace tool
