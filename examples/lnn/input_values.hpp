// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "trace.hpp"

namespace tool {

/// What a network wants of an input.
struct wanted_input {
  std::string name;
  lnn::dtype type = lnn::dtype::int8;
  lnn::shape dims{};
  int exponent = 0;
  std::optional<int> quantized_at{};  ///< of a real input: exponent of the int8 grid that the network brings it to
  bool varies = false;                ///< the dimensions may be smaller
};

/// "1 input", "2 inputs".
[[nodiscard]] std::string counted(std::size_t n, const char* what);

/// Fails unless there is a file for every input.
void require_files(const std::string& network, const std::vector<std::string>& files, std::size_t inputs);

/// Reads an input file and brings it to the wanted type.  Raw files are told apart by their size.
[[nodiscard]] value input_value(const std::string& path, const wanted_input& wanted);

}  // namespace tool
