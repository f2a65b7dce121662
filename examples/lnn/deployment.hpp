// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/core/parallel.hpp>
#include <lnn/graph/frozen.hpp>
#include <memory>
#include <string>

namespace tool {

/// From a frozen model to what the chip gets: exported as ONNX, packed into model.bin, its memory plan drawn, and the file
/// run by the simulator.  Compiled apart from the programs that train.
class deployment {
 public:
  /// Writes model.onnx (where the onnx library is there), model.bin, memory.txt and memory.svg to the folder.
  deployment(const lnn::frozen<>& m, const std::string& folder, lnn::pool& workers);
  ~deployment();

  /// Runs every sample of a batch from model.bin and counts the outputs that differ from those given.
  [[nodiscard]] std::size_t differing(const lnn::integer_tensor& inputs, const lnn::integer_tensor& outputs);

  /// What was made, some lines for a report.
  void print() const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace tool
