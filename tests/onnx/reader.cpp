// SPDX-License-Identifier: Apache-2.0
#include "reader.hpp"

#include <lnn/onnx/read.hpp>
#include <lnn/onnx/write.hpp>

lnn::frozen<> read_bytes(const std::vector<std::uint8_t>& bytes, const std::string& dimensions, std::vector<std::string>* notes) {
  return lnn::onnx::read(std::span<const std::uint8_t>(bytes), "test.onnx", {.symbols = lnn::onnx::symbols_of(dimensions), .notes = notes});
}
std::vector<std::uint8_t> bytes_of_model(const lnn::frozen<>& m, lnn::onnx::dialect d) { return lnn::onnx::to_bytes(m, d); }

std::string refusal(const std::vector<std::uint8_t>& bytes, const std::string& dimensions) {
  try {
    (void)read_bytes(bytes, dimensions);
  } catch (const lnn::error& e) {
    return e.what();
  }
  return {};
}
