// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../core/error.hpp"
#include "format.hpp"

namespace lnn::model {

/// Little-endian numbers of a stretch of bytes.  Everything that would read past its end fails with the name of the
/// section, the offset in the file and what was looked for there.
class little_reader {
 public:
  /// `first`: offset of the bytes in the file, for messages.
  little_reader(std::string_view place, std::string_view section, std::span<const std::uint8_t> bytes, std::uint64_t first)
      : place_(place), section_(section), bytes_(bytes), first_(first) {}

  [[nodiscard]] std::uint64_t offset() const { return first_ + at_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

  [[nodiscard]] std::uint8_t u8(std::string_view what) { return static_cast<std::uint8_t>(number(1, what)); }
  [[nodiscard]] std::uint16_t u16(std::string_view what) { return static_cast<std::uint16_t>(number(2, what)); }
  [[nodiscard]] std::uint32_t u32(std::string_view what) { return static_cast<std::uint32_t>(number(4, what)); }
  [[nodiscard]] std::uint64_t u64(std::string_view what) { return number(8, what); }
  [[nodiscard]] std::int32_t i32(std::string_view what) { return static_cast<std::int32_t>(u32(what)); }
  [[nodiscard]] float f32(std::string_view what) { return std::bit_cast<float>(u32(what)); }
  [[nodiscard]] double f64(std::string_view what) { return std::bit_cast<double>(u64(what)); }

  [[nodiscard]] std::span<const std::uint8_t> take(std::uint64_t count, std::string_view what) {
    if (count > left())
      fail(place_, ": ", section_, " section, offset ", offset(), ": ", what, " needs ", count, " bytes, ", left(),
           " are left; the file is damaged");
    const auto piece = bytes_.subspan(at_, static_cast<std::size_t>(count));
    at_ += static_cast<std::size_t>(count);
    return piece;
  }
  /// A name in a field of zero-padded characters.
  [[nodiscard]] std::string name(std::size_t width, std::string_view what) {
    const auto field = take(width, what);
    std::size_t n = 0;
    while (n < field.size() && field[n] != 0) ++n;
    return {reinterpret_cast<const char*>(field.data()), n};
  }
  /// Continues at a place counted from the start of the section.
  void go_to(std::uint64_t place, std::string_view what) {
    if (place > bytes_.size())
      fail(place_, ": ", section_, " section, offset ", first_, ": ", what, " begins at ", place, " of ", bytes_.size(),
           " bytes; the file is damaged");
    at_ = static_cast<std::size_t>(place);
  }
  /// Refuses a count before anything is allocated for it.
  void require_room(std::uint64_t count, std::uint64_t each, std::string_view what) const {
    if (each != 0 && count > left() / each)
      fail(place_, ": ", section_, " section, offset ", offset(), ": ", count, " ", what, " of ", each, " bytes do not fit the ",
           left(), " bytes that are left; the file is damaged");
  }
  void require(std::uint64_t actual, std::uint64_t expected, std::string_view what) const {
    if (actual != expected)
      fail(place_, ": ", section_, " section, offset ", offset(), ": ", what, " is ", actual, ", expected ", expected,
           "; the file is damaged");
  }
  /// Fails with the section and the offset in front.
  template <class... Parts>
  [[noreturn]] void complain(const Parts&... parts) const {
    fail(place_, ": ", section_, " section, offset ", offset(), ": ", parts...);
  }

 private:
  std::uint64_t number(std::size_t width, std::string_view what) {
    const auto from = take(width, what);
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < width; ++i) v |= std::uint64_t{from[i]} << (8 * i);
    return v;
  }

  std::string_view place_, section_;
  std::span<const std::uint8_t> bytes_;
  std::uint64_t first_;
  std::size_t at_ = 0;
};

/// Appends little-endian numbers to bytes.
class little_writer {
 public:
  little_writer& u8(std::uint64_t v) { return number(v, 1); }
  little_writer& u16(std::uint64_t v) { return number(v, 2); }
  little_writer& u32(std::uint64_t v) { return number(v, 4); }
  little_writer& u64(std::uint64_t v) { return number(v, 8); }
  little_writer& i32(std::int32_t v) { return number(static_cast<std::uint32_t>(v), 4); }
  little_writer& f32(float v) { return number(std::bit_cast<std::uint32_t>(v), 4); }
  little_writer& f64(double v) { return number(std::bit_cast<std::uint64_t>(v), 8); }
  little_writer& put(std::span<const std::uint8_t> more) {
    bytes_.insert(bytes_.end(), more.begin(), more.end());
    return *this;
  }
  /// Cut to the width of its field.
  little_writer& name(std::string_view text, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) bytes_.push_back(i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0);
    return *this;
  }
  little_writer& pad() {
    bytes_.resize(static_cast<std::size_t>(aligned(bytes_.size())));
    return *this;
  }
  void overwrite_u32(std::size_t at, std::uint64_t v) {
    for (std::size_t i = 0; i < 4; ++i) bytes_[at + i] = static_cast<std::uint8_t>(v >> (8 * i));
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
  [[nodiscard]] std::vector<std::uint8_t> release() { return std::move(bytes_); }

 private:
  little_writer& number(std::uint64_t v, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) bytes_.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
    return *this;
  }

  std::vector<std::uint8_t> bytes_;
};

}  // namespace lnn::model
