// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "trace.hpp"

namespace tool {

/// A tensor's name as part of a file's.
[[nodiscard]] std::string dump_name(const std::string& name);

/// FOLDER/NUMBER_NAME with that ending: the file of what came at that place.  Makes the folder where there is none.
[[nodiscard]] std::string dump_path(const std::string& folder, std::size_t number, const std::string& name, const std::string& ending);

/// Writes tensors as .npy files NUMBER_NAME.npy, numbered in the order of execution.
void write_dump(const std::string& folder, const std::vector<value>& values);

/// Reads such a folder; any .npy file will do, in the order of the names.
[[nodiscard]] std::vector<value> read_dump(const std::string& folder);

}  // namespace tool
