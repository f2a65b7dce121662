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

void write_dump(const std::string& folder, const std::vector<value>& values) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) lnn::fail(folder, ": the folder cannot be made (", problem.message(), "); name another one");
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::string number = std::to_string(i);
    number.insert(0, number.size() < digits ? digits - number.size() : 0, '0');
    write_tensor((fs::path(folder) / (number + "_" + dump_name(values[i].name) + ".npy")).string(), values[i].type, values[i].dims, values[i].bytes);
  }
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
