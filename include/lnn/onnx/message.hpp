// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "../train/file.hpp"

/// ONNX files in and out; needs the onnx and protobuf libraries (CMake target lnn::onnx).
namespace lnn::onnx {

/// The messages of the official library.
namespace message = ::ONNX_NAMESPACE;

/// The model in the bytes of a file; `place` begins every message.
[[nodiscard]] inline message::ModelProto parse(std::span<const std::uint8_t> bytes, std::string_view place) {
  message::ModelProto model;
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    fail(place, ": ", bytes.size(), " bytes, an ONNX file has less than 2^31; keep large constants out of it");
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    fail(place, ": these ", bytes.size(), " bytes are no ONNX model; the file is damaged or of another kind");
  if (!model.has_graph()) fail(place, ": the model has no graph; the file is damaged or of another kind");
  return model;
}

/// The bytes of a file that holds the model.  The same model gives the same bytes.
[[nodiscard]] inline std::vector<std::uint8_t> to_bytes(const message::ModelProto& model, std::string_view place) {
  const std::size_t size = model.ByteSizeLong();
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    fail(place, ": the model needs ", size, " bytes, an ONNX file holds less than 2^31; write a smaller network");
  std::vector<std::uint8_t> bytes(size);
  if (!model.SerializeToArray(bytes.data(), static_cast<int>(size))) fail(place, ": the model cannot be serialized");
  return bytes;
}

/// How messages name a node: its own name, or its operator and first output.
[[nodiscard]] inline std::string name_of(const message::NodeProto& n) {
  if (!n.name().empty()) return n.name();
  return n.output_size() > 0 ? sentence(n.op_type(), "_", n.output(0)) : n.op_type();
}

}  // namespace lnn::onnx
