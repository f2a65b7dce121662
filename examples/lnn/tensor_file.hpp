// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <lnn/tensor/dtype.hpp>
#include <lnn/core/shape.hpp>
#include <span>
#include <string>
#include <vector>

namespace tool {

/// A tensor as it lies in a file: type, dimensions and little-endian elements in C order.
struct tensor_file {
  lnn::dtype type = lnn::dtype::int8;
  lnn::shape dims{};
  bool has_header = false;           ///< type and dimensions come from the file (.npy), else the reader must know them
  std::vector<std::uint8_t> bytes{};
};

/// Reads `.npy` (NumPy's format, versions 1 and 2, C order) or, under any other name, raw elements without a header.
/// Fails on headers it cannot use and on files that are shorter or longer than the header says.
[[nodiscard]] tensor_file read_tensor(const std::string& path);

/// Writes `.npy` or raw elements, by the name's end.
void write_tensor(const std::string& path, lnn::dtype type, const lnn::shape& dims, std::span<const std::uint8_t> bytes);

}  // namespace tool
