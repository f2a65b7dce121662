// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <type_traits>

namespace lnn {

/// A short list by value with room for Capacity items: constexpr, no heap.  What does not fit is not stored and
/// `overflow()` says so.
template <class T, std::size_t Capacity>
class list {
 public:
  constexpr list() = default;
  constexpr list(std::initializer_list<T> items)
    requires(!std::is_integral_v<T>)
  {
    for (const T& item : items) push_back(item);
  }
  /// Numbers, without a loop: a compiler that evaluates this counts every step.
  template <std::same_as<T>... More>
    requires(std::is_integral_v<T> && sizeof...(More) < Capacity)
  constexpr list(T first, More... more) : items_{first, more...}, count_(1 + sizeof...(More)) {}
  constexpr void push_back(const T& item) {
    if (count_ < Capacity) items_[count_++] = item;
    else overflow_ = true;
  }
  [[nodiscard]] constexpr std::size_t size() const { return count_; }
  [[nodiscard]] constexpr bool empty() const { return count_ == 0; }
  [[nodiscard]] constexpr bool overflow() const { return overflow_; }
  [[nodiscard]] constexpr T& operator[](std::size_t i) { return items_[i]; }
  [[nodiscard]] constexpr const T& operator[](std::size_t i) const { return items_[i]; }
  [[nodiscard]] constexpr const T* data() const { return items_; }
  [[nodiscard]] constexpr T* begin() { return items_; }
  [[nodiscard]] constexpr T* end() { return items_ + count_; }
  [[nodiscard]] constexpr const T* begin() const { return items_; }
  [[nodiscard]] constexpr const T* end() const { return items_ + count_; }
  friend constexpr bool operator==(const list& a, const list& b) {
    if (a.count_ != b.count_) return false;
    for (std::size_t i = 0; i < a.count_; ++i)
      if (!(a.items_[i] == b.items_[i])) return false;
    return true;
  }

 private:
  T items_[Capacity]{};
  std::size_t count_ = 0;
  bool overflow_ = false;
};

}  // namespace lnn
