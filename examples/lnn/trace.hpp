// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <lnn/graph/extent.hpp>
#include <lnn/tensor/integer_view.hpp>
#include <string>
#include <vector>

namespace tool {

/// A tensor that a run made.
struct value {
  std::string name;
  lnn::dtype type = lnn::dtype::int8;
  lnn::shape dims{};
  int exponent = 0;  ///< of integers: real = integer * 2^-exponent
  std::vector<std::uint8_t> bytes{};

  [[nodiscard]] lnn::integer_view view() const { return {const_cast<std::uint8_t*>(bytes.data()), type, dims, exponent}; }
};

/// A run of a network: everything that it computed, in the order of execution, and its results.
struct trace {
  std::vector<value> all, outputs;
};

struct run_settings {
  std::vector<std::string> inputs;      ///< files, in the order of the network's inputs
  std::vector<lnn::symbol> symbols;     ///< ranges of symbolic dimensions of ONNX files
  bool keep_all = false;                ///< fill trace::all
  bool reference = false;               ///< the readable kernels instead of the fast ones
  int threads = 1;
};

/// Runs a model.bin (from its own memory plan, in memory filled with noise), an ONNX file or a frozen model.
/// Inputs may be integers of the input's type, or real numbers, which are brought to its grid; where the network takes real
/// numbers that it quantizes itself, integers on that grid will do.  A model.bin that keeps a past (pack --isstream) takes
/// files without it: any number of pieces, one behind the other.
[[nodiscard]] trace run_file(const std::string& path, const run_settings& how);

}  // namespace tool
