// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <fstream>
#include <lnn/core/error.hpp>
#include <lnn/tensor/integer_view.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// One recorded call of an operator: a folder with case.json and raw little-endian tensors in C order.
namespace golden {

struct tensor {
  std::string role, name, file;
  lnn::dtype type = lnn::dtype::int8;
  lnn::shape dims{};
  int exponent = 0;  ///< real = integer * 2^-exponent
  std::vector<unsigned char> bytes;

  [[nodiscard]] lnn::integer_view view() { return {bytes.data(), type, dims, exponent}; }
};

struct test_case {
  std::filesystem::path folder;
  std::string op, chip, onnx_op;
  std::map<std::string, std::vector<double>> numbers;  ///< attributes that are a number or a list of numbers
  std::map<std::string, std::string> texts;            ///< attributes in words
  std::vector<tensor> tensors;                         ///< in node-input order, then the outputs

  /// An attribute by name; files call an axis `axis` or `dim`, whatever the operator.
  [[nodiscard]] const std::vector<double>* find(const std::string& attribute) const {
    auto at = numbers.find(attribute);
    if (at == numbers.end() && attribute == "axis") at = numbers.find("dim");
    if (at == numbers.end() && attribute == "dim") at = numbers.find("axis");
    return at == numbers.end() ? nullptr : &at->second;
  }
};

namespace detail {

inline constexpr int largest_dim = 1 << 24;
inline constexpr std::size_t largest_size = std::size_t{1} << 28;

inline lnn::dtype type_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(lnn::dtype::float64); ++i)
    if (lnn::name_of(static_cast<lnn::dtype>(i)) == name) return static_cast<lnn::dtype>(i);
  lnn::fail("dtype ", name, " is not known");
}

/// Bytes of a tensor in a file: 4-bit elements are held one in a byte.
inline std::size_t file_size(const tensor& t) {
  return t.type == lnn::dtype::int4 ? t.dims.size() : lnn::bytes_of(t.type, t.dims.size());
}

inline std::vector<unsigned char> load(const std::filesystem::path& path, std::size_t expected) {
  std::error_code problem;
  const auto there = std::filesystem::file_size(path, problem);
  if (problem) lnn::fail(path.filename().string(), " cannot be read");
  if (there != expected)
    lnn::fail(path.filename().string(), " has ", there, " bytes, its shape needs ", expected);
  std::vector<unsigned char> bytes(std::max<std::size_t>(expected, 1));
  std::ifstream in(path, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(expected)))
    lnn::fail(path.filename().string(), " cannot be read");
  return bytes;
}

inline tensor read_tensor(const nlohmann::json& from, const std::filesystem::path& folder) {
  tensor t;
  t.role = from.at("role").get<std::string>();
  t.name = from.value("name", "");
  t.file = from.at("file").get<std::string>();
  t.type = type_named(from.at("dtype").get<std::string>());
  std::size_t size = 1;
  for (const auto& dim : from.at("shape")) {
    const double d = dim.get<double>();
    if (!(d >= 0 && d <= largest_dim) || t.dims.rank() == lnn::shape::max_rank)
      lnn::fail("the shape of ", t.name, " is no shape: ", from.at("shape").dump());
    t.dims.append(static_cast<int>(d));
    size *= static_cast<std::size_t>(d);
    if (size > largest_size) lnn::fail("the shape of ", t.name, " is too large: ", from.at("shape").dump());
  }
  if (from.contains("q") && !from.at("q").is_null()) {
    const double q = from.at("q").get<double>();
    if (!(q >= -62 && q <= 62))
      lnn::fail("the exponent of ", t.name, " is outside -62 to 62: ", from.at("q").dump());
    t.exponent = static_cast<int>(q);
  }
  t.bytes = load(folder / t.file, file_size(t));
  return t;
}

}  // namespace detail

/// Reads the case of a folder.  Whatever is wrong with it is thrown as one sentence.
inline test_case read(const std::filesystem::path& folder) {
  test_case c;
  c.folder = folder;
  try {
    std::ifstream in(folder / "case.json");
    const auto json = nlohmann::json::parse(in);
    c.op = json.at("op").get<std::string>();
    c.chip = json.at("chip").get<std::string>();
    c.onnx_op = json.value("onnx_op", "");  // none: a call of a function of the chip's library
    for (const auto& [name, value] : json.at("attrs").items()) {
      if (value.is_number()) c.numbers[name] = {value.get<double>()};
      if (value.is_string()) c.texts[name] = value.get<std::string>();
      if (value.is_boolean()) c.numbers[name] = {value.get<bool>() ? 1.0 : 0.0};
      if (!value.is_array()) continue;
      std::vector<double> list;
      for (const auto& item : value)
        if (item.is_number()) list.push_back(item.get<double>());
      if (list.size() == value.size()) c.numbers[name] = list;
    }
    for (const auto& t : json.at("tensors")) c.tensors.push_back(detail::read_tensor(t, folder));
  } catch (const nlohmann::json::exception& e) {
    lnn::fail("case.json is malformed: ", std::string_view(e.what()));
  }
  return c;
}

}  // namespace golden
