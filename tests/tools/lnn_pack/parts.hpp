// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/graph/frozen.hpp>
#include <lnn/model/program.hpp>
#include <lnn/pack/packed.hpp>
#include <string>
#include <vector>

/// The heavy halves of lnn_pack, compiled apart.
namespace parts {

struct made {
  std::vector<std::uint8_t> bytes;
  lnn::plan::memory_plan plan;
};
/// Reads an ONNX file, packs it and gives the file and its plan.  Throws what reading or packing refuses.
[[nodiscard]] made pack(const std::string& onnx, const lnn::pack_options& options);

/// Runs a model.bin on raw inputs from memory filled with noise; the raw outputs.
[[nodiscard]] std::vector<std::vector<std::uint8_t>> run(const std::vector<std::uint8_t>& file, const std::vector<std::vector<std::uint8_t>>& inputs);

}  // namespace parts
