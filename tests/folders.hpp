// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <filesystem>

// main.cpp fills the two variables unless the caller has set them.
namespace folders {

/// The tests of the source tree, with their reference data.
inline std::filesystem::path tests() { return std::getenv("LNN_TESTS_DIR"); }

/// Further reference data beside the source tree; empty when there is none.
inline std::filesystem::path shared() {
  const char* path = std::getenv("LNN_SHARED");
  return path ? path : "";
}

}  // namespace folders
