// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "../core/algorithm.hpp"
#include "../model/program.hpp"

namespace lnn::report {

/// One thing in which two packed models are not the same.
struct model_difference {
  std::size_t operation = 0;  ///< place in the left model's list; of what only the right one has, the place where it would be
  std::string type;           ///< of the left model's operator there
  std::string what;           ///< "operator": only one model has it; "attribute pad", "input 1 dims", "constant 1" ...
  std::string left, right;

  [[nodiscard]] std::string text() const {
    const std::string who = type.empty() ? "the end" : sentence("operator ", operation, " (", type, ")");
    if (what == "operator") return left.empty() ? sentence(who, ": ", right, " before it is in the right model only") : sentence(who, " is in the left model only");
    return sentence(who, " ", what, ": ", left.empty() ? "nothing" : left, " against ", right.empty() ? "nothing" : right);
  }
};

namespace detail {

class model_comparison {
 public:
  model_comparison(const model::program& left, const model::program& right) : left_(&left), right_(&right) {}

  [[nodiscard]] std::vector<model_difference> run() {
    const auto &l = left_->operations, &r = right_->operations;
    std::size_t other = 0;
    const auto missing_until = [&](std::size_t to) {
      for (; other < to; ++other) add("operator", "", r[other].type);
    };
    for (const std::size_t match : partners()) {
      if (match == none) {
        add("operator", l[at_].type, "");
      } else {
        missing_until(match);
        ++other;
        attributes(l[at_], r[match]);
        tensors("input", l[at_].inputs, r[match].inputs);
        tensors("output", l[at_].outputs, r[match].outputs);
      }
      ++at_;
    }
    missing_until(r.size());
    at_ = 0;
    ports("inputs of the model", left_->inputs, right_->inputs);
    ports("outputs of the model", left_->outputs, right_->outputs);
    return static_cast<std::vector<model_difference>&&>(found_);
  }

 private:
  static constexpr auto none = static_cast<std::size_t>(-1);

  /// How much two operators are the same one: the type counts, then the shape of what they make.
  [[nodiscard]] int likeness(const model::operation& a, const model::operation& b) const {
    if (a.type != b.type) return 0;
    return 2 + int{!a.outputs.empty() && !b.outputs.empty() && left_->tensors[a.outputs[0]].dims == right_->tensors[b.outputs[0]].dims};
  }
  /// For every operator of the left model the one of the right model that it is compared with, in the same order: the longest
  /// common subsequence, weighed by likeness, of what lies between the first and the last operator that differ.
  [[nodiscard]] std::vector<std::size_t> partners() const {
    const auto &l = left_->operations, &r = right_->operations;
    std::vector<std::size_t> of(l.size(), none);
    std::size_t first = 0, behind = 0;
    const std::size_t least = std::min(l.size(), r.size());
    while (first < least && likeness(l[first], r[first]) == 3) of[first] = first, ++first;
    while (first + behind < least && likeness(l[l.size() - 1 - behind], r[r.size() - 1 - behind]) == 3) {
      of[l.size() - 1 - behind] = r.size() - 1 - behind;
      ++behind;
    }
    const std::size_t rows = l.size() - first - behind, columns = r.size() - first - behind, step = columns + 1;
    if (rows == 0 || columns == 0) return of;
    constexpr std::size_t most = std::size_t{1} << 24;  // numbers in the table
    if (rows >= most / step) {
      for (std::size_t i = 0; i < std::min(rows, columns); ++i)
        if (likeness(l[first + i], r[first + i]) > 0) of[first + i] = first + i;
      return of;
    }
    std::vector<int> best((rows + 1) * step);  // of what follows in both
    for (std::size_t i = rows; i-- > 0;)
      for (std::size_t j = columns; j-- > 0;) {
        const int like = likeness(l[first + i], r[first + j]);
        const int together = like > 0 ? like + best[(i + 1) * step + j + 1] : 0;
        best[i * step + j] = std::max({together, best[(i + 1) * step + j], best[i * step + j + 1]});
      }
    for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
      const int like = likeness(l[first + i], r[first + j]), now = best[i * step + j];
      if (like > 0 && now == like + best[(i + 1) * step + j + 1]) of[first + i++] = first + j++;
      else if (now == best[(i + 1) * step + j]) ++i;
      else ++j;
    }
    return of;
  }
  void add(std::string what, std::string left, std::string right) {
    if (left == right) return;
    const auto& all = left_->operations;
    found_.push_back({at_, at_ < all.size() ? all[at_].type : "", std::move(what), std::move(left), std::move(right)});
  }
  void attributes(const model::operation& a, const model::operation& b) {
    const model::attribute_table* table = a.values.table();
    for (const model::attribute& f : table ? table->fields : std::span<const model::attribute>{})
      for (std::size_t i = 0; i < f.count && a.values.has(f.name) && b.values.has(f.name); ++i)
        add(sentence("attribute ", f.name, "[", i, "]"), sentence(a.values.get(f.name, i)), sentence(b.values.get(f.name, i)));
  }
  void tensors(std::string_view side, const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
    add(sentence("number of ", side, "s"), std::to_string(a.size()), std::to_string(b.size()));
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      const model::tensor &l = left_->tensors[a[i]], &r = right_->tensors[b[i]];
      const std::string who = sentence(side, " ", i);
      add(who + " constant", l.constant ? "yes" : "no", r.constant ? "yes" : "no");
      add(who + " type", std::to_string(l.code), std::to_string(r.code));
      add(who + " scale", sentence(static_cast<double>(l.scale)), sentence(static_cast<double>(r.scale)));
      add(who + " dims", sentence(l.dims), sentence(r.dims));
      add(who + " layout", std::string(name_of(l.order)), std::string(name_of(r.order)));
      add(who + " memory", std::string(name_of(l.kind)), std::string(name_of(r.kind)));
      if (l.constant && r.constant) elements(who, a[i], b[i]);
    }
  }
  void elements(const std::string& who, std::uint32_t a, std::uint32_t b) {
    const auto l = left_->constant(a), r = right_->constant(b);
    if (std::equal(l.begin(), l.end(), r.begin(), r.end())) return;
    const auto first = static_cast<std::size_t>(std::mismatch(l.begin(), l.begin() + static_cast<std::ptrdiff_t>(std::min(l.size(), r.size())), r.begin()).first - l.begin());
    found_.push_back({at_, left_->operations[at_].type, who + " bytes", sentence(l.size(), " bytes, the first other one at ", first), sentence(r.size(), " bytes")});
  }
  void ports(std::string_view what, const std::vector<model::port>& a, const std::vector<model::port>& b) {
    std::string l, r;
    for (const model::port& p : a) l += p.name + ' ';
    for (const model::port& p : b) r += p.name + ' ';
    add(std::string(what), l, r);
  }

  const model::program *left_, *right_;
  std::size_t at_ = 0;
  std::vector<model_difference> found_;
};

}  // namespace detail

/// Compares two packed models in what they compute: operators with attributes, types, scales, shapes, layouts and memory
/// kinds of their tensors, elements of constants, names at the ends.  Tensors' ids, names and places do not count.  Operators
/// that only one model has are told, and what follows is compared with its partner.
[[nodiscard]] inline std::vector<model_difference> differences(const model::program& left, const model::program& right) {
  return detail::model_comparison(left, right).run();
}

}  // namespace lnn::report
