// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string_view>

namespace lnn {

/// A short string by value: a constant, a template argument or a run-time string alike.
/// What does not fit is cut.
template <std::size_t Capacity>
struct text {
  char chars[Capacity + 1]{};
  std::size_t length = 0;

  constexpr text() = default;
  constexpr text(std::string_view from) { append(from); }
  constexpr text(const char* from) : text(std::string_view{from}) {}

  constexpr text& append(std::string_view more) {
    for (char c : more) {
      if (length == Capacity) break;
      chars[length++] = c;
    }
    return *this;
  }

  constexpr text& append(long long number) {
    char digits[20]{};
    std::size_t n = 0;
    unsigned long long rest = number < 0 ? 0ULL - static_cast<unsigned long long>(number)
                                         : static_cast<unsigned long long>(number);
    do digits[n++] = static_cast<char>('0' + rest % 10);
    while (rest /= 10);
    if (number < 0) append(std::string_view{"-"});
    while (n > 0) append(std::string_view{&digits[--n], 1});
    return *this;
  }
  constexpr text& append(int number) { return append(static_cast<long long>(number)); }

  [[nodiscard]] constexpr std::string_view view() const { return {chars, length}; }
  constexpr operator std::string_view() const { return view(); }
  friend constexpr bool operator==(const text& a, const text& b) { return a.view() == b.view(); }
};

}  // namespace lnn
