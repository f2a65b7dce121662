// SPDX-License-Identifier: Apache-2.0
// The translation decoder of other people: its ONNX file packed, beside the file that an older reference packer made of it.
#include <doctest/doctest.h>

#include <filesystem>
#include <lnn/model/reader.hpp>
#include <lnn/pack/pack.hpp>
#include <lnn/report/model_difference.hpp>
#include <lnn/train/file.hpp>

#include "../folders.hpp"
#include "reader.hpp"

namespace test_decoder {

namespace {

/// Why two packers of different age may say this.
bool explained(const lnn::report::model_difference& d) {
  // Lengths are numbers of the shape section, which need no operators and no tensors; the table of positions is rounded when
  // it is packed.
  for (const std::string_view type : {"Quant", "Shape", "Gather", "Unsqueeze"})
    if (d.what == "operator" && d.right == type) return true;
  if (d.type == "Slice" || (d.type == "Reshape" && d.what == "input 1 scale")) return true;  // constants of lengths
  // Weights of 880,640 bytes: seven parts then, four of today's greatest size now.
  const auto wide = [](const std::string& s) { return s.ends_with("860") || s.ends_with("x492") || s == "492" || s.ends_with("x488") || s == "488"; };
  if (d.what == "operator" && d.right == "LinearInt") return true;
  if (d.type == "iqCat" && d.what == "number of inputs") return true;
  if ((d.type == "LinearInt" || d.type == "iqCat") && d.what.ends_with("dims") && wide(d.left) && wide(d.right)) return true;
  if (d.type == "LinearInt" && d.what.ends_with("bytes")) return d.left.find("220160 bytes") == 0 || d.left.find("3440 bytes") == 0;
  // How weights lie is told since 3.0, the attribute too.
  if (d.type == "LinearInt" && (d.what == "input 1 layout" || d.what.starts_with("attribute transB"))) return true;
  if (d.type == "LayerNormInt" && d.what.starts_with("attribute eps")) return true;
  return d.type == "iqMul" && d.what == "input 1 dims" && d.left == "1" && d.right == "scalar";
}

}  // namespace

TEST_CASE("the translation decoder is packed as an older reference packer did, in less memory") {
  const auto folder = folders::shared() / "models/translation_decoder";
  if (folders::shared().empty() || !std::filesystem::exists(folder)) return;
  const auto onnx = lnn::read_file((folder / "decoder.onnx").string()), old = lnn::read_file((folder / "decoder.bin").string());
  lnn::pack_options options;
  options.allow_defects = true;
  const lnn::packed ours = lnn::pack(read_bytes(onnx, "de_len=1:32,memory_len=1:32"), lnn::venus, options);
  const lnn::model::program theirs = lnn::model::read(std::span<const std::uint8_t>(old));

  std::string unexplained;
  for (const auto& d : lnn::report::differences(ours.program, theirs))
    if (!explained(d)) unexplained += d.text() + '\n';
  CHECK(unexplained == "");
  CHECK(ours.program.shapes.axes == theirs.shapes.axes);

  REQUIRE(ours.program.memory.size() == 1);
  REQUIRE(theirs.memory.size() == 1);
  CHECK(ours.program.memory[0].bytes <= theirs.memory[0].bytes);
  CHECK(ours.program.constant_memory[0].bytes <= theirs.constant_memory[0].bytes);
  CHECK(ours.program.transfers.size() <= theirs.transfers.size());
}

}  // namespace test_decoder
