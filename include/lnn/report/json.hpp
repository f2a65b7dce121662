// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstdio>
#include <string>
#include <string_view>

namespace lnn::report {

/// Writes JSON, one value behind the other; commas and indentation come by themselves.
class json_text {
 public:
  json_text& open(char bracket) {
    separate();
    out_ += bracket;
    ++depth_;
    fresh_ = true;
    return *this;
  }
  json_text& close(char bracket) {
    --depth_;
    if (!fresh_) line();
    out_ += bracket;
    fresh_ = false;
    return *this;
  }
  json_text& key(std::string_view name) {
    value(name);
    out_ += ": ";
    behind_key_ = true;
    return *this;
  }
  json_text& value(std::string_view words) {
    separate();
    out_ += '"';
    for (const char c : words) put(c);
    out_ += '"';
    return *this;
  }
  json_text& value(const char* words) { return value(std::string_view{words}); }
  json_text& value(bool b) {
    separate();
    out_ += b ? "true" : "false";
    return *this;
  }
  json_text& value(std::integral auto n) {
    separate();
    out_ += std::to_string(n);
    return *this;
  }
  json_text& value(double n) {
    char digits[40];
    std::snprintf(digits, sizeof digits, "%.9g", n);
    separate();
    out_ += digits;
    return *this;
  }
  template <class T>
  json_text& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }
  template <class List>
  json_text& numbers(std::string_view name, const List& all) {
    key(name).open('[');
    flat_ = true;
    for (const auto n : all) value(n);
    flat_ = false;
    fresh_ = true;  // the bracket stays on the line
    return close(']');
  }

  [[nodiscard]] std::string done() const { return out_ + '\n'; }

 private:
  void separate() {
    if (behind_key_) {
      behind_key_ = false;
      return;
    }
    if (!fresh_) out_ += flat_ ? ", " : ",";
    if (depth_ > 0 && !flat_) line();
    fresh_ = false;
  }
  void line() {
    out_ += '\n';
    out_.append(2 * static_cast<std::size_t>(depth_), ' ');
  }
  void put(char c) {
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
      out_ += code;
    } else out_ += c;
  }

  std::string out_;
  int depth_ = 0;
  bool fresh_ = true, behind_key_ = false, flat_ = false;
};

}  // namespace lnn::report
