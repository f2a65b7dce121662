// SPDX-License-Identifier: Apache-2.0
#include <lnn/core/error.hpp>

#include "network_file.hpp"

// In place of onnx_files.cpp where the onnx library was not found.
namespace tool {

lnn::frozen<> parse_onnx(const std::string& path, std::span<const std::uint8_t>, const std::vector<lnn::symbol>&, const std::string&) {
  lnn::fail(path, ": this lnn was built without ONNX and reads model.bin and .lnn files only; install libonnx-dev and build it again");
}
std::vector<declared_input> declared_inputs(const std::string&, std::span<const std::uint8_t>) { return {}; }
bool onnx_is_built_in() { return false; }
void write_onnx(const std::string& path, const lnn::frozen<>&, bool) {
  lnn::fail(path, ": this lnn was built without ONNX; install libonnx-dev and build it again");
}

}  // namespace tool
