// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "../quant/policy.hpp"
#include "params.hpp"

namespace lnn {

/// The grid of one tensor and what is known of its range.
struct scale {
  std::string name;  ///< of an edge ("conv1": the layer's output) or of a parameter ("conv1.weight")
  int bits = 8;
  int exponent = 0;  ///< in force; changed once per training step at most, and what freezing uses
  std::variant<mom, tqt> range{};

  // std::get_if and not std::visit: lighter for a compiler
  [[nodiscard]] float log2_reach() const {
    const mom* moving = std::get_if<mom>(&range);
    return moving ? moving->log2_reach() : std::get_if<tqt>(&range)->log2_reach();
  }
  /// The exponent that the range asks for, before any limit.
  [[nodiscard]] int wanted() const { return exponent_for(log2_reach(), bits); }
  void observe(float reach) {
    if (mom* moving = std::get_if<mom>(&range)) moving->observe(reach);
    else std::get_if<tqt>(&range)->observe(reach);
  }
  void set(float reach) {
    if (mom* moving = std::get_if<mom>(&range)) moving->set(reach);
    else std::get_if<tqt>(&range)->set(reach);
  }
};

/// The grids of a network, by name, and the policy they were made with: what calibration returns.
class scales {
 public:
  quantization policy;

  scales() = default;
  explicit scales(quantization how) : policy(std::move(how)) {}

  [[nodiscard]] std::vector<scale>& entries() { return entries_; }
  [[nodiscard]] const std::vector<scale>& entries() const { return entries_; }

  scale& add(std::string name, int bits) {
    entries_.push_back({std::move(name), bits, 0, {}});
    if (policy.method == range_method::tqt) entries_.back().range = tqt{};
    return entries_.back();
  }
  [[nodiscard]] scale* find(std::string_view name) {
    for (scale& s : entries_)
      if (s.name == name) return &s;
    return nullptr;
  }
  [[nodiscard]] scale& of(std::string_view name) {
    if (scale* s = find(name)) return *s;
    fail("scales: there is no scale for ", name, "; calibrate this network first");
  }
  /// Place among entries().
  [[nodiscard]] int place(std::string_view name) { return static_cast<int>(&of(name) - entries_.data()); }
  [[nodiscard]] const scale& of(std::string_view name) const { return const_cast<scales*>(this)->of(name); }

 private:
  std::vector<scale> entries_;
};

}  // namespace lnn
