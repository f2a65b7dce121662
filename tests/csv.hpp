// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

/// Tables of whole numbers, as reference data come in.
namespace csv {

/// The numbers of a file, without its first line; empty when there is no such file.
inline std::vector<std::vector<long long>> read(const std::filesystem::path& file) {
  std::vector<std::vector<long long>> rows;
  std::ifstream in(file);
  std::string line, cell;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    rows.emplace_back();
    while (std::getline(cells, cell, ',')) rows.back().push_back(std::stoll(cell));
  }
  return rows;
}

}  // namespace csv
