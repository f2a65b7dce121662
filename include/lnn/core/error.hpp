// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

#include "shape.hpp"

namespace lnn {

/// What every function of the library throws on bad input: one sentence with place, actual value,
/// limit or expectation, and the nearest remedy.
class error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {
inline void put(std::string& out, std::string_view s) { out += s; }
inline void put(std::string& out, const shape& s) { out += s.to_text().view(); }
template <std::integral N>
void put(std::string& out, N n) { out += std::to_string(n); }
inline void put(std::string& out, double n) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%g", n);
  out += digits;
}
}  // namespace detail

/// Joins words, numbers and shapes into one sentence.
template <class... Parts>
[[nodiscard]] std::string sentence(const Parts&... parts) {
  std::string out;
  (detail::put(out, parts), ...);
  return out;
}

/// Throws lnn::error with the parts joined.
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw error(sentence(parts...));
}

}  // namespace lnn
