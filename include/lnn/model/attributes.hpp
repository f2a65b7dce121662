// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <span>
#include <vector>

#include "../core/error.hpp"
#include "attribute_tables.hpp"
#include "format.hpp"

namespace lnn::model {

/// The attribute struct of one operator in a file: its bytes, and what they mean where the type is known.
/// Numbers go in and out by the name of the field; a name that the type does not have is a mistake of the caller and fails.
class attributes {
 public:
  attributes() = default;
  /// All zero, as wide as the type's struct.
  explicit attributes(std::string_view type) : table_(find_attributes(type)), bytes_(table_ ? table_->bytes : 0) {}
  /// As a file has them, with the padding behind the struct.
  attributes(std::string_view type, std::span<const std::uint8_t> from)
      : table_(find_attributes(type)), bytes_(from.begin(), from.end()) {}

  /// Null when the type has no attributes, or is not known.
  [[nodiscard]] const attribute_table* table() const { return table_; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }

  /// Whether the bytes reach as far as the field: structs of older files are shorter.
  [[nodiscard]] bool has(std::string_view field) const {
    const attribute* a = find(field);
    return a && a->offset + width_of(a->kind) * a->count <= bytes_.size();
  }
  [[nodiscard]] double get(std::string_view field, std::size_t place = 0) const {
    const attribute& a = at(field, place);
    std::uint64_t bits = 0;
    const std::size_t width = width_of(a.kind), first = a.offset + place * width;
    for (std::size_t i = 0; i < width; ++i) bits |= std::uint64_t{bytes_[first + i]} << (8 * i);
    switch (a.kind) {
      case field_kind::i8: return static_cast<std::int8_t>(bits);
      case field_kind::i16: return static_cast<std::int16_t>(bits);
      case field_kind::i32: return static_cast<std::int32_t>(bits);
      case field_kind::i64: return static_cast<double>(static_cast<std::int64_t>(bits));
      case field_kind::f32: return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
      default: return static_cast<double>(bits);
    }
  }
  [[nodiscard]] int integer(std::string_view field, std::size_t place = 0) const {
    const double v = get(field, place);
    return v >= -2147483648.0 && v <= 2147483647.0 ? static_cast<int>(v) : 0;  // f32 fields may hold anything
  }

  /// Fails when the field cannot hold the number.
  attributes& set(std::string_view field, double value, std::size_t place = 0) {
    const attribute& a = at(field, place);
    const std::size_t width = width_of(a.kind), first = a.offset + place * width;
    std::uint64_t bits = 0;
    if (a.kind == field_kind::f32) {
      bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    } else {
      if (!(value >= least_of(a.kind) && value <= greatest_of(a.kind)))
        fail("model: attribute ", field, " of ", table_->type, " cannot be ", value, ", expected ", least_of(a.kind), " to ",
             greatest_of(a.kind));
      bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    }
    for (std::size_t i = 0; i < width; ++i) bytes_[first + i] = static_cast<std::uint8_t>(bits >> (8 * i));
    return *this;
  }

  friend bool operator==(const attributes& a, const attributes& b) { return a.bytes_ == b.bytes_; }

 private:
  [[nodiscard]] const attribute* find(std::string_view field) const {
    if (!table_) return nullptr;
    for (const attribute& a : table_->fields)
      if (a.name == field) return &a;
    return nullptr;
  }
  [[nodiscard]] const attribute& at(std::string_view field, std::size_t place) const {
    const attribute* a = find(field);
    if (!a || place >= a->count)
      fail("model: ", table_ ? table_->type : std::string_view("the operator"), " has no attribute ", field, "[", place, "]");
    if (a->offset + width_of(a->kind) * a->count > bytes_.size())
      fail("model: the attributes of ", table_->type, " end after ", bytes_.size(), " bytes, before ", field);
    return *a;
  }

  const attribute_table* table_ = nullptr;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace lnn::model
