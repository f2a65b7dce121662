// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <string_view>

namespace lnn {

/// What sentences are said in.  Compilers are told English.
enum class language { en, zh };

/// The language of run-time messages: LNN_LANG=zh in the environment chooses Chinese.  Read once.
[[nodiscard]] inline language spoken_language() {
  static const language chosen = [] {
    const char* wanted = std::getenv("LNN_LANG");
    return wanted && std::string_view(wanted).starts_with("zh") ? language::zh : language::en;
  }();
  return chosen;
}

}  // namespace lnn
