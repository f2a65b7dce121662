// SPDX-License-Identifier: Apache-2.0
#include "dump_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <lnn/core/error.hpp>

#include "tensor_file.hpp"

namespace tool {
namespace fs = std::filesystem;

namespace {
constexpr std::size_t digits = 5;
}  // namespace

std::string dump_name(const std::string& name) {
  std::string out;
  for (const char c : name) out += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ? c : '_';
  return out.substr(0, 120);
}

std::string dump_path(const std::string& folder, std::size_t number, const std::string& name, const std::string& ending) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) lnn::fail(folder, ": the folder cannot be made (", problem.message(), "); name another one");
  std::string file = std::to_string(number);
  file.insert(0, file.size() < digits ? digits - file.size() : 0, '0');
  return (fs::path(folder) / (file + "_" + dump_name(name) + ending)).string();
}

void write_dump(const std::string& folder, const std::vector<value>& values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    write_tensor(dump_path(folder, i, values[i].name, ".npy"), values[i].type, values[i].dims, values[i].bytes);
}

std::vector<value> read_dump(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& e : fs::directory_iterator(folder))
    if (e.path().extension() == ".npy") files.push_back(e.path());
  if (files.empty()) lnn::fail(folder, ": there is no .npy file; make a dump with lnn run --dump");
  std::sort(files.begin(), files.end());
  std::vector<value> out;
  for (const fs::path& f : files) {
    tensor_file t = read_tensor(f.string());
    std::string name = f.stem().string();
    const bool numbered = name.size() > digits + 1 && name[digits] == '_' && name.find_first_not_of("0123456789") == digits;
    out.push_back({numbered ? name.substr(digits + 1) : name, t.type, t.dims, 0, std::move(t.bytes)});
  }
  return out;
}

}  // namespace tool
