// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "rule.hpp"

namespace lnn {

/// Collects what layers break.  Operators speak to it; it decides nothing about reporting.
class verdict {
 public:
  /// Name of the layer whose rules are being asked.
  std::string_view layer{};

  /// Keeps what held as well (see asked): for reports; checks leave it off.
  bool keep_passed = false;

  constexpr void at_most(const rule& r, long long actual, long long limit) {
    if (actual > limit || keep_passed) keep(actual <= limit, {layer, &r, relation::at_most, actual, limit});
  }
  constexpr void at_least(const rule& r, long long actual, long long limit) {
    if (actual < limit || keep_passed) keep(actual >= limit, {layer, &r, relation::at_least, actual, limit});
  }
  constexpr void within(const rule& r, long long actual, long long least, long long most) {
    at_least(r, actual, least);
    at_most(r, actual, most);
  }
  constexpr void equal(const rule& r, long long actual, long long wanted) {
    if (actual != wanted || keep_passed) keep(actual == wanted, {layer, &r, relation::equal, actual, wanted});
  }
  constexpr void one_of(const rule& r, long long actual, std::initializer_list<int> allowed) {
    bool held = false;
    for (const int *choice = allowed.begin(), *end = choice + allowed.size(); choice != end && !held; ++choice) held = *choice == actual;
    if (held && !keep_passed) return;
    finding f{layer, &r, relation::one_of, actual};
    for (int choice : allowed)
      if (f.choice_count < f.choices.size()) f.choices[f.choice_count++] = choice;
    keep(held, f);
  }
  constexpr void same(const rule& r, const shape& left, const shape& right) {
    if (left == right && !keep_passed) return;
    finding f{layer, &r, relation::same_shape};
    f.left = left;
    f.right = right;
    keep(left == right, f);
  }
  /// Refuses a combination that has no number to compare.
  constexpr void never(const rule& r, bool broken) {
    if (broken || keep_passed) keep(!broken, {layer, &r, relation::never});
  }
  /// Records something legal that costs time or memory; a number other than 0 is read out: "... in 3 passes".
  constexpr void advise(const rule& r, bool applies, long long actual = 0) {
    if (applies) advice_.push_back({layer, &r, relation::costs, actual});
  }

  /// Takes over a finding made elsewhere.
  constexpr void refuse(const finding& f) { keep(false, f); }

  [[nodiscard]] constexpr bool clean() const { return refused_.empty(); }
  [[nodiscard]] constexpr const std::vector<finding>& refused() const& { return refused_; }
  [[nodiscard]] constexpr const std::vector<finding>& advice() const& { return advice_; }
  /// Every comparison in the order of asking, with keep_passed; otherwise empty.
  [[nodiscard]] constexpr const std::vector<finding>& asked() const& { return asked_; }
  // of a temporary: by value, so that a loop over check(net, chip).refused() is safe
  [[nodiscard]] constexpr std::vector<finding> refused() && { return static_cast<std::vector<finding>&&>(refused_); }
  [[nodiscard]] constexpr std::vector<finding> advice() && { return static_cast<std::vector<finding>&&>(advice_); }

 private:
  constexpr void keep(bool held, finding f) {
    f.passed = held;
    if (!held) refused_.push_back(f);
    if (keep_passed) asked_.push_back(f);
  }

  std::vector<finding> refused_, advice_, asked_;
};

}  // namespace lnn
