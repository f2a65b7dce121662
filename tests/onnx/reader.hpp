// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lnn/onnx/dialect.hpp>

#include <string>
#include <vector>

/// The reader and the writer, compiled once for all tests of the room.
lnn::frozen<> read_bytes(const std::vector<std::uint8_t>& bytes, const std::string& dimensions = "", std::vector<std::string>* notes = nullptr);
std::vector<std::uint8_t> bytes_of_model(const lnn::frozen<>& m, lnn::onnx::dialect d = lnn::onnx::dialect::linger);
/// The sentence with which reading fails; empty when it does not.
std::string refusal(const std::vector<std::uint8_t>& bytes, const std::string& dimensions = "");
