// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "../core/list.hpp"
#include "../core/shape.hpp"

namespace lnn {

/// Names one attribute once, as the ONNX files spell it; readers, writers, reports and documents all walk these.
template <class Op, class Value>
struct field {
  std::string_view name;
  Value Op::*where;
  std::string_view says;  ///< for docs/operators.md
  bool from_weight;       ///< no attribute of ONNX files, where the weight's shape tells it
  constexpr field(std::string_view n, Value Op::*w, std::string_view s = "", bool told_by_weight = false)
      : name(n), where(w), says(s), from_weight(told_by_weight) {}
};

/// The attributes of an operator as a function that calls use(field...); lighter for a compiler than std::tuple.
template <class... Fields>
constexpr auto field_list(Fields... f) {
  return [f...](const auto& use) { use(f...); };
}

/// Calls visit(field, value) for every attribute that the operator declares, in file order.
template <class Op, class Visit>
constexpr void for_each_field(Op& op, Visit visit) {
  std::remove_const_t<Op>::fields([&](const auto&... f) { (visit(f, op.*f.where), ...); });
}

using int_list = list<int, 8>;

/// An attribute as plain numbers, in the order of ONNX: extents [h, w], paddings [top, left, bottom, right]; along a line
/// [length] and [before, behind].
/// Every attribute type has these two, so containers need not know the types.
constexpr list<double, 8> numbers(int v) { return {static_cast<double>(v)}; }
constexpr list<double, 8> numbers(bool v) { return {v ? 1.0 : 0.0}; }
constexpr list<double, 8> numbers(float v) { return {static_cast<double>(v)}; }
constexpr list<double, 8> numbers(extent2 v) { return {double(v.h), double(v.w)}; }
constexpr list<double, 8> numbers(padding2 v) { return {double(v.top), double(v.left), double(v.bottom), double(v.right)}; }
constexpr list<double, 8> numbers(extent1 v) { return {double(v.n)}; }
constexpr list<double, 8> numbers(padding1 v) { return {double(v.before), double(v.behind)}; }
constexpr list<double, 8> numbers(const int_list& v) {
  list<double, 8> out;
  for (int i : v) out.push_back(i);
  return out;
}

using number_list = list<double, 8>;
/// The inverse; false when the count does not fit the type.
constexpr bool assign(int& v, const number_list& n) { return n.size() == 1 && (v = static_cast<int>(n[0]), true); }
constexpr bool assign(bool& v, const number_list& n) { return n.size() == 1 && (v = n[0] != 0, true); }
constexpr bool assign(float& v, const number_list& n) { return n.size() == 1 && (v = static_cast<float>(n[0]), true); }
constexpr bool assign(extent2& v, const number_list& n) {
  if (n.size() != 2) return false;
  v = {static_cast<int>(n[0]), static_cast<int>(n[1])};
  return true;
}
constexpr bool assign(padding2& v, const number_list& n) {
  if (n.size() != 4) return false;
  v = {static_cast<int>(n[0]), static_cast<int>(n[1]), static_cast<int>(n[2]), static_cast<int>(n[3])};
  return true;
}
constexpr bool assign(extent1& v, const number_list& n) { return n.size() == 1 && (v.n = static_cast<int>(n[0]), true); }
constexpr bool assign(padding1& v, const number_list& n) {
  if (n.size() != 2) return false;
  v = {static_cast<int>(n[0]), static_cast<int>(n[1])};
  return true;
}
constexpr bool assign(int_list& v, const number_list& n) {
  v = {};
  for (double d : n) v.push_back(static_cast<int>(d));
  return !n.overflow();
}

}  // namespace lnn
