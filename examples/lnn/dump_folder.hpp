// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "trace.hpp"

namespace tool {

/// A tensor's name as part of a file's.
[[nodiscard]] std::string dump_name(const std::string& name);

/// Writes tensors as .npy files NUMBER_NAME.npy, numbered in the order of execution.
void write_dump(const std::string& folder, const std::vector<value>& values);

/// Reads such a folder; any .npy file will do, in the order of the names.
[[nodiscard]] std::vector<value> read_dump(const std::string& folder);

}  // namespace tool
