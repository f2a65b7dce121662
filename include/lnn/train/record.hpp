// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../core/algorithm.hpp"
#include "../core/error.hpp"
#include "../tensor/dtype.hpp"

namespace lnn {

/// What a record of an archive is: plain numbers, integers that count in a power of two, characters, one
/// integer.
enum class record_kind : std::uint8_t { tensor, quantized, text, integer };

/// One named entry of an archive.  Bytes are as in the file: little-endian, C order, int4 packed by two.
struct record {
  std::string name;
  record_kind kind = record_kind::text;
  dtype type = dtype::int8;
  shape dims{};      ///< of tensors; a scalar otherwise
  int exponent = 0;  ///< of quantized tensors; real = integer * 2^-exponent
  std::vector<std::uint8_t> bytes;

  /// "a float32 tensor", "a quantized int8 tensor", "a text", "an integer"
  [[nodiscard]] std::string type_text() const {
    if (kind == record_kind::text) return "a text";
    if (kind == record_kind::integer) return "an integer";
    const bool real = type == dtype::float32 || type == dtype::float64;
    const std::string_view article = kind == record_kind::quantized ? "a quantized " : real ? "a " : "an ";
    return sentence(article, name_of(type), " tensor");
  }
  friend bool operator==(const record&, const record&) = default;
};

/// Elements that an archive can hold in tensors.
template <class T>
concept stored_like = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int8_t> ||
    std::same_as<T, std::int16_t> || std::same_as<T, std::int32_t> || std::same_as<T, std::int64_t>;

namespace detail {

/// Copies elements between memory and little-endian bytes.
inline void copy_little(void* to, const void* from, std::size_t count, std::size_t width) {
  if (count == 0) return;
  std::memcpy(to, from, count * width);
  if constexpr (std::endian::native == std::endian::big)
    for (std::size_t i = 0; i < count; ++i)
      std::reverse(static_cast<std::uint8_t*>(to) + i * width,
                   static_cast<std::uint8_t*>(to) + (i + 1) * width);
}

template <std::integral N>
void append(std::vector<std::uint8_t>& out, N number) {
  const std::size_t at = out.size();
  out.resize(at + sizeof number);
  copy_little(out.data() + at, &number, 1, sizeof number);
}
inline void append(std::vector<std::uint8_t>& out, const void* bytes, std::size_t count) {
  const std::size_t at = out.size();
  out.resize(at + count);
  copy_little(out.data() + at, bytes, count, 1);
}
inline void append(std::vector<std::uint8_t>& out, std::string_view chars) { append(out, chars.data(), chars.size()); }

/// Takes numbers and stretches of bytes from the front of a file's content; never reads past its end.
class byte_reader {
 public:
  byte_reader(std::span<const std::uint8_t> bytes, std::string_view place) : rest_(bytes), place_(place) {}

  [[nodiscard]] std::span<const std::uint8_t> take(std::uint64_t count, std::string_view what) {
    if (count > rest_.size())
      fail(place_, ": ", what, " needs ", count, " bytes, but ", rest_.size(),
           " are left; the file is damaged, use another copy");
    const auto front = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(front.size());
    return front;
  }
  template <std::integral N>
  [[nodiscard]] N number(std::string_view what) {
    N n{};
    copy_little(&n, take(sizeof n, what).data(), 1, sizeof n);
    return n;
  }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::span<const std::uint8_t> rest_;
  std::string_view place_;
};

}  // namespace detail
}  // namespace lnn
