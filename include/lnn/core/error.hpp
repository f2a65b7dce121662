// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstdio>
#include <initializer_list>
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

/// What a sentence is joined from: words, a number or a shape.  One type for all of them, so that the joining is
/// compiled once and not for every combination of arguments.
class part {
 public:
  part(std::string_view s) : form_(form::words), count_(s.size()), chars_(s.data()) {}
  part(const std::string& s) : part(std::string_view{s}) {}
  part(const char* s) : part(std::string_view{s}) {}
  part(const shape& s) : form_(form::dims), dims_(&s) {}
  part(double n) : form_(form::real), real_(n) {}
  template <std::signed_integral N>
  part(N n) : form_(form::integer), integer_(n) {}
  template <std::unsigned_integral N>
  part(N n) : form_(form::natural), natural_(n) {}

  void put(std::string& out) const {
    char digits[32];
    switch (form_) {
      case form::words: out.append(chars_, count_); return;
      case form::dims: out.append(dims_->to_text().view()); return;
      case form::integer: std::snprintf(digits, sizeof digits, "%lld", integer_); break;
      case form::natural: std::snprintf(digits, sizeof digits, "%llu", natural_); break;
      case form::real: std::snprintf(digits, sizeof digits, "%g", real_); break;
    }
    out.append(digits);
  }

 private:
  enum class form : unsigned char { words, dims, integer, natural, real } form_;
  std::size_t count_ = 0;
  union {
    const char* chars_;
    const shape* dims_;
    long long integer_;
    unsigned long long natural_;
    double real_;
  };
};

[[nodiscard]] inline std::string joined(std::initializer_list<part> parts) {
  std::string out;
  for (const part& p : parts) p.put(out);
  return out;
}
[[noreturn]] inline void fail_with(std::initializer_list<part> parts) { throw error(joined(parts)); }

}  // namespace detail

/// Joins words, numbers and shapes into one sentence.
template <class... Parts>
[[nodiscard]] std::string sentence(const Parts&... parts) {
  return detail::joined({detail::part(parts)...});
}

/// Throws lnn::error with the parts joined.
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  detail::fail_with({detail::part(parts)...});
}

}  // namespace lnn
