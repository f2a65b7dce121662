// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <lnn/core/error.hpp>
#include <span>
#include <string>
#include <vector>

namespace scratch {

using bytes = std::vector<std::uint8_t>;

/// A folder that vanishes with the test.
class folder {
 public:
  folder() {
    static int number = 0;
    do path_ = std::filesystem::temp_directory_path() / ("lnn_train_" + std::to_string(++number));
    while (!std::filesystem::create_directory(path_));
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] std::size_t files() const {
    std::size_t n = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      if (entry.exists()) ++n;
    return n;
  }

 private:
  std::filesystem::path path_;
};

inline void store(const std::string& path, std::span<const std::uint8_t> content) {
  std::FILE* f = std::fopen(path.c_str(), "wb");
  REQUIRE(f != nullptr);
  if (!content.empty()) REQUIRE(std::fwrite(content.data(), 1, content.size(), f) == content.size());
  REQUIRE(std::fclose(f) == 0);
}
inline void store(const std::string& path, const std::string& content) {
  store(path, bytes(content.begin(), content.end()));
}
inline std::string load(const std::string& path) {
  std::FILE* f = std::fopen(path.c_str(), "rb");
  REQUIRE(f != nullptr);
  std::string out;
  for (int c = std::fgetc(f); c != EOF; c = std::fgetc(f)) out += static_cast<char>(c);
  std::fclose(f);
  return out;
}

/// The sentence of the lnn::error that an action throws; empty when it throws none.
template <class Action>
std::string message(Action action) {
  try {
    action();
  } catch (const lnn::error& e) {
    return e.what();
  }
  return {};
}
inline bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE("'" << text << "' lacks '" << part << "'");
  return found;
}

}  // namespace scratch
