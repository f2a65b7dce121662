// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/graph/extent.hpp>
#include <string>
#include <vector>

namespace tool {

/// `known` and, of every other dimension that an ONNX file only names, the size that the input files have: a `.npy` says it,
/// of raw tensors it follows from their bytes when it is the only one that is missing.  Fails where a size follows from no file,
/// or two files disagree.
[[nodiscard]] std::vector<lnn::symbol> with_sizes_found(const std::string& network, const std::vector<std::string>& files, std::vector<lnn::symbol> known);

}  // namespace tool
