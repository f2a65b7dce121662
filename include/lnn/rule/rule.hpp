// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string_view>

#include "../core/shape.hpp"
#include "language.hpp"

namespace lnn {

/// A string literal whose length the compiler tells at once; std::string_view counts every character of every rule in
/// each translation unit.
struct phrase : std::string_view {
  constexpr phrase(const char* literal = "") : std::string_view(literal, __builtin_strlen(literal)) {}
};

/// One limit of the hardware or of the library, named.  Declared as a constant beside the operator it binds and
/// compared by address.
struct rule {
  phrase id;                   ///< stable name for documents and tests: "conv2d.kernel_height"
  phrase says;                 ///< how it reads in a sentence: "kernel height"
  phrase unit = "";            ///< " bytes"
  phrase remedy = "";          ///< the nearest legal change, # for the limit: "use kernel height # or two 3x3 layers"
  phrase says_zh = "", remedy_zh = "";  ///< the same two in Chinese
  /// A known defect or a limit of the engine: the packer takes the layer, the chip would compute something else.
  bool defect = false;
  bool repaired = false;  ///< a defect of the reference packer that lnn's own does not have
};

/// An array of rules made of two.
template <std::size_t N>
struct joined_rules {
  const rule* all[N];
};
template <std::size_t A, std::size_t B>
[[nodiscard]] constexpr joined_rules<A + B> joined(const rule* const (&a)[A], const rule* const (&b)[B]) {
  joined_rules<A + B> out{};
  for (std::size_t i = 0; i < A; ++i) out.all[i] = a[i];
  for (std::size_t i = 0; i < B; ++i) out.all[A + i] = b[i];
  return out;
}

/// Several rules: a view of an array.  (std::span asks the compiler much more for each length of an array.)
class rule_list {
 public:
  constexpr rule_list() = default;
  template <std::size_t N>
  constexpr rule_list(const rule* const (&all)[N]) : first_(all), count_(N) {}
  template <std::size_t N>
  constexpr rule_list(const joined_rules<N>& joined) : rule_list(joined.all) {}
  template <class Range>
    requires requires(const Range& r) { r.data(), r.size(); }
  constexpr rule_list(const Range& others) : first_(others.data()), count_(others.size()) {}
  [[nodiscard]] constexpr const rule* const* begin() const { return first_; }
  [[nodiscard]] constexpr const rule* const* end() const { return first_ + count_; }
  [[nodiscard]] constexpr std::size_t size() const { return count_; }
  [[nodiscard]] constexpr bool empty() const { return count_ == 0; }
  [[nodiscard]] constexpr const rule* operator[](std::size_t i) const { return first_[i]; }

 private:
  const rule* const* first_ = nullptr;
  std::size_t count_ = 0;
};

enum class relation { at_most, at_least, one_of, equal, same_shape, never, costs };

/// One comparison: a limit that was broken, or (as advice) a cost worth knowing, or, where a verdict was asked to keep
/// them, one that held.  A plain value, alike at compile time and at run time.
struct finding {
  std::string_view layer;
  const rule* what = nullptr;
  relation must_be = relation::at_most;
  long long actual = 0, limit = 0;
  std::array<int, 6> choices{};
  std::size_t choice_count = 0;
  shape left{}, right{};  ///< same_shape: the two that should agree
  bool passed = false;

  /// "kernel height 7"
  [[nodiscard]] constexpr text<256> fact(language in = language::en) const {
    text<256> out{in == language::zh && !what->says_zh.empty() ? what->says_zh : what->says};
    if (must_be == relation::same_shape)
      return out.append(" ").append(left.to_text()).append(in == language::zh ? " 与 " : " and ").append(right.to_text());
    if (must_be == relation::costs && actual == 0) return out;
    if (must_be != relation::never) out.append(" ").append(actual).append(unit(in));
    return out;
  }
  /// "is above the limit of 5", "must be 1, 2 or 4"
  [[nodiscard]] constexpr text<96> bound(language in = language::en) const {
    const bool zh = in == language::zh;
    text<96> out;
    switch (must_be) {
      case relation::at_most: return out.append(zh ? "超过上限 " : "is above the limit of ").append(limit).append(unit(in));
      case relation::at_least: return out.append(zh ? "低于下限 " : "is below the least of ").append(limit).append(unit(in));
      case relation::equal: return out.append(zh ? "必须为 " : "must be ").append(limit).append(unit(in));
      case relation::same_shape: return out.append(zh ? "必须一致" : "must agree");
      case relation::never:
      case relation::costs: return out;
      case relation::one_of: break;
    }
    out.append(zh ? "必须为 " : "must be ");
    for (std::size_t i = 0; i < choice_count; ++i)
      out.append(i == 0 ? "" : i + 1 < choice_count ? zh ? "、" : ", " : zh ? " 或 " : " or ").append(choices[i]);
    return out.append(unit(in));
  }
  /// The nearest legal change; may be empty.
  [[nodiscard]] constexpr text<160> remedy(language in = language::en) const {
    const std::string_view words = in == language::zh && !what->remedy_zh.empty() ? what->remedy_zh : what->remedy;
    text<160> out;
    for (std::size_t i = 0; i < words.size(); ++i)
      if (words[i] == '#') out.append(limit);
      else out.append(words.substr(i, 1));
    return out;
  }
  /// "conv1: kernel height 7 is above the limit of 5 on venus; use kernel height 5 or two 3x3 layers"
  /// Without a chip the sentence is about the network itself: "fc: input features 64 must be 128".
  [[nodiscard]] constexpr text<512> sentence(std::string_view chip = "", language in = language::en) const {
    const bool zh = in == language::zh;
    text<512> out{layer};
    out.append(zh ? "：" : ": ");
    if (zh && !chip.empty()) out.append("在 ").append(chip).append(" 上，");
    out.append(fact(in).view());
    if (must_be != relation::never && must_be != relation::costs) out.append(" ").append(bound(in).view());
    if (!zh && !chip.empty()) out.append(" on ").append(chip);
    if (const auto change = remedy(in); change.length > 0) out.append(zh ? "；" : "; ").append(change.view());
    return out;
  }

 private:
  [[nodiscard]] constexpr std::string_view unit(language in) const {
    return in == language::zh && what->unit == " bytes" ? " 字节" : what->unit;
  }
};

/// A finding as run-time errors say it: in the language of the environment.
[[nodiscard]] inline text<512> spoken(const finding& f, std::string_view chip = "") {
  return f.sentence(chip, spoken_language());
}

}  // namespace lnn
