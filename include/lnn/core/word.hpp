// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string_view>

namespace lnn {

/// True when a text is that literal; in constant expressions without a step per letter.
template <std::size_t N>
[[nodiscard]] constexpr bool is(std::string_view text, const char (&literal)[N]) {
  return text.size() == N - 1 && __builtin_memcmp(text.data(), literal, N - 1) == 0;
}

}  // namespace lnn
