// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace lnn {

/// The same characters in memory that stays until the program ends: for names of networks that are made of files, since
/// graphs hold views.  Equal names share their memory; any thread may call it.
[[nodiscard]] inline std::string_view intern(std::string_view name) {
  static std::mutex guard;
  static std::set<std::string, std::less<>> names;
  const std::lock_guard lock(guard);
  const auto at = names.find(name);
  return at != names.end() ? *at : *names.emplace(name).first;
}

}  // namespace lnn
