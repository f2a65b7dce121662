// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <lnn/graph/frozen.hpp>
#include <lnn/model/program.hpp>
#include <span>
#include <string>
#include <vector>

namespace tool {

enum class file_kind { model_bin, frozen, onnx };

/// What a file is, by how it begins; whatever is neither a model.bin nor an archive of lnn is taken for ONNX.
[[nodiscard]] file_kind kind_of(std::span<const std::uint8_t> bytes);

/// Reads a network of integers: an ONNX file of either dialect, or what lnn froze.  `chip` overrides what the file says when
/// it is not empty; `symbols` give the ranges of symbolic dimensions.
[[nodiscard]] lnn::frozen<> load_network(const std::string& path, const std::vector<lnn::symbol>& symbols = {}, const std::string& chip = {});

/// Reads a model.bin; the program keeps the bytes.
[[nodiscard]] lnn::model::program load_model(const std::string& path);

/// The ONNX half, in a file of its own: tools built without the onnx library say so.
[[nodiscard]] lnn::frozen<> parse_onnx(const std::string& path, std::span<const std::uint8_t> bytes, const std::vector<lnn::symbol>& symbols,
                                       const std::string& chip);
[[nodiscard]] bool onnx_is_built_in();

/// An input as an ONNX file declares it: a dimension is a number, or a name whose size only a run knows.
struct declared_input {
  struct dimension {
    std::string name;
    long long size;
  };
  std::string name;
  lnn::dtype type;
  std::vector<dimension> dims;
};
[[nodiscard]] std::vector<declared_input> declared_inputs(const std::string& path, std::span<const std::uint8_t> bytes);
void write_onnx(const std::string& path, const lnn::frozen<>& network, bool dialect_1x);

/// Last part of a path.
[[nodiscard]] std::string file_name(const std::string& path);

void write_text(const std::string& path, const std::string& text);

}  // namespace tool
