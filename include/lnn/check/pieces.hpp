// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/list.hpp"
#include "../rule/rule.hpp"

namespace lnn::detail {

/// A sentence cut at ends of words: compilers print no more than 32 characters of a string that is a template argument.
using pieces = list<text<32>, 32>;

/// Cuts where a blank is, else behind a sign that joins words in names, else where the room ends.
constexpr void cut(pieces& to, std::string_view words) {
  constexpr std::size_t room = 32;
  while (words.size() > room) {
    std::size_t end = words.substr(0, room + 1).rfind(' '), skip = 1;
    if (end == std::string_view::npos || end == 0) {
      const std::size_t sign = words.substr(0, room).find_last_of("_./-:");
      end = sign == std::string_view::npos ? room : sign + 1;
      // not inside a letter of several bytes
      while (end > 1 && (static_cast<unsigned char>(words[end]) & 0xC0) == 0x80) --end;
      skip = 0;
    }
    to.push_back(words.substr(0, end));
    words.remove_prefix(end + skip);
  }
  if (!words.empty()) to.push_back(words);
}

/// The sentence of a finding: {"conv1"}, {"kernel height 7"}, {"is above the limit of 5"}, {"on venus"}, ...
constexpr pieces pieces_of(const finding& f, std::string_view chip) {
  pieces all;
  cut(all, f.layer);
  cut(all, f.fact());
  cut(all, f.bound());
  cut(all, text<64>("on ").append(chip));
  cut(all, f.remedy());
  return all;
}

}  // namespace lnn::detail
