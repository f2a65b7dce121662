// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <initializer_list>
#include <span>

namespace lnn::lower {

/// Numbers of tensors, a few of them in place: what a step reads or makes.  Any number fits; constant
/// expressions pay little for the usual few.
class wires {
 public:
  constexpr wires() = default;
  constexpr wires(std::initializer_list<int> all) { assign(all.begin(), all.end()); }
  constexpr wires(std::span<const int> all) { assign(all.data(), all.data() + all.size()); }
  constexpr wires(const wires& other) { assign(other.begin(), other.end()); }
  constexpr wires(wires&& other) noexcept { take(other); }
  constexpr wires& operator=(const wires& other) {
    if (this != &other) assign(other.begin(), other.end());
    return *this;
  }
  constexpr wires& operator=(wires&& other) noexcept {
    if (this == &other) return *this;
    delete[] many_;
    take(other);
    return *this;
  }
  constexpr ~wires() { delete[] many_; }

  constexpr void assign(const int* first, const int* last) {
    size_ = 0;
    for (; first != last; ++first) push_back(*first);
  }
  constexpr void push_back(int t) {
    if (size_ == room_) grow();
    begin()[size_++] = t;
  }
  constexpr void clear() { size_ = 0; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] constexpr int* begin() { return many_ ? many_ : few_; }
  [[nodiscard]] constexpr const int* begin() const { return many_ ? many_ : few_; }
  [[nodiscard]] constexpr int* end() { return begin() + size_; }
  [[nodiscard]] constexpr const int* end() const { return begin() + size_; }
  [[nodiscard]] constexpr int* data() { return begin(); }
  [[nodiscard]] constexpr const int* data() const { return begin(); }
  [[nodiscard]] constexpr int& operator[](std::size_t i) { return begin()[i]; }
  [[nodiscard]] constexpr const int& operator[](std::size_t i) const { return begin()[i]; }
  [[nodiscard]] constexpr int back() const { return begin()[size_ - 1]; }
  friend constexpr bool operator==(const wires& a, const wires& b) {
    if (a.size_ != b.size_) return false;
    for (std::size_t i = 0; i < a.size_; ++i)
      if (a[i] != b[i]) return false;
    return true;
  }

 private:
  constexpr void take(wires& other) {
    size_ = other.size_;
    room_ = other.room_;
    many_ = other.many_;
    if (!many_)
      for (std::size_t i = 0; i < size_; ++i) few_[i] = other.few_[i];
    other.many_ = nullptr;
    other.size_ = 0;
    other.room_ = few_room;
  }
  constexpr void grow() {
    int* const more = new int[2 * room_]{};
    for (std::size_t i = 0; i < size_; ++i) more[i] = begin()[i];
    delete[] many_;
    many_ = more;
    room_ *= 2;
  }

  static constexpr std::size_t few_room = 6;
  int few_[few_room]{};
  int* many_ = nullptr;
  std::size_t size_ = 0, room_ = few_room;
};

}  // namespace lnn::lower
