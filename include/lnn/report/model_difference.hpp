// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "../model/program.hpp"

namespace lnn::report {

/// One thing in which two packed models are not the same.
struct model_difference {
  std::size_t operation = 0;  ///< place in the operator list
  std::string type;           ///< of the left model's operator
  std::string what;           ///< "operator", "attribute pad", "input 1 dims", "constant 1" ...
  std::string left, right;

  [[nodiscard]] std::string text() const {
    return sentence("operator ", operation, " (", type, ") ", what, ": ", left.empty() ? "nothing" : left, " against ", right.empty() ? "nothing" : right);
  }
};

namespace detail {

class model_comparison {
 public:
  model_comparison(const model::program& left, const model::program& right) : left_(&left), right_(&right) {}

  [[nodiscard]] std::vector<model_difference> run() {
    const std::size_t n = std::max(left_->operations.size(), right_->operations.size());
    for (at_ = 0; at_ < n; ++at_) {
      const model::operation *a = nth(*left_), *b = nth(*right_);
      if (!a || !b || a->type != b->type) {  // what follows is not the same operator
        add("operator", a ? a->type : "", b ? b->type : "");
        break;
      }
      attributes(*a, *b);
      tensors("input", a->inputs, b->inputs);
      tensors("output", a->outputs, b->outputs);
    }
    at_ = 0;
    ports("inputs of the model", left_->inputs, right_->inputs);
    ports("outputs of the model", left_->outputs, right_->outputs);
    return static_cast<std::vector<model_difference>&&>(found_);
  }

 private:
  [[nodiscard]] const model::operation* nth(const model::program& p) const { return at_ < p.operations.size() ? &p.operations[at_] : nullptr; }
  void add(std::string what, std::string left, std::string right) {
    if (left == right) return;
    const model::operation* a = nth(*left_);
    found_.push_back({at_, a ? a->type : "", std::move(what), std::move(left), std::move(right)});
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
    found_.push_back({at_, nth(*left_)->type, who + " bytes", sentence(l.size(), " bytes, the first other one at ", first), sentence(r.size(), " bytes")});
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
/// kinds of their tensors, elements of constants, names at the ends.  Tensors' ids, names and places do not count.
[[nodiscard]] inline std::vector<model_difference> differences(const model::program& left, const model::program& right) {
  return detail::model_comparison(left, right).run();
}

}  // namespace lnn::report
